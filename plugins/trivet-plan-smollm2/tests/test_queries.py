"""Goals that a larger model writes as SQL, and what keeps a wrong query from being used."""

from pathlib import Path

import pytest

from trivet_files import tools as files
from trivet_plan_smollm2.grounding import Ground, look
from trivet_plan_smollm2.larger import QUERY_ROLE
from trivet_plan_smollm2.planner import SmallPlanner
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.queries.evidence import asks_twice, invented
from trivet_plan_smollm2.queries.planning import by_query, tables_for
from trivet_plan_smollm2.queries.prompt import NOTHING, query_in
from trivet_plan_smollm2.queries.schema import create_table, quoted, schema, table_name
from trivet_plan_smollm2.queries.wrapping import with_month_names, without_difference
from trivet_plan_smollm2.queries.writer import SAMPLES, are_alike
from trivet_plan_smollm2.sampling import Asking
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import (
    Budget,
    Goal,
    Model,
    ModelError,
    PlannerAbstained,
    PlanRequest,
    PluginError,
    ToolSpec,
    Transcript,
    WeightsMissing,
)
from trivet_sdk.testing import ScriptedModel, StandaloneServices
from trivet_table import tools as table

pytestmark = pytest.mark.anyio

TOOLS = [getattr(table, name) for name in ("describe", "select", "aggregate", "sql", "write")]
SPECS: list[ToolSpec] = [tool.spec for tool in TOOLS]
SALES = """day,seller,kind,pieces,paid
2024-05-01,Ana Berg,toy,3,yes
2024-05-02,Ben,book,1,no
2024-05-02,Ana Berg,book,5,yes
2024-06-01,Ben,toy,2,yes
2024-06-03,Ana Holm,toy,4,no
2024-06-04,Cem,lamp,1,yes
"""
KINDS = "kind,shelf\ntoy,A\nbook,B\nlamp,A\n"
FILES = {"shop/sales.csv": SALES, "shop/kinds.csv": KINDS, "notes.md": "# Notes\n"}


async def ground_of(folder: Path) -> tuple[Ground, StandaloneServices]:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=folder)
    listing = [{"path": name, "kind": "table" if name.endswith(".csv") else "text"} for name in FILES]
    return await look(read_goal("x"), SPECS, services, listing), services


async def planned(folder: Path, goal: str, *lines: str) -> tuple[list[Call], ScriptedModel]:
    """What comes of the goal where the model says these lines, the last one again and again."""
    ground, services = await ground_of(folder)
    model = ScriptedModel(*lines, *[lines[-1]] * (3 + SAMPLES - len(lines)))
    said = read_goal(goal, ground.listing)
    calls = await by_query(
        said, [*ground.cards.values()], ground, Asking(SPECS, model, services, "r1", Similarity(None))
    )
    return [*calls], model


async def test_model_is_shown_tables_with_their_values_and_those_that_the_goal_speaks_of(tmp_path: Path) -> None:
    ground, _ = await ground_of(tmp_path)
    assert create_table(ground.cards["shop/sales.csv"], read_goal("what did Cem sell?")) == (
        "-- shop/sales.csv, 6 rows\n"
        "CREATE TABLE shop_sales (\n"
        "  day DATE /* 2024-05-01 to 2024-06-04 */,\n"
        "  seller TEXT /* one of Ana Berg, Ben, Ana Holm, Cem */,\n"
        "  kind TEXT /* one of toy, book, lamp */,\n"
        "  pieces BIGINT /* e.g. 3, 1, 5 */,\n"
        "  paid TEXT /* one of yes, no */\n"
        ");"
    )


def test_names_are_spelled_as_sql_can_read_them() -> None:
    assert table_name("visits/2024.csv") == "visits_2024"
    assert table_name("2025.tsv") == "t_2025"
    assert table_name("资料/课程.csv") == "资料_课程"
    assert [quoted(name) for name in ("pieces", "where", "unit price", 'a"b', "课程")] == [
        "pieces",
        '"where"',
        '"unit price"',
        '"a""b"',
        "课程",
    ]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("```sql\nSELECT 1", "SELECT 1"),
        ("```sql\nSELECT a\nFROM t;\n```\nThis counts.", "SELECT a\nFROM t"),
        ("Here it is:\n```\nWITH x AS (SELECT 1) SELECT * FROM x\n```", "WITH x AS (SELECT 1) SELECT * FROM x"),
        ("SELECT a INTO out/a.csv FROM t WHERE b < 3", "SELECT a FROM t WHERE b < 3"),
        ("SELECT a FROM t INTO 'out/a.csv'", "SELECT a FROM t"),
        ("I do not know.", ""),
    ],
)
def test_query_is_taken_out_of_what_the_model_says(text: str, query: str) -> None:
    assert " ".join(query_in(text).split()) == " ".join(query.split())


