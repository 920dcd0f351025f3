"""Frames: whatever the pieces in which they arrive, they are the ones that were sent, or the reader says what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk.worker.frames import HEADER, BrokenFrame, FrameReader, FrameTooLarge, FrameWriter

PAYLOADS = st.lists(st.binary(max_size=300), min_size=1, max_size=8)


def written(payloads: list[bytes], bound: int = 1000) -> list[bytes]:
    writer = FrameWriter(bound)
    return [bytes(writer.finish(bytearray(HEADER.size) + payload)) for payload in payloads]


@given(PAYLOADS, st.lists(st.integers(1, 50), max_size=60))
def test_frames_arrive_whole_in_whatever_pieces_they_come(payloads: list[bytes], cuts: list[int]) -> None:
    wire = b"".join(written(payloads))
    reader, found = FrameReader(1000), list[bytes]()
    for cut in cuts:
        found += reader.feed(wire[:cut])
        wire = wire[cut:]
    found += reader.feed(wire)
    assert found == payloads
    assert reader.is_between


@given(PAYLOADS, st.data())
def test_replayed_frame_is_noticed(payloads: list[bytes], data: st.DataObject) -> None:
    frames = written(payloads)
    again = data.draw(st.integers(0, len(frames) - 1))
    with pytest.raises(BrokenFrame) as caught:
        FrameReader(1000).feed(b"".join([*frames, frames[again]]))
    assert str(caught.value) == f"sent frame {again} where frame {len(frames)} was due"


@given(PAYLOADS, st.data())
def test_frame_that_is_left_out_is_noticed(payloads: list[bytes], data: st.DataObject) -> None:
    frames = written([*payloads, b"last"])
    out = data.draw(st.integers(0, len(frames) - 2))
    with pytest.raises(BrokenFrame):
        FrameReader(1000).feed(b"".join(frames[:out] + frames[out + 1 :]))


@given(PAYLOADS, st.data())
def test_truncated_frame_is_never_taken_for_a_whole_one(payloads: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(written(payloads))
    end = data.draw(st.integers(1, len(wire) - 1))
    reader = FrameReader(1000)
    found = reader.feed(wire[:end])
    assert found == payloads[: len(found)]
    assert reader.is_between == (sum(HEADER.size + len(each) for each in found) == end)


@given(st.binary(min_size=8, max_size=400))
def test_noise_is_refused_or_waits_for_more_but_breaks_nothing_else(noise: bytes) -> None:
    reader = FrameReader(64)
    try:
        found = reader.feed(noise)
    except BrokenFrame:
        return
    assert sum(HEADER.size + len(each) for each in found) <= len(noise)


def test_oversized_frame_is_refused_by_its_header_alone() -> None:
    with pytest.raises(BrokenFrame) as caught:
        FrameReader().feed(HEADER.pack(50_000_000, 0))
    assert str(caught.value) == "sent a frame of 50.0 MB, more than the 16.8 MB allowed"


def test_what_is_too_large_is_refused_where_it_is_written_and_uses_up_no_number() -> None:
    writer = FrameWriter(10)
    with pytest.raises(FrameTooLarge) as caught:
        writer.finish(bytearray(HEADER.size + 11))
    assert str(caught.value) == "11 bytes do not fit into one message of at most 10 bytes"
    assert FrameReader(10).feed(bytes(writer.finish(bytearray(HEADER.size) + b"ten"))) == [b"ten"]
