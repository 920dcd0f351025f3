"""What one list has and another has not, and what is different in two files of the same shape."""

from collections.abc import Callable
from typing import Any

import pytest

from trivet_sdk import ToolError, ToolResult

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]


@pytest.fixture(autouse=True)
def files(put: Put) -> None:
    put("guests.txt", "Ann Lee\n BO  CHAN\nZoe Ray\n\n")
    put("todo.md", "# Packing\n\nBefore we leave:\n\n- [ ] tent\n- [x] rope\n")
    put("packed.txt", "1. Rope\n2. stove\n")
    put("staff.csv", "id,name,city\nE1,Ann Lee,Oslo\nE2,Bo Chan,Lima\nE3,Cy Díaz,Oslo\n")
    put("rooms.json", '[{"room": 1, "who": "E1"}, {"room": 2, "who": "E3"}, {"room": 3, "who": null}]')
    put("old.toml", "[rent]\nflat = 500\nshed = 20\n[fees]\nkey = 5\n")
    put("new.yaml", "rent:\n  flat: 520\n  shed: 20\nfees:\n  card: 8\n")
    put("stock 1.csv", "item,pieces,shelf\ntent,4,A\nrope,9,B\n")
    put("stock 2.csv", "item,pieces,shelf\ntent,4,C\nrope,7,B\nlamp,2,A\n")
    put("visits.csv", "day,guest\n1,Zoe Ray\n2,Ann Lee\n3,Zoe Ray\n")
    put("名单.txt", "林秀梅\n周敏\n")
    put("会员.csv", "编号,姓名\n1,周敏\n2,何伟\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"path": "guests.txt", "other": "staff.csv", "show": "only"},
            "1 of the 3 entries of guests.txt is not in staff.csv by name: Zoe Ray",
        ),
        (
            {"path": "guests.txt", "other": "staff.csv", "show": "both"},
            "2 of the 3 entries of guests.txt are also in staff.csv by name: Ann Lee, BO CHAN",
        ),
        (
            {"path": "todo.md", "other": "packed.txt", "show": "only"},
            "1 of the 2 entries of todo.md is not in packed.txt: tent",
        ),
        (
            {"path": "packed.txt", "other": "packed.txt", "show": "only"},
            "none of the 2 entries of packed.txt is not in packed.txt",
        ),
        (
            {"path": "staff.csv", "other": "rooms.json", "on": "id", "other_on": "who", "show": "only"},
            "1 of the 3 rows of staff.csv is not in rooms.json by id and who:\nid | name | city\nE2 | Bo Chan | Lima",
        ),
        (
            {"path": "stock 2.csv", "other": "stock 1.csv", "show": "only"},
            "1 of the 3 rows of stock 2.csv is not in stock 1.csv by item:\nitem | pieces | shelf\nlamp | 2 | A",
        ),
        (
            {"path": "名单.txt", "other": "会员.csv", "show": "only"},
            "1 of the 2 entries of 名单.txt is not in 会员.csv by 姓名: 林秀梅",
        ),
        (
            {"path": "visits.csv", "other": "staff.csv", "on": "guest", "show": "only"},
            "1 of the 2 different guests of visits.csv is not in staff.csv by guest and name: Zoe Ray",
        ),
        (
            {"path": "new.yaml", "other": "old.toml"},
            "1 setting of new.yaml differs from old.toml:\nsetting | old.toml | new.yaml\nrent.flat | 500 | 520\n"
            "only in new.yaml: fees.card\nonly in old.toml: fees.key",
        ),
        (
            {"path": "stock 2.csv", "other": "stock 1.csv"},
            "2 values of stock 2.csv differ from stock 1.csv:\nitem | column | stock 1.csv | stock 2.csv\n"
            "tent | shelf | A | C\nrope | pieces | 9 | 7\nonly in stock 2.csv: lamp",
        ),
        ({"path": "old.toml", "other": "old.toml"}, "no setting of old.toml differs from old.toml"),
    ],
)
def test_two_files_are_told_apart(call: Call, arguments: dict[str, Any], text: str) -> None:
    assert call("differ", **arguments).text == text


def test_rows_without_the_key_are_left_out_and_said(call: Call) -> None:
    found = call("differ", path="rooms.json", other="staff.csv", on="who", other_on="id", show="only")
    assert found.text == (
        "none of the 2 rows of rooms.json is not in staff.csv by who and id (1 row of rooms.json without who left out)"
    )
    assert (found.value["rows"], found.value["matched"], found.value["of"]) == ([], 0, 2)


def test_what_an_earlier_step_found_is_a_list_too(call: Call) -> None:
    rows = [{"name": "Zoe Ray"}, {"name": "Ann Lee"}]
    found = call("differ", path=rows, other="staff.csv", show="only")
    assert found.value["values"] == {"name": ["Zoe Ray"]}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            {"path": "guests.txt", "other": "rooms.json", "show": "only"},
            "guests.txt and rooms.json have no value in common, so nobody can tell by which columns they belong together. "
            "Name them in 'on' and 'other_on'.",
        ),
        (
            {"path": "staff.csv", "other": "rooms.json", "on": "age"},
            "staff.csv has no column 'age'. Its columns are id, name, city.",
        ),
        (
            {"path": "staff.csv", "other": "staff.csv", "on": "city"},
            "staff.csv has several rows with the same city, so nobody can tell which belong together.",
        ),
        (
            {"path": "guests.txt", "other": "guests.txt"},
            "guests.txt and guests.txt have no column in common but entry, so no value can differ.",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_refused(call: Call, arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ToolError) as caught:
        call("differ", **arguments)
    assert str(caught.value).startswith(complaint)


def test_prose_is_no_list(call: Call, put: Put) -> None:
    put("letter.txt", "Dear all,\n" + "we shall meet again in the old mill on the second Sunday of May " * 3 + "\n")
    with pytest.raises(ToolError, match=r"letter\.txt is text, not a table"):
        call("differ", path="letter.txt", other="staff.csv", show="only")