def test_rows_are_alike_whatever_their_columns_are_called_and_in_whatever_order() -> None:
    rows = [{"name": "Ana", "n": 0.30000000001}, {"name": "Ben", "n": 2}]
    assert are_alike(rows, [{"a": 2, "b": "Ben"}, {"a": 0.3, "b": "Ana"}])
    assert are_alike(rows, [{"name": "Ana"}, {"name": "Ben"}])
    assert not are_alike(rows, [{"name": "Ana"}])
    assert not are_alike(rows, [{"name": "Ana", "n": 0.3}, {"name": "Cem", "n": 2}])


GOAL = "How many pieces did Ana Berg sell in May 2024? sales.csv"
QUERY = "SELECT sum(pieces) FROM shop_sales WHERE seller = 'Ana Berg' AND day BETWEEN '2024-05-01' AND '2024-05-31'"


async def test_query_is_used_if_another_try_finds_the_same(tmp_path: Path) -> None:
    other = "```sql\nSELECT sum(pieces) AS n FROM shop_sales WHERE seller LIKE 'Ana Berg%' AND month(day) = 5\n```"
    calls, model = await planned(tmp_path, GOAL, f"```sql\n{QUERY}\n```", other)
    assert calls == [Call(tool="sql", arguments={"query": QUERY, "paths": ["shop/sales.csv"]})]
    assert len(model.requests) == 3  # the last one asks whether it is the answer
    assert [request.temperature for request in model.requests] == [0.0, 0.4, 0.0]
    assert {(request.purpose, request.run) for request in model.requests} == {("plan", "r1")}


async def test_query_is_not_used_if_no_other_try_finds_the_same(tmp_path: Path) -> None:
    others = [f"SELECT {what} FROM shop_sales WHERE seller = 'Ana Berg'" for what in ("count(*)", "max(pieces) + 9")]
    calls, model = await planned(tmp_path, GOAL, QUERY, *others)
    assert calls == []
    assert len(model.requests) == 1 + SAMPLES


async def test_two_samples_that_agree_are_used_where_the_likeliest_query_finds_something_else(tmp_path: Path) -> None:
    calls, _ = await planned(tmp_path, GOAL, QUERY.replace("sum", "max"), QUERY)
    assert [call.arguments["query"] for call in calls] == [QUERY]


def test_figures_agree_as_far_as_decimals_are_wanted() -> None:
    assert are_alike([{"mean": 11.79076}], [{"m": 11.79}])
    assert not are_alike([{"mean": 11.79076}], [{"m": 11.8}])
    assert are_alike([{"mean": 11.79076}], [{"m": 11.8}], places=1)


async def test_how_many_is_no_list_of_figures(tmp_path: Path) -> None:
    goal = "How many pieces did Ana Berg sell? sales.csv"
    each = "SELECT pieces FROM shop_sales WHERE seller = 'Ana Berg'"
    assert (await planned(tmp_path, goal, each))[0] == []
    calls, model = await planned(tmp_path, goal, each, each, each.replace("pieces", "sum(pieces)"))
    assert [call.arguments["query"] for call in calls] == [each.replace("pieces", "sum(pieces)")]
    assert "one figure for all" in model.requests[2].messages[-2].text


def test_slips_of_spelling_are_mended() -> None:
    assert query_in("SELECT a AS次数 FROM t") == "SELECT a AS 次数 FROM t"
    assert query_in("SELECT a FROM t WHERE t.at LIKE '2024-08-03%'") == (
        "SELECT a FROM t WHERE CAST(t.at AS VARCHAR) LIKE '2024-08-03%'"
    )
    assert query_in("SELECT code, order FROM t ORDER BY code") == "SELECT code FROM t ORDER BY code"
    assert query_in("with two decimals to out.txt") == ""


