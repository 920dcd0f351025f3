"""What the tools answer: texts that a person can read as the answer, data that the next step can use."""

from collections.abc import Callable
from typing import Any

import pytest

from trivet_sdk import ToolError, ToolResult

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]

STAFF = """id,name,team,salary,since,remote
E1,Ann Lee,Sales,3200.50,2019-03-01,yes
E2,Bo Chan,sales,2900,2021-07-15,no
E3,Cy Díaz,Design,4100,2019-11-30,no
E4,Di Roy,Design,3900,2022-01-10,yes
E5,Ed Fox,Support,,2020-05-05,yes
"""


@pytest.fixture(autouse=True)
def staff(put: Put) -> None:
    put("staff.csv", STAFF.replace("sales", "Sales"))


def where(column: str, op: str, value: Any) -> list[dict[str, Any]]:
    return [{"column": column, "op": op, "value": value}]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"function": "count"}, "5 rows in staff.csv"),
        ({"function": "count", "where": where("team", "=", "design")}, "2 rows of staff.csv where team = design"),
        ({"function": "count", "column": "salary"}, "4 values of salary in staff.csv"),
        ({"function": "sum", "column": "Salary"}, "sum of salary in staff.csv: 14100.5"),
        ({"function": "mean", "column": "salary"}, "mean of salary in staff.csv: 3525.125"),
        ({"function": "median", "column": "salary"}, "median of salary in staff.csv: 3550.25"),
        (
            {"function": "max", "column": "salary"},
            "max of salary in staff.csv: 4100 "
            "(in the row: id E3, name Cy Díaz, team Design, salary 4100, since 2019-11-30, remote no)",
        ),
        (
            {"function": "min", "column": "since", "where": where("since", ">", "2019")},
            "min of since in staff.csv where since > 2019: 2020-05-05 "
            "(in the row: id E5, name Ed Fox, team Support, since 2020-05-05, remote yes)",
        ),
        ({"function": "distinct", "column": "team"}, "3 different values of team in staff.csv: Sales, Design, Support"),
        (
            {"function": "mean", "column": "salary", "group_by": "team"},
            "mean of salary by team in staff.csv: Design 4000, Sales 3050.25, Support (empty)",
        ),
        (
            {"function": "count", "group_by": "remote", "limit": 1},
            "highest number of rows by remote in staff.csv: yes 3",
        ),
        (
            {"function": "count", "group_by": "team", "limit": 1, "descending": False},
            "lowest number of rows by team in staff.csv: Support 1",
        ),
        (
            {"function": "count", "group_by": "team", "limit": 1},
            "highest number of rows by team in staff.csv: Sales 2 (tied with Design)",
        ),
        (
            {"function": "count", "group_by": "since.year"},
            "number of rows by since.year in staff.csv: 2019: 2, 2021: 1, 2022: 1, 2020: 1",
        ),
    ],
)  # fmt: skip
def test_a_figure_is_answered_in_a_sentence(call: Call, arguments: dict[str, Any], text: str) -> None:
    assert call("aggregate", path="staff.csv", **arguments).text == text


def test_data_holds_the_rows_and_the_bare_value(call: Call) -> None:
    single = call("aggregate", path="staff.csv", function="sum", column="salary").value
    assert single == {"columns": ["salary"], "rows": [{"salary": 14100.5}], "row_count": 5, "value": 14100.5}
    top = call("aggregate", path="staff.csv", function="mean", column="salary", group_by="team", limit=1).value
    assert (top["rows"], top["value"], top["row_count"]) == ([{"team": "Design", "salary": 4000.0}], 4000.0, 1)


