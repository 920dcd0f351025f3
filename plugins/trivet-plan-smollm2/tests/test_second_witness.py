"""What is read off a goal's words is not used where a query finds something else."""

from pathlib import Path

import pytest

from trivet_calculate import tools as calculate
from trivet_files import tools as files
from trivet_plan_smollm2.grounding import look
from trivet_plan_smollm2.larger import QUERY_ROLE
from trivet_plan_smollm2.outcome import outcome
from trivet_plan_smollm2.planner import SmallPlanner
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.queries.witness import Contradiction, agree, contradiction
from trivet_plan_smollm2.queries.writer import SAMPLES, Query
from trivet_plan_smollm2.sampling import Asking
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Budget, Goal, Model, Patch, Plan, PlannerAbstained, PlanRequest, Transcript
from trivet_sdk.testing import ScriptedModel, StandaloneServices
from trivet_table import tools as table

pytestmark = pytest.mark.anyio

TOOLS = [
    *(getattr(table, name) for name in ("describe", "select", "aggregate", "sql", "write", "convert")),
    *(getattr(calculate, name) for name in ("evaluate",)),
    files.list_files,
]
SPECS = [tool.spec for tool in TOOLS]
SALES = """day,seller,pieces
2024-05-01,Ana,3
2024-05-02,Ben,1
2024-05-02,Ana,5
"""
GOAL = "How many pieces did Ana sell? sales.csv"
READ = Call(
    tool="aggregate",
    arguments={
        "path": "sales.csv",
        "function": "sum",
        "column": "pieces",
        "where": [{"column": "seller", "op": "=", "value": "Ana"}],
    },
)
RIGHT = "SELECT sum(pieces) FROM sales WHERE seller = 'Ana'"
OTHER = "SELECT count(pieces) + 1 FROM sales WHERE seller = 'Ana'"


async def doubted(folder: Path, *lines: str, read: Call = READ) -> tuple[Contradiction | None, ScriptedModel]:
    (folder / "sales.csv").write_text(SALES, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=folder)
    ground = await look(read_goal("x"), SPECS, services, [{"path": "sales.csv", "kind": "table"}])
    model = ScriptedModel(*lines, *[lines[-1]] * (2 + SAMPLES - len(lines)))
    said = read_goal(GOAL, ground.listing)
    return await contradiction(said, [read], ground, Asking(SPECS, model, services, "r1", Similarity(None))), model


async def test_one_query_that_finds_the_same_is_enough(tmp_path: Path) -> None:
    found, model = await doubted(tmp_path, RIGHT)
    assert found is None
    assert len(model.requests) == 1


async def test_query_that_another_confirms_contradicts(tmp_path: Path) -> None:
    sql = OTHER.replace(" + 1", "")
    found, model = await doubted(tmp_path, sql, sql, "Yes")
    calls = (Call(tool="sql", arguments={"query": sql, "paths": ["sales.csv"]}),)
    assert found == Contradiction(calls, finds="2", read="8")
    assert len(model.requests) == 3


