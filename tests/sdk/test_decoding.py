"""Bytes of whatever encoding become text, and say which it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk.decoding import decode


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