def test_nothing_matched_is_a_result_without_a_value(call: Call) -> None:
    found = call("aggregate", path="staff.csv", function="mean", column="salary", where=where("team", "=", "Legal"))
    assert (found.value["value"], found.value["row_count"]) == (None, 0)
    assert (
        found.text == "no row of staff.csv where team = Legal, so there is no mean of salary (no row has team = Legal)"
    )
    found = call("aggregate", path="staff.csv", function="count", where=where("team", "=", "Legal"))
    assert (found.value["value"], found.text) == (0, "0 rows of staff.csv where team = Legal (no row has team = Legal)")


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        (where("TEAM", "=", " design "), ["E3", "E4"]),
        (where("team", "!=", "design"), ["E1", "E2", "E5"]),
        (where("salary", ">", 3200.5), ["E3", "E4"]),
        (where("salary", ">=", "3,200.50"), ["E1", "E3", "E4"]),
        (where("salary", "=", ""), ["E5"]),
        (where("salary", "!=", None), ["E1", "E2", "E3", "E4"]),
        (where("salary", "!=", 4100), ["E1", "E2", "E4", "E5"]),
        (where("since", "=", "2019"), ["E1", "E3"]),
        (where("since", "=", 2019), ["E1", "E3"]),
        (where("since", "=", "2019-11"), ["E3"]),
        (where("since", "=", "November 2019"), ["E3"]),
        (where("since", "=", "july"), ["E2"]),
        (where("since", "<", "2020"), ["E1", "E3"]),
        (where("since", "<=", "2020"), ["E1", "E3", "E5"]),
        (where("since", ">", "2021-07"), ["E4"]),
        (where("since", "!=", "2019"), ["E2", "E4", "E5"]),
        (where("name", "contains", "DÍAZ"), ["E3"]),
        (where("name", "=", "cy diaz"), ["E3"]),
        (where("name", ">", "cz"), ["E4", "E5"]),
        (where("team", "in", ["sales", "support"]), ["E1", "E2", "E5"]),
        (where("team", "in", "sales, support"), ["E1", "E2", "E5"]),
        (where("team", "=", ["sales"]), ["E1", "E2"]),
        (where("team", "!=", ["sales", "design"]), ["E5"]),
        (where("id", "in", [{"who": "x", "id": "e2"}, {"who": "y", "id": "E5"}]), ["E2", "E5"]),
        (where("id", "in", {"columns": ["k"], "rows": [{"k": "E2"}]}), ["E2"]),
        (where("id", "in", []), []),
        (where("remote", "=", True), ["E1", "E4", "E5"]),
        (where("remote", "=", "false"), ["E2", "E3"]),
    ],
)  # fmt: skip
def test_conditions_mean_what_people_mean(call: Call, condition: list[dict[str, Any]], ids: list[str]) -> None:
    assert call("select", path="staff.csv", columns=["id"], where=condition).value["values"]["id"] == ids


def test_a_value_with_one_twin_is_read_as_that_twin_and_it_is_said(put: Put, call: Call) -> None:
    put("pets.csv", "name,kind\nRex,dog\nTom,cat\nJim,guinea-pig\n")
    found = call("aggregate", path="pets.csv", function="count", where=where("kind", "=", "Dogs"))
    assert found.text == "1 row of pets.csv where kind = Dogs (read 'Dogs' as 'dog')"
    found = call("aggregate", path="pets.csv", function="count", where=where("kind", "=", "guinea pig"))
    assert found.text == "1 row of pets.csv where kind = guinea pig (read 'guinea pig' as 'guinea-pig')"


def test_columns_can_be_reckoned_together(put: Put, call: Call) -> None:
    put("stock.csv", "item,count,unit price\ntea,3,2.50\ncake,4,3.00\n")
    found = call("aggregate", path="stock.csv", function="sum", column="count * Unit_Price")
    assert found.text == "sum of count * Unit_Price in stock.csv: 19.5"
    found = call("aggregate", path="stock.csv", function="max", column="unit price / count", group_by="item", limit=1)
    assert found.value["rows"] == [{"item": "tea", "unit price / count": pytest.approx(0.833333333333)}]
    with pytest.raises(ToolError) as caught:
        call("aggregate", path="stock.csv", function="sum", column="count * weight")
    assert str(caught.value).startswith("stock.csv has no column 'count * weight'.")


def test_a_year_finds_its_months(put: Put, call: Call) -> None:
    put("sales.csv", "month,sum\n2023-12,5\n2024-01,7\n2024-02,8\n")
    found = call("aggregate", path="sales.csv", function="sum", column="sum", where=where("month", "=", "2024"))
    assert found.value["value"] == 15


def test_a_value_that_occurs_nowhere_brings_the_nearest_ones(put: Put, call: Call) -> None:
    put("pets.csv", "name,kind\nRex,dog\nTom,house cat\n")
    found = call("aggregate", path="pets.csv", function="count", where=where("kind", "=", "cat"))
    assert found.text == "0 rows of pets.csv where kind = cat (no row has kind = cat; did you mean house cat?)"
    assert found.value["notes"] == ["no row has kind = cat; did you mean house cat?"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"columns": ["name"], "where": where("team", "=", "Design")},
            "name in staff.csv where team = Design (2 rows): Cy Díaz, Di Roy",
        ),
        ({"columns": ["team"], "where": where("id", "=", "E5")}, "team in staff.csv where id = E5: Support"),
        ({"columns": ["team"], "distinct": True}, "3 different values of team in staff.csv: Sales, Design, Support"),
        (
            {"columns": ["name", "salary"], "sort_by": "salary", "descending": True, "limit": 1},
            "first of 5 rows of staff.csv, sorted by salary descending: name Cy Díaz, salary 4100",
        ),
        (
            {"columns": ["id", "since"], "sort_by": "since", "limit": 2},
            "first 2 of 5 rows of staff.csv, sorted by since:\nid | since\nE1 | 2019-03-01\nE3 | 2019-11-30",
        ),
        ({"where": where("salary", ">", 9000)}, "no row of staff.csv where salary > 9000"),
    ],
)  # fmt: skip
def test_rows_are_answered_in_a_sentence_or_a_small_table(call: Call, arguments: dict[str, Any], text: str) -> None:
    assert call("select", path="staff.csv", **arguments).text == text


