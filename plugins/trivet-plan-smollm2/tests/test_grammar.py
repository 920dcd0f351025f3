import json
from functools import cache

import pytest

from trivet_plan_smollm2.model.grammar import Grammar
from trivet_plan_smollm2.prompt import Column, FileCard, ToolCard
from trivet_plan_smollm2.schemas import Unavailable
from trivet_plan_smollm2.words.spans import read_goal

llguidance = pytest.importorskip("llguidance")

CONDITION = {
    "type": "object",
    "properties": {"column": {"type": "string", "format": "column"}, "op": {"enum": ["=", "<"]}, "value": {}},
    "required": ["column", "op", "value"],
}
AGGREGATE = ToolCard(
    name="table.aggregate",
    parameters={
        "type": "object",
        "properties": {
            "path": {"type": "string", "format": "workspace-path"},
            "function": {"enum": ["count", "mean"]},
            "column": {"type": "string", "format": "column"},
            "where": {"type": "array", "items": CONDITION},
        },
        "required": ["path", "function"],
    },
)
WRITE = ToolCard(
    name="table.write",
    parameters={
        "type": "object",
        "properties": {
            "rows": {"type": "array", "items": {"type": "object"}},
            "path": {"type": "string", "format": "new-path"},
        },
        "required": ["rows", "path"],
    },
)
TRIPS = FileCard(
    path="trips.csv",
    kind="table",
    columns=(
        Column(name="boat", examples=("Teal", "Heron"), distinct=2),
        Column(name="km", type="number", min=1, max=9),
    ),
)


@cache
def byte_tokenizer() -> object:
    """A tokenizer with one token a byte, so that the grammar alone is tested."""
    tokens = [bytes([byte]) for byte in range(256)] + [b"<end>"]

    class Bytes:
        eos_token_id, bos_token_id, special_token_ids = 256, None, [256]

        def __init__(self) -> None:
            self.tokens = tokens

        def __call__(self, text: str | bytes) -> list[int]:
            return list(text.encode() if isinstance(text, str) else text)

    return llguidance.LLTokenizer(llguidance.TokenizerWrapper(Bytes()))


def accepts(goal: str, plan: str, tools: tuple[ToolCard, ...] = (AGGREGATE, WRITE)) -> bool:
    spans = read_goal(goal, ["trips.csv"])
    matcher = llguidance.LLMatcher(byte_tokenizer(), Grammar(spans, tools, [TRIPS], ["trips.csv"]).lark())
    assert not matcher.get_error()
    content = list(plan.encode())
    return bool(matcher.try_consume_tokens(content) == len(content) and matcher.is_accepting())


def call(tool: str, **arguments: object) -> str:
    return f"{tool} {json.dumps(arguments, separators=(',', ':'))}"


def test_a_plan_over_real_files_and_columns_can_be_written() -> None:
    assert accepts(
        "mean km of the Teal",
        call(
            "table.aggregate",
            path="trips.csv",
            function="mean",
            column="km",
            where=[{"column": "boat", "op": "=", "value": "Teal"}],
        ),
    )


@pytest.mark.parametrize(
    "plan",
    [
        call("table.aggregate", path="other.csv", function="count"),
        call("table.aggregate", path="trips.csv", function="mean", column="miles"),
        call("table.aggregate", path="trips.csv", function="count", where=[{"column": "km", "op": "<", "value": 7}]),
        call("table.write", rows={"$ref": "s1#/rows"}, path="out.csv"),
        call("mail.send", to="me"),
    ],
)
def test_nothing_that_is_not_there_can_be_written(plan: str) -> None:
    assert not accepts("mean km of the Teal", plan)


def test_numbers_of_the_goal_may_be_compared_with() -> None:
    assert accepts(
        "trips under 7 km",
        call("table.aggregate", path="trips.csv", function="count", where=[{"column": "km", "op": "<", "value": 7}]),
    )


def test_a_second_call_may_use_the_first_ones_rows_and_the_goals_new_path() -> None:
    first = call("table.aggregate", path="trips.csv", function="count")
    second = call("table.write", rows={"$ref": "s1#/rows"}, path="out/n.csv")
    assert accepts("count them into out/n.csv", f"{first}\n{second}")
    assert not accepts("count them into out/n.csv", f"{first}\n{second.replace('s1#', 's2#')}")


def test_declining_and_asking_are_always_possible() -> None:
    assert accepts("sing a song", "none {}")
    assert accepts("sort it", 'ask {"question":"which file"}')


def test_tools_that_lack_a_required_value_cannot_be_forced() -> None:
    grammar = Grammar(read_goal("count them"), [WRITE], [TRIPS], ["trips.csv"])
    with pytest.raises(Unavailable):
        grammar.lark(first="table.write")


def test_chinese_values_and_paths_pass_unharmed() -> None:
    card = FileCard(path="文档/器材.csv", kind="table", columns=(Column(name="名称", examples=("船桨",), distinct=1),))
    spans = read_goal("文档/器材.csv 里船桨有几行", ["文档/器材.csv"])
    grammar = Grammar(spans, [AGGREGATE], [card], ["文档/器材.csv"]).lark()
    matcher = llguidance.LLMatcher(byte_tokenizer(), grammar)
    plan = 'table.aggregate {"path":"文档/器材.csv","function":"count","where":[{"column":"名称","op":"=","value":"船桨"}]}'
    content = list(plan.encode())
    assert matcher.try_consume_tokens(content) == len(content)


def test_the_grammar_stays_small_for_long_goals() -> None:
    goal = " ".join(f"word{number}" for number in range(120))
    assert len(Grammar(read_goal(goal), [AGGREGATE, WRITE], [TRIPS], ["trips.csv"]).lark()) < 1_000_000
