"""Tool names on the wire and back."""

import re

from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk.prompting import from_wire, to_wire

names = st.text(min_size=1, max_size=90) | st.from_regex(r"[a-z][a-z0-9_-]*\.[a-z_x-]+", fullmatch=True)


def test_ordinary_names_stay_readable() -> None:
    assert to_wire("table.select") == "table-select"
    assert to_wire("calculate.days_between") == "calculate-days_between"
    assert to_wire("answer") == "answer"
    assert to_wire("web-search.find") == "web-x2d-search-find"
    assert to_wire("files.xml") == "files-x2e-xml"


@given(names)
def test_wire_names_fit_every_endpoint(name: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", to_wire(name))


@given(names)
def test_wire_names_are_read_back(name: str) -> None:
    assert from_wire(to_wire(name), [name]) == name
    if len(to_wire(name)) < 64:
        assert from_wire(to_wire(name)) == name


@given(st.lists(names, unique=True))
def test_different_tools_have_different_wire_names(tools: list[str]) -> None:
    assert len({to_wire(name) for name in tools}) == len(tools)


def test_a_name_written_plainly_is_taken_as_it_is() -> None:
    assert from_wire("table.select", ["table.select"]) == "table.select"


def test_a_name_that_nobody_offered_is_still_readable() -> None:
    assert from_wire("table-drop", ["table.select"]) == "table.drop"
    assert from_wire("a-xffffffff-b") == "a-xffffffff-b"
