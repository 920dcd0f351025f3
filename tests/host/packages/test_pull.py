"""Model files arrive whole, checked, or not at all. Wheels come from a folder that pip looks into."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from trivet.errors import WeightsError
from trivet.packages.http_download import download
from trivet.packages.installer import pip_command
from trivet.packages.pull import digest_of, pull, remove
from trivet.packages.source_parts import Part, parts_of
from trivet.packages.weights import Weights
from trivet_sdk.manifest import WeightsDeclaration

CONTENT = b"\x00weights" * 1000


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the wheel of `tiny-model`, and pip told to look nowhere else."""
    folder = tmp_path / "links"
    folder.mkdir()
    files = {
        "tiny_model/__init__.py": b"raise RuntimeError('nobody imports a wheel of weights')",
        "tiny_model/model.bin": CONTENT,
        "tiny_model/parts/a.txt": b"a",
        "tiny_model/parts/deep/b.txt": b"b",
        "tiny_model-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\nRequires-Dist: not-there\n",
        "tiny_model-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tiny_model-1.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


def weights(path: str = "tiny_model/model.bin", *, sha256: str = "", source: str = "", size: int = 0) -> Weights:
    declaration = WeightsDeclaration(
        name="tiny", source=source or f"pypi:tiny-model==1.0#{path}", sha256=sha256, size=size
    )
    return Weights(declaration=declaration, plugin="test", package="test_plugin")


def quiet(done: int, total: int) -> None:
    return


PARTS = {number: bytes([number]) * (1000 + number) for number in range(8, 12)}
ADDRESS = "https://127.0.0.1:9/models/whole-q4.gguf"
"""Nobody listens there."""


@pytest.fixture
def parts(links: Path) -> Path:
    """`PARTS` as the wheels of `tiny-part8` to `tiny-part11` beside the other one."""
    for number, content in PARTS.items():
        package = f"tiny_part{number}"
        about = f"{package}-1.0.dist-info"
        with zipfile.ZipFile(links / f"{package}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{package}/{number:02d}.bin", content)
            wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
            wheel.writestr(
                f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{about}/RECORD", "")
    return links


def cut(source: str = ADDRESS, *mirrors: str, last: int = 11, sha256: str = "") -> Weights:
    """Weights whose first source nobody answers for, with the parts as a mirror."""
    ranged = f"pypi:tiny-part{{8..{last}}}==1.0#tiny_part{{8..{last}}}/{{08..{last}}}.bin"
    content = b"".join(PARTS.values())
    declaration = WeightsDeclaration(
        name="tiny",
        source=source,
        mirrors=(*mirrors, ranged),
        sha256=sha256 or hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    return Weights(declaration=declaration, plugin="test", package="test_plugin")


def left_over(home: Path) -> list[str]:
    return [path.name for path in (home / "weights").iterdir() if path.name.startswith(".")]


def test_file_arrives_checked_and_alone(tmp_path: Path, links: Path) -> None:
    path = pull(weights(sha256=hashlib.sha256(CONTENT).hexdigest()), tmp_path, quiet)
    assert path == tmp_path / "weights" / "tiny" / "model.bin"
    assert path.read_bytes() == CONTENT
    assert [each.name for each in path.parent.iterdir()] == ["model.bin"]
    assert left_over(tmp_path) == []


def test_folder_arrives_as_a_folder(tmp_path: Path, links: Path) -> None:
    path = pull(weights("tiny_model/parts/"), tmp_path, quiet)
    assert path == tmp_path / "weights" / "tiny"
    assert sorted(each.relative_to(path).as_posix() for each in path.rglob("*.txt")) == ["a.txt", "deep/b.txt"]
    lines = "".join(f"{name}\0{hashlib.sha256(name[-5:-4].encode()).hexdigest()}\n" for name in ("a.txt", "deep/b.txt"))
    assert digest_of(path) == hashlib.sha256(lines.encode()).hexdigest()


def test_second_pull_asks_nobody(tmp_path: Path, links: Path) -> None:
    first = pull(weights(), tmp_path, quiet)
    (links / "tiny_model-1.0-py3-none-any.whl").unlink()
    assert pull(weights(), tmp_path, quiet) == first


def test_pip_that_python_bundles_serves_where_there_is_no_other(
    tmp_path: Path, links: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    command = pip_command()
    assert command is not None
    assert command[0] == sys.executable
    assert Path(command[-1]).parent.name.startswith("pip-")
    assert pull(weights(), tmp_path, quiet).read_bytes() == CONTENT


def test_wrong_checksum_keeps_nothing(tmp_path: Path, links: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(weights(sha256="0" * 64), tmp_path, quiet)
    assert str(caught.value) == (
        f"model files 'tiny': what arrived is not what was declared (SHA-256 {hashlib.sha256(CONTENT).hexdigest()[:12]}…, "
        "expected 000000000000…); it was not kept."
    )
    assert list((tmp_path / "weights").iterdir()) == []


def test_missing_file_in_the_wheel_is_named(tmp_path: Path, links: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(weights("tiny_model/other.bin"), tmp_path, quiet)
    assert str(caught.value) == "model files 'tiny': pypi:tiny-model==1.0 holds no 'tiny_model/other.bin'"


def test_unknown_wheel_is_told_in_the_words_of_pip(tmp_path: Path, links: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(weights(source="pypi:not-there-at-all==1.0#a"), tmp_path, quiet)
    assert "No matching distribution found for not-there-at-all==1.0" in str(caught.value)


def test_dead_network_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(WeightsError) as caught:
        pull(weights(), tmp_path, quiet)
    assert str(caught.value) == (
        "model files 'tiny': the package index cannot be reached. Check the network and pip's settings "
        "(PIP_INDEX_URL, PIP_PROXY), or point PIP_FIND_LINKS at a folder that holds the wheel."
    )


def test_full_disk_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(weights(size=10**18), tmp_path, quiet)
    assert str(caught.value).startswith("model files 'tiny': the disk is full: 2200000000000 MB are needed at ")


def test_unwritable_home_is_told(tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file where a folder should be")
    with pytest.raises(WeightsError) as caught:
        pull(weights(), tmp_path, quiet)
    assert str(caught.value) == f"model files 'tiny': they cannot be written: File exists ({tmp_path / 'weights'})"


def test_leftovers_of_a_killed_pull_are_swept(tmp_path: Path, links: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    (tmp_path / "weights" / f".new-tiny-{ended.stdout.strip()}").mkdir(parents=True)
    pull(weights(), tmp_path, quiet)
    assert left_over(tmp_path) == []


INTERRUPTED = """
import sys
from pathlib import Path
from trivet.packages.pull import pull
from trivet.packages.weights import Weights
from trivet_sdk.manifest import WeightsDeclaration

def told(done, total):
    print("going", flush=True)

declaration = WeightsDeclaration(name="tiny", source="pypi:tiny-model==1.0#tiny_model/model.bin")
pull(Weights(declaration=declaration, plugin="test", package="test_plugin"), Path(sys.argv[1]), told)
"""


def test_interrupted_pull_leaves_nothing(tmp_path: Path, links: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert list((tmp_path / "weights").iterdir()) == []


def test_removed_files_are_gone(tmp_path: Path, links: Path) -> None:
    path = pull(weights(), tmp_path, quiet)
    assert remove(weights(), tmp_path)
    assert not path.exists()
    assert not remove(weights(), tmp_path)


def test_parts_are_put_one_after_the_other_where_the_first_source_is_silent(tmp_path: Path, parts: Path) -> None:
    said: list[str] = []
    progress: list[tuple[int, int]] = []
    path = pull(cut(), tmp_path, lambda done, total: progress.append((done, total)), said.append)
    assert path == tmp_path / "weights" / "tiny" / "whole-q4.gguf"
    assert path.read_bytes() == b"".join(PARTS.values())
    assert [each.name for each in path.parent.iterdir()] == ["whole-q4.gguf"]
    assert said == [
        f"model files 'tiny': {ADDRESS} cannot be reached: [Errno 111] Connection refused. Check the network and try again. "
        "Trying the next source."
    ]
    size = path.stat().st_size
    assert {total for _, total in progress} == {size}
    assert all(0 <= done <= size for done, _ in progress)
    assert left_over(tmp_path) == []


def test_wheel_of_a_part_is_gone_before_the_next_one_comes(tmp_path: Path, parts: Path) -> None:
    most = 0

    def look(done: int, total: int) -> None:
        nonlocal most
        most = max(most, len(list(tmp_path.rglob("part/wheel/*.whl"))))

    pull(cut(), tmp_path, look)
    assert most <= 1


def test_mirror_of_one_file_has_the_name_of_the_address(tmp_path: Path, links: Path) -> None:
    declaration = WeightsDeclaration(
        name="tiny",
        source=ADDRESS,
        mirrors=("pypi:tiny-model==1.0#tiny_model/model.bin",),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )
    path = pull(Weights(declaration=declaration, plugin="test", package="test_plugin"), tmp_path, quiet)
    assert (path.name, path.read_bytes()) == ("whole-q4.gguf", CONTENT)


def test_source_that_brings_something_else_is_followed_by_the_next(tmp_path: Path, parts: Path) -> None:
    said: list[str] = []
    pull(cut("pypi:tiny-model==1.0#tiny_model/model.bin"), tmp_path, quiet, said.append)
    assert [sentence.partition(" (")[0] for sentence in said] == [
        "model files 'tiny': what arrived is not what was declared"
    ]


def test_every_reason_is_told_where_no_source_helps(tmp_path: Path, parts: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(cut(ADDRESS, "ftp://somewhere/x", sha256="0" * 64), tmp_path, quiet)
    found = hashlib.sha256(b"".join(PARTS.values())).hexdigest()[:12]
    assert str(caught.value) == (
        f"model files 'tiny': {ADDRESS} cannot be reached: [Errno 111] Connection refused. Check the network and try again; "
        f"then nobody knows how to fetch 'ftp://somewhere/x'; then what arrived is not what was declared (SHA-256 {found}…, "
        "expected 000000000000…); it was not kept."
    )
    assert list((tmp_path / "weights").iterdir()) == []


def test_part_that_is_missing_is_named(tmp_path: Path, parts: Path) -> None:
    (parts / "tiny_part10-1.0-py3-none-any.whl").unlink()
    with pytest.raises(WeightsError) as caught:
        pull(cut("https://127.0.0.1:9/a"), tmp_path, quiet)
    assert "No matching distribution found for tiny-part10==1.0" in str(caught.value)
    assert list((tmp_path / "weights").iterdir()) == []


def test_ranges_count_together_with_as_many_digits_as_the_first_number_has() -> None:
    found = parts_of("tiny", "pypi:a-{9..11}==1.0#a_{9..11}/{09..11}.bin")
    assert found == (Part("a-9==1.0", "a_9/09.bin"), Part("a-10==1.0", "a_10/10.bin"), Part("a-11==1.0", "a_11/11.bin"))


@pytest.mark.parametrize("source", ["pypi:a-{1..3}==1.0#a/{1..2}.bin", "pypi:a-{3..1}==1.0#a"])
def test_ranges_that_do_not_count_together_are_told(source: str) -> None:
    with pytest.raises(WeightsError) as caught:
        parts_of("tiny", source)
    assert str(caught.value) == f"model files 'tiny': the ranges in '{source}' do not count together"


def test_server_that_does_not_answer_is_given_up_soon(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}/model.gguf"
        with pytest.raises(WeightsError) as caught:
            download("tiny", address, tmp_path / "file", 0, quiet, patience=0.2)
    assert str(caught.value) == (
        f"model files 'tiny': {address} cannot be reached: no answer within 0.2 seconds. Check the network and try again."
    )