@pytest.mark.parametrize(
    "lines",
    [
        (OTHER, "SELECT max(pieces) FROM sales WHERE seller = 'Ana'", "SELECT 17"),
        (OTHER.replace("Ana", "Cem"),),
        ("I do not know.",),
    ],
    ids=["three that differ", "one of something unsaid", "none"],
)
async def test_query_that_is_not_sure_contradicts_nothing(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert (await doubted(tmp_path, *lines))[0] is None


async def test_query_that_the_model_itself_denies_contradicts_nothing(tmp_path: Path) -> None:
    sql = OTHER.replace(" + 1", "")
    found, model = await doubted(tmp_path, sql, sql, "No")
    assert found is None
    assert "a colleague" in str(model.requests[-1].messages[0])


async def test_query_takes_the_place_of_calls_that_come_to_nothing(tmp_path: Path) -> None:
    lost = Call(tool="aggregate", arguments={"path": "sales.csv", "function": "sum", "column": "weight"})
    found, _ = await doubted(tmp_path, RIGHT, RIGHT, "Yes", read=lost)
    assert found is not None
    assert (found.finds, found.read) == ("8", "")


class Larger(StandaloneServices):
    """Services with a larger model beside the small one."""

    larger: ScriptedModel

    def model(self, role: str = "model") -> Model:
        return self.larger if role == QUERY_ROLE else super().model(role)


async def planned(folder: Path, *lines: str) -> Plan | Patch:
    (folder / "sales.csv").write_text(SALES, "utf-8")
    services = Larger(ScriptedModel(name="small"), tools=TOOLS, workspace=folder)
    services.larger = ScriptedModel(*lines, *[lines[-1]] * (2 + SAMPLES - len(lines)), name="larger")
    goal = Goal(text=GOAL, workspace=str(folder))
    specs = tuple(SPECS)
    request = PlanRequest(goal=goal, tools=specs, transcript=Transcript(run="r", goal=goal), budget_left=Budget())
    return await SmallPlanner().plan(request, services)


async def test_plan_is_made_where_both_agree_and_declined_where_they_do_not(tmp_path: Path) -> None:
    plan = await planned(tmp_path, RIGHT)
    assert isinstance(plan, Plan)
    assert [step.tool for step in plan.steps] == ["aggregate"]
    with pytest.raises(PlannerAbstained, match="two ways, and one comes to 8, the other to 2"):
        await planned(tmp_path, OTHER.replace(" + 1", ""), OTHER.replace(" + 1", ""), "Yes")


async def test_file_that_is_converted_is_compared_with_nothing(tmp_path: Path) -> None:
    convert = Call(tool="convert", arguments={"path": "sales.csv", "to": "sales.json"})
    found, model = await doubted(tmp_path, RIGHT, RIGHT, "Yes", read=convert)
    assert found is None
    assert model.requests == []


def query(*rows: dict[str, object]) -> Query:
    return Query("SELECT 1", Call(tool="sql"), rows, tuple(rows[0]))


@pytest.mark.parametrize(
    ("read", "found", "is_same"),
    [
        ({"value": 12.3456}, query({"mean": 12.35}), True),
        ({"value": 12.3456}, query({"mean": 12.37}), False),
        ({"rows": [{"seller": "Ana", "sum": 8}, {"seller": "Ben", "sum": 1}]}, query({"seller": "Ana", "n": 8}), True),
        ({"rows": [{"seller": "Ana", "sum": 8}]}, query({"seller": "Ana"}, {"seller": "Ben"}), False),
        ({"rows": [{"pieces": 3}, {"pieces": 5}]}, query({"day": "x", "n": 5}, {"day": "y", "n": 3}), True),
        ({"value": "2024-05-01"}, query({"day": "2024-05-01T00:00:00"}), True),
        ({"value": 3}, query({"n": 3, "seller": None}), True),
        ({"value": 3}, query({"n": "3 pieces"}), False),
    ],
)
def test_what_is_read_agrees_with_what_is_found(read: object, found: Query, is_same: bool) -> None:
    assert agree(read, found, 2) == is_same


async def test_calls_come_to_the_value_of_the_last_one_that_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(SALES, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=tmp_path)
    values = {"figure": {"$ref": "s1#/value"}}
    twice = Call(tool="evaluate", arguments={"expression": "2 * figure", "values": values})
    written = Call(tool="write", arguments={"rows": [{"a": 1}], "path": "out.csv"})
    assert (await outcome([READ, twice, written], SPECS, services))["value"] == 16
    assert not (tmp_path / "out.csv").exists()
    lost = Call(tool="evaluate", arguments={"expression": "figure", "values": {"figure": {"$ref": "s1#/nothing"}}})
    assert await outcome([READ, lost], SPECS, services) is None
    assert await outcome([Call(tool="select", arguments={"path": "none.csv"})], SPECS, services) is None
