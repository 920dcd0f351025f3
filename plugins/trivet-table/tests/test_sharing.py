"""What percentage of a table's rows, or of what they add up to, meets conditions."""

from collections.abc import Callable
from typing import Any

import pytest

from trivet_sdk import ToolError, ToolResult

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]
SHED = [{"column": "shed", "op": "=", "value": "yes"}]


@pytest.fixture(autouse=True)
def plots(put: Put) -> None:
    put(
        "plots.csv",
        "plot,part,area,shed\nP1,mill,100,yes\nP2,mill,200,no\nP3,mill,50,no\nP4,pond,80,no\nP5,pond,,no\nP6,池,70,yes\n",
    )


@pytest.mark.parametrize(
    ("arguments", "text", "value"),
    [
        ({"decimals": 1}, "33.3 % of the 6 rows of plots.csv: 2 where shed = yes", 33.3),
        ({}, "33.333333 % of the 6 rows of plots.csv: 2 where shed = yes", 33.33333333),
        ({"column": "area"}, "34 % of the sum of area (500) in plots.csv: 170 where shed = yes", 34),
        (
            {"where": [{"column": "part", "op": "=", "value": "mill"}], "decimals": 0},
            "33 % of the 3 rows of plots.csv where part = mill: 1 where shed = yes",
            33,
        ),
        (
            {"where": [{"column": "part", "op": "=", "value": "pond"}]},
            "0 % of the 2 rows of plots.csv where part = pond: 0 where shed = yes",
            0,
        ),
    ],
)
def test_a_share_of_all(call: Call, arguments: dict[str, Any], text: str, value: float) -> None:
    found = call("share", path="plots.csv", part=SHED, **arguments)
    assert found.text == text
    assert found.value["value"] == value


def test_a_share_of_each_group_and_groups_that_have_none(call: Call) -> None:
    found = call("share", path="plots.csv", part=SHED, group_by="part", decimals=1)
    assert found.text == "share of the rows where shed = yes by part in plots.csv: 池: 100 %, mill: 33.3 %, pond: 0 %"
    assert list(found.value["rows"][2].values()) == ["pond", 0, 0, 2]
    assert len(set(found.value["columns"])) == 4


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"part": []}, "a share needs the conditions of the part in 'part'. Say which rows count."),
        ({"part": SHED, "column": "plot"}, "sum needs numbers, and none of the 6 values of plot in plots.csv is one"),
        ({"part": [{"column": "hut", "op": "=", "value": 1}]}, "plots.csv has no column 'hut'."),
    ],
)
def test_what_is_no_share_is_refused(call: Call, arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ToolError) as caught:
        call("share", path="plots.csv", **arguments)
    assert str(caught.value).startswith(complaint)


def test_of_losses_and_gains_nothing_is_a_share(call: Call, put: Put) -> None:
    put("sums.csv", "kind,eur\na,-5\nb,10\n")
    with pytest.raises(ToolError, match=r"sum of eur in sums\.csv has negative figures"):
        call("share", path="sums.csv", column="eur", part=[{"column": "kind", "op": "=", "value": "a"}])


def test_of_no_rows_there_is_no_share(call: Call) -> None:
    none = [{"column": "area", "op": ">", "value": 999}]
    found = call("share", path="plots.csv", part=SHED, where=none)
    assert found.text == "no row of plots.csv where area > 999, so there is no share"
    assert found.value["value"] is None