async def test_query_that_fails_is_written_again_with_the_reason_before_its_eyes(tmp_path: Path) -> None:
    calls, model = await planned(tmp_path, GOAL, QUERY.replace("pieces", "quantity"), QUERY)
    assert [call.arguments["query"] for call in calls] == [QUERY]
    assert 'Referenced column "quantity" not found' in model.requests[1].messages[-2].text


@pytest.mark.parametrize(
    "line", [f"SELECT '{NOTHING}'", "I cannot say.", "SELECT seller FROM shop_sales WHERE pieces > 100"]
)
async def test_no_query_no_rows_and_nothing_in_the_tables_are_no_answer(tmp_path: Path, line: str) -> None:
    calls, _ = await planned(tmp_path, "Who sold more than 100 pieces? sales.csv", line)
    assert calls == []


async def test_rows_go_into_the_file_that_the_goal_names_with_the_columns_it_names(tmp_path: Path) -> None:
    goal = "Save the pieces of each seller of sales.csv in out/sums.csv, columns who and total."
    query = "SELECT seller, sum(pieces) FROM shop_sales GROUP BY seller"
    calls, _ = await planned(tmp_path, goal, query)
    assert [call.tool for call in calls] == ["sql", "write"]
    assert calls[0].arguments["query"] == f'SELECT seller AS who, "sum(pieces)" AS total FROM ({query})'
    assert calls[1].arguments == {"rows": {"$ref": "s1#/rows"}, "path": "out/sums.csv"}


async def test_two_new_files_or_one_of_no_table_are_left_to_others(tmp_path: Path) -> None:
    for goal in ("Save sales.csv as a.csv and b.csv", "Draw the pieces of sales.csv in pieces.png"):
        calls, model = await planned(tmp_path, goal, QUERY)
        assert (calls, model.requests) == ([], [])


async def test_tables_are_those_that_the_goal_speaks_of_and_one_to_join(tmp_path: Path) -> None:
    ground, _ = await ground_of(tmp_path)

    def chosen(goal: str) -> list[str]:
        said = read_goal(goal, ground.listing)
        return [card.path for card in tables_for(said, [*ground.cards.values()], ground)]

    assert chosen("pieces from shelf A, sales.csv") == ["shop/sales.csv", "shop/kinds.csv"]
    assert chosen("pieces of Ben, sales.csv") == ["shop/sales.csv"]
    assert chosen("how many did Ben sell?") == ["shop/sales.csv"]
    assert chosen("what do the notes.md say of Ben?") == []
    assert chosen("how far is the moon?") == []


@pytest.mark.parametrize(
    ("goal", "query"),
    [
        ("How many sales were there in total, in sales.csv?", "SELECT count(*) FROM shop_sales WHERE paid = 'yes'"),
        ("What did Ana sell? sales.csv", "SELECT kind FROM shop_sales WHERE seller = 'Ana Berg'"),
        ("How many toys were sold? sales.csv", "SELECT sum(pieces) FROM shop_sales WHERE kind = 'book'"),
        ("How many sold over 2 pieces? sales.csv", "SELECT count(*) FROM shop_sales WHERE pieces > 3"),
        ("How many pieces in June? sales.csv", "SELECT sum(pieces) FROM shop_sales WHERE day >= '2024-05-01'"),
        ("The mean of pieces of each seller? sales.csv", "SELECT avg(pieces) FROM shop_sales"),
        ("What is the average of pieces in sales.csv?", "SELECT max(pieces) FROM shop_sales"),
        ("Count the toys of each kind, sales.csv", "SELECT kind, count(*) FROM shop_sales WHERE kind = 'toy' GROUP BY kind"),
        ("How many of each day? sales.csv", "SELECT day, count(*) FROM shop_sales WHERE day > '2024-05-31' GROUP BY day"),
        ("How many pieces of each day? sales.csv", "SELECT kind, sum(shelf) FROM shop_kinds GROUP BY kind"),
        ("By how many percent is 40 more than 30, sales.csv?", "SELECT 100 * (40 - 30) / 30 FROM shop_sales"),
        ("By how many pieces did Ben sell more than Cem? sales.csv", "SELECT seller, sum(pieces) FROM shop_sales "
         "WHERE seller IN ('Ben', 'Cem') GROUP BY seller"),
    ],
)  # fmt: skip
async def test_query_that_says_what_the_goal_does_not_say_is_not_used(tmp_path: Path, goal: str, query: str) -> None:
    calls, model = await planned(tmp_path, goal, query)
    assert model.requests
    assert calls == []


