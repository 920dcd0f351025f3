from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from trivet_sdk import ToolError, ToolResult, Workspace
from trivet_sdk.testing import StandaloneCall
from trivet_sdk.testing import call as call_tool
from trivet_table.tools import sql as SQL

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]


@pytest.fixture(autouse=True)
def shop(put: Put) -> None:
    put("shop.csv", "item,count,price,sold\ntea,3,2.50,2024-05-01\ncake,4,3.00,2024-06-02\n")
    put("2024 visits.json", '[{"day": "2024-05-01", "people": 12}]')


def refusal(call: Call, query: str, *paths: str) -> str:
    with pytest.raises(ToolError) as caught:
        call("sql", query=query, paths=list(paths or ["shop.csv"]))
    return str(caught.value)


def test_a_select_is_answered(call: Call) -> None:
    found = call("sql", query="SELECT sum(count * price) AS total FROM shop", paths=["shop.csv"])
    assert (found.text, found.value["value"]) == ("total: 19.5", 19.5)
    found = call("sql", query="SELECT item, month(sold) AS m FROM data ORDER BY price DESC;", paths=["shop.csv"])
    assert found.value["rows"] == [{"item": "cake", "m": 6}, {"item": "tea", "m": 5}]


def test_texts_that_differ_in_case_alone_are_equal(call: Call, put: Put) -> None:
    put("picked.csv", "who,kg\nMira,1\nmira,2\nTom,4\nÄnne,8\n")
    put("family.csv", "name,born\nMIRA,2001\n")
    found = call("sql", query="SELECT who, sum(kg) AS kg FROM picked GROUP BY who ORDER BY kg", paths=["picked.csv"])
    assert found.value["rows"] == [{"who": "Mira", "kg": 3}, {"who": "Tom", "kg": 4}, {"who": "Änne", "kg": 8}]
    for query, value in {
        "SELECT count(DISTINCT who) FROM picked": 3,
        "SELECT sum(kg) FROM picked WHERE who = 'ÄNNE'": 8,
        "SELECT sum(kg) FROM picked WHERE who IN ('MIRA')": 3,
        "SELECT sum(kg) FROM picked JOIN family ON who = name": 3,
    }.items():
        assert call("sql", query=query, paths=["picked.csv", "family.csv"]).value["value"] == value


def test_several_files_are_tables_by_their_stems(call: Call) -> None:
    query = "WITH v AS (SELECT people FROM t_2024_visits) SELECT sum(count) * 1.0 / (SELECT people FROM v) AS each FROM shop"
    assert call("sql", query=query, paths=["shop.csv", "2024 visits.json"]).value["value"] == pytest.approx(7 / 12)
    found = call("sql", query='SELECT people FROM "2024 visits"', paths=["2024 visits.json"])
    assert found.text == "people: 12"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("DROP TABLE t0", "only SELECT is allowed, and this is DROP. Write results with table.write."),
        ("COPY shop TO '/tmp/x'", "only SELECT is allowed, and this is COPY. Write results with table.write."),
        ("ATTACH '/tmp/a.db'", "only SELECT is allowed, and this is ATTACH. Write results with table.write."),
        ("SELECT 1; SELECT 2", "the query holds 2 statements. Send one SELECT."),
        ("", "the query holds 0 statements. Send one SELECT."),
        ("SELECT nme FROM shop", 'the query failed: Binder Error: Referenced column "nme" not found in FROM clause! '
         "shop has item, count, price, sold."),
        ("SELECT * FROM shops", "the query failed: Catalog Error: Table with name shops does not exist! "
         "The tables are shop, data. Did you mean shop?"),
    ],
)  # fmt: skip
def test_anything_but_one_fitting_select_is_refused(call: Call, query: str, sentence: str) -> None:
    assert refusal(call, query) == sentence


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_blob('/etc/hostname')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
        "SELECT * FROM read_json('https://example.org/x.json')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT getenv('HOME')",
    ],
)
def test_no_query_reaches_a_file_or_the_network(call: Call, query: str) -> None:
    assert refusal(call, query).startswith("the query failed: ")


def test_a_query_cannot_unlock_what_was_locked(call: Call) -> None:
    assert refusal(call, "SET enable_external_access = true").startswith("only SELECT is allowed, and this is SET.")
    assert refusal(call, "SELECT 1 UNION ALL SELECT * FROM (FROM query('SET threads = 1'))").startswith(
        "the query failed: "
    )


QUERY_WITHOUT_END = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range = 7"


async def test_a_query_without_end_is_interrupted_when_the_call_is_cancelled(put: Put, tmp_path: Path) -> None:
    ctx = StandaloneCall(Workspace(tmp_path))
    caught: list[ToolError] = []

    async def ask() -> None:
        try:
            await call_tool(SQL, {"query": QUERY_WITHOUT_END, "paths": ["shop.csv"]}, context=ctx)
        except ToolError as error:
            caught.append(error)

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await anyio.sleep(0.2)
            ctx.is_cancelled = True
    assert [str(error) for error in caught] == ["the call was cancelled before the table was worked through."]


async def test_a_query_without_end_is_interrupted_at_the_deadline(put: Put, tmp_path: Path) -> None:
    ctx = StandaloneCall(Workspace(tmp_path), deadline=anyio.current_time() + 0.2)
    with anyio.fail_after(20), pytest.raises(ToolError) as caught:
        await call_tool(SQL, {"query": QUERY_WITHOUT_END, "paths": ["shop.csv"]}, context=ctx)
    assert str(caught.value) == "the query took longer than the call may. Ask for less."


def test_a_flood_of_rows_is_refused(call: Call) -> None:
    assert refusal(call, "SELECT * FROM range(100001)") == (
        "the query gives more than 100000 rows. Add a LIMIT, or let it group and count."
    )


def test_a_query_may_end_in_a_comment(call: Call) -> None:
    assert call("sql", query="SELECT sum(count) AS n FROM shop -- all of it", paths=["shop.csv"]).value["value"] == 7


def test_no_folder_of_the_host_is_readable(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB would let queries read its temporary folder, `.tmp` of the current one, in spite of its lock."""
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ".tmp").mkdir(parents=True)
    (elsewhere / ".tmp" / "secret.txt").write_text("TOP SECRET")
    monkeypatch.chdir(elsewhere)
    assert "SECRET" not in refusal(call, "SELECT content FROM read_text('.tmp/secret.txt')")
