"""Arrays between processes: in their message, in shared memory, in pieces; numpy is served, and not needed."""

import array
import mmap
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from trivet_sdk.worker import arrays

pytestmark = pytest.mark.anyio
LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="shared memory is Linux's memfd; elsewhere arrays go in pieces"
)


async def sent(value: Any, share: Any, opened: Any = None) -> arrays.Rows:
    async def arriving() -> AsyncIterator[Any]:
        for piece in arrays.pieces(value, share):
            yield piece

    return await arrays.gathered(arriving(), opened)


@pytest.mark.parametrize("rows", [[], [[0.5, 1.0]], [[0.25 * n] * 4 for n in range(3)]])
async def test_nested_sequences_arrive_as_nested_sequences(rows: list[list[float]]) -> None:
    arrived = await sent(rows, lambda content: -1)
    assert [list(row) for row in arrived] == rows
    assert len(arrived) == len(rows)


async def test_large_array_without_shared_memory_comes_in_pieces() -> None:
    rows = [[float(n)] * 300 for n in range(2000)]
    assert (await sent(rows, lambda content: -1))[-1][299] == 1999.0


@LINUX
async def test_large_array_comes_in_shared_memory_and_leaves_no_trace() -> None:
    made: list[int] = []

    def share(content: memoryview) -> int:
        made.append(arrays.shared(content))
        return made[-1]

    def opened(head: arrays.Array) -> mmap.mmap:
        try:
            return arrays.opened(os.getpid(), head)
        finally:
            os.close(head.descriptor)

    before = os.listdir("/dev/shm")
    rows = [[float(n)] * 100 for n in range(1000)]
    arrived = await sent(rows, share, opened)
    assert len(made) == 1
    assert list(arrived[999]) == [999.0] * 100
    assert os.listdir("/dev/shm") == before


@LINUX
async def test_memory_that_could_still_be_changed_is_refused() -> None:
    descriptor = os.memfd_create("trivet-array")
    os.write(descriptor, bytes(100))
    head = arrays.Array((25, 1), "f", 100, b"", descriptor)
    with pytest.raises(TypeError) as caught:
        arrays.opened(os.getpid(), head)
    os.close(descriptor)
    assert str(caught.value) == "an array came in memory that could still be changed"


@LINUX
async def test_descriptor_of_anything_but_shared_memory_is_refused() -> None:
    with open(os.devnull, "rb") as file, pytest.raises(TypeError) as caught:
        arrays.opened(os.getpid(), arrays.Array((25, 1), "f", 100, b"", file.fileno()))
    assert str(caught.value) == "an array came without its memory"


async def test_numpy_array_arrives_without_a_copy_on_the_way_out() -> None:
    numpy = pytest.importorskip("numpy")
    value = numpy.arange(12, dtype="float32").reshape(3, 4)
    arrived = await sent(value, lambda content: -1)
    assert numpy.array_equal(numpy.asarray(arrived), value)
    assert numpy.array_equal(numpy.asarray(await sent(value[:, ::2], lambda content: -1)), value[:, ::2])
    assert numpy.asarray(await sent(numpy.zeros((0, 4), "float32"), lambda content: -1)).shape == (0, 4)


async def test_array_that_is_cut_short_is_refused() -> None:
    async def arriving() -> AsyncIterator[Any]:
        yield arrays.Array((100, 100), "f", 40_000)
        yield arrays.Piece(bytes(39_999))

    with pytest.raises(TypeError) as caught:
        await arrays.gathered(arriving(), None)  # type: ignore[arg-type]
    assert str(caught.value) == "an array came in part only"


def test_array_of_odd_things_is_refused_by_name() -> None:
    with pytest.raises(TypeError) as caught:
        arrays.laid_out(memoryview(array.array("w" if sys.version_info >= (3, 13) else "u", "abc")))
    assert "cannot leave its process; make it float32" in str(caught.value)


def test_arrays_need_no_numpy() -> None:
    code = "import sys, trivet_sdk.worker.arrays, trivet_sdk.worker.life; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