async def test_column_of_codes_tells_the_table_that_has_a_row_for_each(tmp_path: Path) -> None:
    (tmp_path / "loans.csv").write_text("day,book\n2024-05-01,B01\n2024-05-02,B03\n2024-05-03,B01\n")
    (tmp_path / "books.csv").write_text("book_id,title\nB01,Gulls\nB02,Tides\nB03,Oars\n")
    services = StandaloneServices(tools=TOOLS, workspace=tmp_path)
    listing = [{"path": name, "kind": "table"} for name in ("loans.csv", "books.csv")]
    ground = await look(read_goal("x"), SPECS, services, listing)
    told = schema([*ground.cards.values()], read_goal("which book was lent most?"))
    assert "book TEXT REFERENCES books(book_id) /* one of B01, B03 */" in told
    assert "book_id TEXT /* one of B01, B02, B03 */" in told


@pytest.mark.parametrize(
    ("goal", "alone"),
    [
        ("Who sold more, Ben or Cem, and by how many pieces?", "Who sold more, Ben or Cem?"),
        ("Which kind sold better, and by how much? One decimal.", "Which kind sold better? One decimal."),
        ("Which kind sold better and what is the difference?", "Which kind sold better?"),
        ("玩具和书哪个卖得多，多多少本？", "玩具和书哪个卖得多？"),
        ("By how much did sales rise in May?", None),
        ("How many pieces did Ben sell?", None),
    ],
)
def test_question_of_a_difference_is_asked_without_it(goal: str, alone: str | None) -> None:
    assert without_difference(goal) == alone


async def test_difference_is_put_around_the_query_of_both_figures(tmp_path: Path) -> None:
    query = (
        "SELECT seller, round(sum(pieces) / 3.0, 1) AS pieces FROM sales GROUP BY seller ORDER BY pieces DESC LIMIT 1"
    )
    calls, model = await planned(
        tmp_path, "Who sold the most a month in sales.csv, and by how much? 2 decimals, 3 months", query
    )
    assert "by how much" not in str(model.requests[0].messages[-1])
    assert calls[0].arguments["query"] == (
        "SELECT seller, round(pieces, 2) AS pieces, round(max(pieces) OVER () - min(pieces) OVER (), 2) AS difference FROM "
        "(SELECT seller, (sum(pieces) / 3.0) AS pieces FROM sales GROUP BY seller ORDER BY pieces DESC LIMIT 2)"
    )


async def test_value_may_be_mistyped_told_in_part_or_in_another_language(tmp_path: Path) -> None:
    ground, _ = await ground_of(tmp_path)
    cards = [ground.cards["shop/sales.csv"]]

    def taken_from_nowhere(goal: str, value: str) -> list[str]:
        return invented(read_goal(goal), f"SELECT count(*) FROM t WHERE seller = '{value}'", cards)

    assert taken_from_nowhere("sales of Berg", "Ana Berg") == []
    assert taken_from_nowhere("Benn's sales", "Ben") == []
    assert taken_from_nowhere("玩具卖了几个", "toy") == []
    assert taken_from_nowhere("sales of Ana", "Ana Berg") == ["the value 'Ana Berg'"]
    assert taken_from_nowhere("sales of everybody", "Ben") == ["the value 'Ben'"]


@pytest.mark.parametrize(
    "trouble", [PluginError("llamacpp", "is disabled"), WeightsMissing("qwen"), ModelError("coder", "has no room")]
)
async def test_planner_does_without_where_the_larger_model_cannot_be_had(tmp_path: Path, trouble: Exception) -> None:
    asked: list[str] = []

    class Without(StandaloneServices):
        def model(self, role: str = "model") -> Model:
            asked.append(role)
            if role == QUERY_ROLE:
                raise trouble
            return super().model(role)

    await ground_of(tmp_path)
    tools = [*TOOLS, files.list_files]
    services = Without(ScriptedModel("", features=frozenset()), tools=tools, workspace=tmp_path)
    goal = Goal(text="Is Ben's pace in shop/sales.csv quicker than usual?", workspace=str(tmp_path))
    transcript, specs = Transcript(run="r", goal=goal), tuple(tool.spec for tool in tools)
    request = PlanRequest(goal=goal, tools=specs, transcript=transcript, budget_left=Budget())
    with pytest.raises(PlannerAbstained, match="works with SmolLM2-135M"):  # who is asked next, and is not here either
        await SmallPlanner().plan(request, services)
    assert asked[0] == QUERY_ROLE