def test_empty_cells_sort_last_in_both_directions(call: Call) -> None:
    for descending in (False, True):
        ids = call("select", path="staff.csv", columns=["id"], sort_by="salary", descending=descending).value["values"][
            "id"
        ]
        assert ids[-1] == "E5"


def test_long_results_are_cut_in_the_text_but_whole_in_the_data(put: Put, call: Call) -> None:
    put("long.csv", "n,square\n" + "".join(f"{n},{n * n}\n" for n in range(500)))
    found = call("select", path="long.csv")
    assert len(found.value["rows"]) == 500
    assert found.text.startswith("500 rows of long.csv:\nn | square\n0 | 0\n1 | 1\n")
    assert found.text.endswith("\n… and 488 more rows")
    assert len(found.text) < 400


def test_compare_tells_both_figures_and_the_difference(call: Call) -> None:
    found = call(
        "compare", path="staff.csv", function="mean", column="salary", by="team", first="design", second="Sales"
    )
    assert (
        found.text
        == "mean of salary in staff.csv: Design 4000, Sales 3050.25; Design is larger by 949.75 (1.311 times)"
    )
    assert (found.value["difference"], found.value["larger"]) == (949.75, "Design")
    by_count = call("compare", path="staff.csv", function="count", column="", by="remote", first="no", second="yes")
    assert by_count.text == "number of rows in staff.csv: no 2, yes 3; yes is larger by 1 (1.5 times)"


def test_compare_refuses_a_group_without_rows(call: Call) -> None:
    with pytest.raises(ToolError) as caught:
        call("compare", path="staff.csv", function="mean", column="salary", by="team", first="Desing", second="Sales")
    assert str(caught.value) == (
        "staff.csv has no mean of salary where team = Desing (no row has team = Desing; did you mean Design?), "
        "so there is nothing to compare."
    )


def test_a_count_is_nothing_where_the_conditions_leave_no_row(call: Call) -> None:
    where = [{"column": "remote", "op": "=", "value": "never"}]
    sides = {"function": "count", "column": "", "by": "team", "where": where}
    found = call("compare", path="staff.csv", **sides, first="design", second="Sales")
    assert found.text.startswith("number of rows in staff.csv where remote = never: Design 0, Sales 0; they are equal")
    with pytest.raises(ToolError, match="so there is nothing to compare"):
        call("compare", path="staff.csv", **sides, first="Desing", second="Sales")


def test_join_matches_across_names_case_and_types(put: Put, call: Call) -> None:
    put("rooms.json", '[{"member": "e1", "room": 12, "name": "north"}, {"member": "E4", "room": 7, "name": "attic"}]')
    found = call(
        "join", path="staff.csv", other="rooms.json", on="id", other_on="member", columns=["id", "room", "name (rooms)"]
    )
    assert found.value["rows"] == [
        {"id": "E1", "room": 12, "name (rooms)": "north"},
        {"id": "E4", "room": 7, "name (rooms)": "attic"},
    ]
    assert found.value["notes"] == ["3 of the 5 rows of staff.csv have no partner in rooms.json"]
    put("numbers.csv", "code,label\n1,one\n2,two\n")
    put("texts.json", '[{"code": "2", "x": 5}]')
    assert call("join", path="numbers.csv", other="texts.json", on="code").value["rows"] == [
        {"code": 2, "label": "two", "x": 5}
    ]


def test_join_without_a_single_match_is_refused_with_both_sides_values(put: Put, call: Call) -> None:
    put("rooms.csv", "member,room\nX9,1\nY9,2\n")
    with pytest.raises(ToolError) as caught:
        call("join", path="staff.csv", other="rooms.csv", on="id", other_on="member")
    assert str(caught.value) == (
        "no id of staff.csv equals a member of rooms.csv, so nothing can be joined. "
        "id holds 'E1', 'E2', 'E3'; member holds 'X9', 'Y9'."
    )


