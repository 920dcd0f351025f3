"""Pure decisions: names, hidden characters, schemas, effects, pauses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_mcp.names import parts_of, tool_name
from trivet_mcp.parameters import Unusable, parameters_of
from trivet_mcp.restarts import pause
from trivet_mcp.settings import ServerSettings
from trivet_mcp.tool_spec import effect_claimed, spec_of
from trivet_mcp.visible import has_hidden, one_line, visible


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_of_a_tool_can_be_read_back(name: str) -> None:
    assert parts_of(tool_name("my-notes", name)) == ("my-notes", name)
    assert not has_hidden(tool_name("notes", name))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("read_file", "fs_read_file"),
        ("getWeather", "fs_getWeather"),
        ("天气", "fs_天气"),
        ("admin.tools.list", "fs_admin-x2e-tools-x2e-list"),
        ("a-x1-b", "fs_a-x2d-x1-b"),
    ],
)
def test_name_says_server_and_tool(name: str, ours: str) -> None:
    assert tool_name("fs", name) == ours


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\nof two lines", "plain\ttext\nof two lines"),
        ("天气预报:👩\u200d🚀 ❤\ufe0f می\u200cخواهم", "天气预报:👩\u200d🚀 ❤\ufe0f می\u200cخواهم"),
        ("a\u200bb\u202ec\u2066d", "a<U+200B>b<U+202E>c<U+2066>d"),
        ("x\u200d\u200dy", "x<U+200D><U+200D>y"),
        ("hi\U000e0061\U000e0100\ue000", "hi<U+E0061><U+E0100><U+E000>"),
        ("\x1b[31mred\r\n\x07", "<U+001B>[31mred\n<U+0007>"),
        ("far\n\n\n\n\n\ndown\u2028line\u00a0end", "far\n\ndown\nline end"),
    ],
)
def test_what_no_person_would_see_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_long_text_is_cut_with_a_word_about_it() -> None:
    assert visible("x" * 50, 10) == "xxxxxxxxxx … (40 more characters were cut)"
    assert one_line("a\n b " * 100, 12) == "a b a b a b…"


@pytest.mark.parametrize(
    ("claims", "effect"),
    [
        ({}, "effectful"),
        ({"readOnlyHint": True}, "pure"),
        ({"readOnlyHint": False, "idempotentHint": True, "destructiveHint": False}, "idempotent"),
        ({"idempotentHint": True}, "effectful"),
        ({"readOnlyHint": "yes"}, "effectful"),
    ],
)
def test_annotations_become_an_effect(claims: dict[str, object], effect: str) -> None:
    assert effect_claimed(claims) == effect


@pytest.mark.parametrize(
    ("url", "is_remote"),
    [("", False), ("http://localhost:1/", False), ("http://127.0.0.1/mcp", False), ("https://mcp.example.org", True)],
)
def test_server_elsewhere_is_egress_whatever_it_says(url: str, is_remote: bool) -> None:
    entry = {"name": "t", "inputSchema": {"type": "object"}, "annotations": {"openWorldHint": False}}
    assert spec_of(entry, ServerSettings(name="s", url=url)).egress is is_remote


def test_summary_is_the_first_sentence_or_the_title_or_the_name() -> None:
    server = ServerSettings(name="s")
    told = {"name": "t", "title": "A title", "inputSchema": {"type": "object"}}
    assert spec_of({**told, "description": "Do it now.  Then rest."}, server).summary == "Do it now."
    assert spec_of({**told, "description": "查询天气。然后"}, server).summary == "查询天气。"
    assert spec_of(told, server).summary == "A title"
    assert spec_of({"name": "t", "inputSchema": {}}, server).summary == "t"


def test_schema_of_an_older_draft_is_brought_up_to_date() -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "title": "Args",
        "properties": {"a": {"$ref": "#/definitions/A"}, "b": {"$ref": "https://evil.example/b.json"}, "c": True},
        "definitions": {"A": {"type": "array", "items": {"$ref": "#/definitions/A"}}},
    }
    assert parameters_of(schema) == {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}, "b": {}, "c": {}},
        "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}},
    }


def test_schema_beyond_measure_is_refused() -> None:
    deep: dict[str, object] = {}
    for _ in range(100):
        deep = {"properties": {"x": deep}}
    for schema, reason in [
        (deep, "has a schema of more than 40 levels"),
        ({"description": "x" * 200_000}, "has a schema of more than 100,000 bytes"),
        ({"properties": {"n": {"enum": ["a\u200bb"]}}}, "hides characters in its schema"),
        (None, "has no schema for its arguments"),
        ({"type": "array"}, "does not take an object as its arguments"),
    ]:
        with pytest.raises(Unusable) as caught:
            parameters_of(schema)
        assert str(caught.value) == reason


def test_pauses_double_and_end_after_five_failures_in_ten_minutes() -> None:
    assert [pause([0.0] * n, 1.0, jitter=1.0) for n in range(1, 6)] == [1.0, 2.0, 4.0, 8.0, None]
    assert pause([0.0, 0.0, 0.0, 0.0, 700.0], 700.0, jitter=1.0) == 1.0