async def test_parts_of_a_total_are_added_up(tmp_path: Path) -> None:
    goal = "At 3 euro a piece, what do the toys in sales.csv cost in total?"
    parts = "SELECT seller, pieces * 3 AS cost FROM shop_sales WHERE kind = 'toy'"
    calls, _ = await planned(tmp_path, goal, parts)
    assert [call.arguments["query"] for call in calls] == [f"SELECT sum(cost) AS total FROM ({parts})"]


@pytest.mark.parametrize(
    ("goal", "is_twice"),
    [
        ("How many errors are there, and which device has the most of them?", True),
        ("Which part has the most errors? And how many?", True),
        ("有多少只猫？其中没有绝育的有几只？", True),
        ("How many members are in each group?", False),
        ("哪个站点的错误最多", False),
    ],
)
def test_two_questions_are_told_from_one(goal: str, is_twice: bool) -> None:
    assert asks_twice(goal) is is_twice


async def test_one_figure_does_not_answer_two_questions(tmp_path: Path) -> None:
    goal = "How many sales were toys in sales.csv, and how many of those were paid?"
    calls, model = await planned(tmp_path, goal, "SELECT count(*) FROM shop_sales WHERE kind = 'toy' AND paid = 'yes'")
    assert calls == []
    assert "both questions" in model.requests[2].messages[-2].text


async def test_words_of_one_root_are_of_the_matter_and_a_year_may_stand_in_the_table_alone(tmp_path: Path) -> None:
    (tmp_path / "weather_2024.csv").write_text("day,wind_kmh\n2024-05-01,12\n2024-05-02,52\n2024-05-03,8\n")
    services = StandaloneServices(tools=TOOLS, workspace=tmp_path)
    listing = [{"path": "weather_2024.csv", "kind": "table"}]
    ground = await look(read_goal("x"), SPECS, services, listing)
    query = "SELECT day, wind_kmh FROM weather_2024 ORDER BY wind_kmh DESC LIMIT 1"
    model = ScriptedModel(query, query, "Yes")
    goal = read_goal("which day of 2024 was the windiest", ground.listing)
    calls = await by_query(
        goal, [*ground.cards.values()], ground, Asking(SPECS, model, services, "r1", Similarity(None))
    )
    assert [call.arguments["query"] for call in calls] == [query]


@pytest.mark.parametrize(
    "condition", ["day BETWEEN '2024-01-01' AND '2024-12-31'", "day >= '2024-01-01' AND day <= '2024-12-31'"]
)
async def test_bounds_that_leave_all_rows_are_taken_out(tmp_path: Path, condition: str) -> None:
    query = f"SELECT kind, sum(pieces) AS pieces FROM shop_sales WHERE {condition} GROUP BY kind"
    calls, _ = await planned(tmp_path, "pieces sold of each kind this year, sales.csv", query)
    assert [call.arguments["query"] for call in calls] == [
        "SELECT kind, sum(pieces) AS pieces FROM shop_sales GROUP BY kind"
    ]


async def test_month_that_is_asked_for_is_no_day(tmp_path: Path) -> None:
    by_day = "SELECT day, count(*) AS sales FROM shop_sales GROUP BY day ORDER BY sales DESC LIMIT 1"
    calls, model = await planned(tmp_path, "Which month saw the most sales, and how many? sales.csv", by_day)
    assert calls == []
    assert "Which month" in model.requests[2].messages[-2].text


