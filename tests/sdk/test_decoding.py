"""Bytes of whatever encoding become text, and say which it was."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk import ToolError
from trivet_sdk.decoding import decode
from trivet_sdk.writing import write_whole


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("plain words", "utf-8", "utf-8"),
        ("文档里的字", "utf-8", "utf-8"),
        ("文档里的字", "utf-8-sig", "utf-8-sig"),
        ("文档里的字", "utf-16", "utf-16"),
        ("mostly Latin words", "utf-16-le", "utf-16-le"),
        ("mostly Latin words", "utf-16-be", "utf-16-be"),
        ("名称,数量\n桨,十二\n船只和器材的清单", "gb18030", "gb18030"),
        ("prénom;âge\nZoé;31", "cp1252", "cp1252"),
    ],
)
def test_text_is_read_in_the_encoding_that_wrote_it(text: str, encoding: str, named: str) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, named)


@given(st.binary(max_size=400))
def test_no_bytes_are_refused(content: bytes) -> None:
    assert isinstance(decode(content).text, str)


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "新" / "表.csv"
    write_whole(target, b"old")
    write_whole(target, b"new")
    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["表.csv"]


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(ToolError) as failed:
        write_whole(target, b"new")
    assert str(failed.value) == "'folder' cannot be written: is a directory."
    with pytest.raises(ToolError) as below:
        write_whole(tmp_path / "folder" / ("x" * 300), b"new")
    assert str(below.value) == f"'{'x' * 300}' cannot be written: file name too long."
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