def test_join_on_a_part_of_a_date_is_refused(call: Call) -> None:
    with pytest.raises(ToolError) as caught:
        call("join", path="staff.csv", other="staff.csv", on="since.year")
    assert str(caught.value) == (
        "staff.csv has no column 'since.year'. Say in other_on which of its columns matches: "
        "id, name, team, salary, since, remote."
    )
    with pytest.raises(ToolError) as caught:
        call("join", path="staff.csv", other="staff.csv", on="since.year", other_on="since.year")
    assert str(caught.value) == (
        "'since.year' is worked out from staff.csv and cannot be joined on. Name one of its columns."
    )


def test_tools_work_on_the_rows_of_an_earlier_step(call: Call) -> None:
    rows = call("select", path="staff.csv", where=where("remote", "=", "yes"))
    grouped = call("aggregate", path=rows.value["rows"], function="count", group_by="team")
    assert grouped.text == "number of rows by team in the earlier result: Sales 1, Design 1, Support 1"
    assert call("aggregate", path=rows.value, function="count").value["value"] == 3


def test_describe_gives_planners_types_and_values(call: Call) -> None:
    described = call("describe", path="staff.csv")
    assert described.text == (
        "staff.csv: 5 rows, 6 columns: id (text), name (text), team (text), salary (number), since (date), remote (text)"
    )
    columns = {column["name"]: column for column in described.value["columns"]}
    assert columns["team"] == {
        "name": "team", "type": "text", "examples": ["Sales", "Design", "Support"], "distinct": 3,
        "min": "Design", "max": "Support", "nulls": 0,
    }  # fmt: skip
    assert (columns["salary"]["min"], columns["salary"]["max"], columns["salary"]["nulls"]) == (2900.0, 4100.0, 1)
    assert (columns["since"]["min"], columns["since"]["max"]) == ("2019-03-01", "2022-01-10")


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        (
            "aggregate",
            {"function": "mean", "column": "salery"},
            "staff.csv has no column 'salery'. Did you mean 'salary'? Its columns are id, name, team, salary, since and remote.",
        ),
        (
            "aggregate",
            {"function": "mean", "column": "name"},
            "mean needs numbers, and none of the 5 values of name in staff.csv is one, such as 'Ann Lee'.",
        ),
        ("aggregate", {"function": "sum", "column": "since"}, "since in staff.csv holds dates, so it has no sum."),
        (
            "aggregate",
            {"function": "sum"},
            "sum needs a column. staff.csv has id, name, team, salary, since, remote.",
        ),
        (
            "select",
            {"where": where("salary", ">", "high")},
            "salary in staff.csv holds numbers, and 'high' is not a number.",
        ),
        (
            "select",
            {"where": where("since", "=", "lately")},
            "since in staff.csv holds dates, and 'lately' is no date. Write it like 2014, 2014-03 or 2014-03-21.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_told_in_a_sentence(
    call: Call, name: str, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ToolError) as caught:
        call(name, path="staff.csv", **arguments)
    assert str(caught.value) == sentence


def test_a_column_with_a_few_words_among_numbers_is_used_and_they_are_named(put: Put, call: Call) -> None:
    put("r.csv", "k,v\na,3\nb,closed\nc,5\n")
    assert call("aggregate", path="r.csv", function="mean", column="v").text == (
        "mean of v in r.csv: 4 (left out 1 value that are no numbers, such as 'closed')"
    )


def test_fifty_thousand_rows_take_little_time(put: Put, call: Call) -> None:
    rows = "".join(f"{i},{i % 97},2020-01-{i % 28 + 1:02},{i * 0.5}\n" for i in range(50_000))
    put("big.csv", "id,k,d,v\n" + rows)
    assert call("aggregate", path="big.csv", function="sum", column="v").value["value"] == 624987500
    assert (
        call("aggregate", path="big.csv", function="count", where=where("d", "=", "2020-01-05")).value["value"] == 1786
    )


def test_a_month_is_called_by_its_name_too(put: Put, call: Call) -> None:
    put("t.csv", "day,n\n2024-05-01,4\n2024-06-01,9\n")
    told = call("compare", path="t.csv", function="sum", column="n", by="day.month", first="2024-05", second="2024-06")
    assert "2024-05 (May) 4, 2024-06 (June) 9; 2024-06 (June) is larger by 5" in told.text
    assert told.value["larger"] == "2024-06"
    most = call("aggregate", path="t.csv", function="sum", column="n", group_by="day.month", limit=1)
    assert "2024-06 (June)" in most.text