async def test_day_that_is_called_month_is_none_and_a_year_is_not_the_matter(tmp_path: Path) -> None:
    query = "SELECT day AS month, sum(pieces) AS pieces FROM shop_sales GROUP BY month ORDER BY month"
    assert (await planned(tmp_path, "pieces of shop/sales.csv per month", query))[0] == []
    for month in ("strftime(day, '%Y-%m')", "extract(month FROM day)", "month(day)", "date_trunc('month', day)"):
        right = query.replace("day AS month", f"{month} AS month")
        assert len((await planned(tmp_path, "pieces of shop/sales.csv per month", right))[0]) == 1, month
    (tmp_path / "bills 2025.csv").write_text("day,amount\n2025-09-01,3\n2025-10-01,4\n", "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=tmp_path)
    ground = await look(read_goal("x"), SPECS, services, [{"path": "bills 2025.csv", "kind": "table"}])
    sql = "SELECT sum(amount) FROM bills_2025 WHERE day >= '2025-09-01'"
    goal = read_goal("Pocket money of both kids from 1 September 2025?", ground.listing)
    asking = Asking(SPECS, ScriptedModel(*[sql] * 6), services, "r1", Similarity(None))
    assert await by_query(goal, [*ground.cards.values()], ground, asking) == ()


@pytest.mark.parametrize(
    ("goal", "condition", "is_used"),
    [
        ("pieces sold in May or in June 2024? sales.csv", "day IN ('2024-05-01', '2024-06-04')", False),
        ("pieces sold in June 2024? sales.csv", "day BETWEEN '2024-06-01' AND '2024-06-30'", True),
        ("pieces sold on 1 May 2024? sales.csv", "day = '2024-05-01'", True),
    ],
)
async def test_month_is_not_one_of_its_days(tmp_path: Path, goal: str, condition: str, is_used: bool) -> None:
    calls, _ = await planned(tmp_path, goal, f"SELECT sum(pieces) AS pieces FROM shop_sales WHERE {condition}")
    assert bool(calls) == is_used


async def test_kilos_are_of_the_matter_of_kg(tmp_path: Path) -> None:
    (tmp_path / "harvest.csv").write_text("day,kg\n2025-07-01,3.5\n2025-07-02,4\n", "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=tmp_path)
    ground = await look(read_goal("x"), SPECS, services, [{"path": "harvest.csv", "kind": "table"}])
    for text, is_used in (
        ("How many kilos have we carried home?", True),
        ("How many songs have we sung at home?", False),
    ):
        asking = Asking(SPECS, ScriptedModel(*["SELECT sum(kg) FROM harvest"] * 9), services, "r1", Similarity(None))
        assert bool(await by_query(read_goal(text), [*ground.cards.values()], ground, asking)) == is_used


async def test_names_that_a_goal_says_are_used(tmp_path: Path) -> None:
    query = "SELECT seller, max(pieces) AS pieces FROM shop_sales GROUP BY seller ORDER BY pieces DESC LIMIT 1"
    assert (await planned(tmp_path, "Who sells more in sales.csv, the Old Harbour or Ben?", query))[0] == []


async def test_nothing_but_noughts_is_no_answer(tmp_path: Path) -> None:
    query = "SELECT count(*) FROM shop_sales WHERE seller LIKE 'ana%'"
    assert (await planned(tmp_path, "How many sales of ana are in sales.csv?", query))[0] == []


def test_months_are_called_by_their_names_where_they_are_shown() -> None:
    assert with_month_names("SELECT month(t.day) AS month, count(*) FROM t GROUP BY month(t.day)") == (
        "SELECT monthname(t.day) AS month, count(*) FROM t GROUP BY monthname(t.day)"
    )
    assert with_month_names("SELECT strftime('%m', day) FROM t WHERE month(day) = 5") == (
        "SELECT monthname(day) FROM t WHERE month(day) = 5"
    )


async def test_query_of_the_busiest_month_names_it(tmp_path: Path) -> None:
    query = "SELECT month(day) AS month, count(*) AS sales FROM shop_sales GROUP BY month ORDER BY sales DESC, month LIMIT 1"
    calls, _ = await planned(tmp_path, "Which month had the most sales in sales.csv, and how many were that?", query)
    assert [call.arguments["query"] for call in calls] == [query.replace("month(day)", "monthname(day)")]


@pytest.mark.parametrize(
    ("goal", "query"),
    [
        (
            "After how many visitors did Ben sell a book? sales.csv",
            "SELECT pieces FROM shop_sales WHERE seller = 'Ben' AND kind = 'book'",
        ),
        (
            "pieces of toys as percentage of all pieces, sales.csv",
            "SELECT 100.0 * pieces / 5 FROM shop_sales WHERE kind = 'toy'",
        ),
    ],
)
async def test_figure_of_something_else_or_of_each_row_is_none_of_all(tmp_path: Path, goal: str, query: str) -> None:
    assert (await planned(tmp_path, goal, query))[0] == []
