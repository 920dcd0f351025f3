"""Score tool choice and arguments on tools, under the grammar that the planner uses at work.

    python -m training.generate --tools --held --groups 12 --seed 7 > held.jsonl
    python -m training.evaluate_tools --groups held.jsonl --base FOLDER [--encoder FOLDER] [--adapter DIR | --no-adapter] [--show]

Manners, each over the same goals: `model` writes freely among the tools; `chosen` takes the tool whose example is nearest (MiniLM,
`--encoder`) and lets the model fill it; `given` fills the right tool, which shows the arguments alone; `read` is the planner's
reading of examples (decision 063), without any model. `chosen`, `given` and `read` are for goals of one call. Nothing is executed.
"""

import argparse
import collections
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from math import sqrt
from pathlib import Path
from typing import Any

import anyio
import msgspec

from trivet_plan_smollm2.model.candidates import ADAPTER
from trivet_plan_smollm2.model.grammar import Grammar
from trivet_plan_smollm2.prompt import Call, context, read_plan, write_plan
from trivet_plan_smollm2.schemas import Unavailable
from trivet_plan_smollm2.strangers.example_calls import routed
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Embedder, GenerateRequest, Model, ToolSpec, collect
from trivet_sdk.message import system, user
from trivet_sdk.testing import activated

from .sequences import Group, Task

DECLINES = ("none", "ask")
LONGEST = 120
"""Tokens of a plan at most."""


class Scored(msgspec.Struct, kw_only=True):
    kind: str
    manner: str
    goal: str
    wanted: str
    got: str
    is_right_tool: bool
    is_right: bool
    is_declined: bool


async def attempts(
    group: Group, specs: Mapping[str, ToolSpec], model: Model, adapter: str, similarity: Similarity | None, manners: Sequence[str]
) -> AsyncIterator[Scored]:  # fmt: skip
    listing = [card.path for card in group.files]
    for task in group.goals:
        goal = read_goal(task.goal, listing)
        grammar = Grammar(goal, group.tools, list(group.files), listing)

        async def written(
            first: str | None, calls: int, grammar: Grammar = grammar, text: str = task.goal
        ) -> tuple[Call, ...]:
            try:
                rules = grammar.lark(calls=calls, first=first)
            except Unavailable:
                return ()
            request = GenerateRequest(
                messages=(system(context(group.tools, group.files)), user(text)),
                grammar=rules,
                adapter=adapter,
                max_tokens=LONGEST,
                run="evaluation",
                purpose="plan",
            )
            try:
                return read_plan((await collect(model.generate(request))).text)
            except ValueError:
                return ()

        is_single = len(task.plan) == 1 and task.plan[0].tool in specs
        candidates = [specs[card.name] for card in group.tools if card.name in specs]
        for manner in manners:
            match manner:
                case "model":
                    calls = await written(None, 3)
                case "given" if is_single:
                    calls = await written(task.plan[0].tool, 1)
                case "chosen" if is_single and similarity:
                    calls = await written(await nearest(task.goal, candidates, similarity), 1)
                case "read" if is_single and similarity:
                    found = await routed(goal, candidates, similarity)
                    calls = (found.call,) if found else ()
                case _:
                    continue
            yield scored(task, calls, manner, group)


async def nearest(goal: str, tools: Sequence[ToolSpec], similarity: Similarity) -> str:
    """The tool with the nearest example or summary."""
    texts = [(tool.name, text) for tool in tools for text in (*tool.examples, tool.summary)]
    near = await similarity.between(goal, [text for _, text in texts])
    return max(zip(near, texts, strict=True))[1][0]


def scored(task: Task, calls: tuple[Call, ...], manner: str, group: Group) -> Scored:
    is_declined = not calls or calls[0].tool in DECLINES
    is_due = task.plan[0].tool in DECLINES
    got, wanted = write_plan(calls, group.tools), write_plan(task.plan, group.tools)
    is_same = [call.tool for call in calls] == [call.tool for call in task.plan]
    return Scored(
        kind=task.kind,
        manner=manner,
        goal=task.goal,
        wanted=wanted,
        got=got,
        is_right_tool=is_declined if is_due else is_same,
        is_right=is_declined if is_due else loosely(got) == loosely(wanted),
        is_declined=is_declined,
    )


def loosely(plan: str) -> str:
    """Without case, and without articles and quotation marks at a value's edge."""
    plan = plan.lower().replace('":"the ', '":"').replace(".0,", ",").replace(".0}", "}")
    return plan.replace("\\", "").replace("'", "")


def interval(right: int, goals: int) -> tuple[float, float]:
    """Wilson's interval at 95 percent (Probable inference, JASA 1927), as shares."""
    if not goals:
        return 0.0, 1.0
    z, share = 1.96, right / goals
    middle, width = share + z * z / (2 * goals), z * sqrt(share * (1 - share) / goals + z * z / (4 * goals * goals))
    return max(0.0, (middle - width) / (1 + z * z / goals)), (middle + width) / (1 + z * z / goals)


def report(found: Iterable[Scored]) -> str:
    rows: dict[tuple[str, str], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for one in found:
        for key in ((one.manner, one.kind), (one.manner, "all")):
            rows[key] += collections.Counter(
                goals=1, tool=one.is_right_tool, right=one.is_right, declined=one.is_declined
            )
    lines = [f"{'manner':<8}{'class':<16}{'goals':>6}{'right tool':>12}{'right plan':>12}{'95%':>12}{'declined':>10}"]
    for (manner, kind), row in sorted(rows.items(), key=lambda item: (item[0][0], item[0][1] == "all", item[0][1])):
        low, high = interval(row["right"], row["goals"])
        lines.append(
            f"{manner:<8}{kind:<16}{row['goals']:>6}{row['tool']:>12}{row['right']:>12}{f'{low:.0%}-{high:.0%}':>12}{row['declined']:>10}"
        )
    return "\n".join(lines)


@asynccontextmanager
async def opened(base: str, adapter: str, encoder: str) -> AsyncIterator[tuple[Model, Embedder]]:
    """The model and the embedder as trivet-transformers serves them."""
    weights = {ADAPTER: Path(adapter)} if adapter else {}
    async with activated(
        import_module("trivet_transformers"), weights=weights, settings={"embedder_path": encoder} if encoder else {}
    ) as contributions:
        model = await contributions.models["transformers"].open("evaluated", {"path": base})
        yield model, contributions.embedders["minilm"]


async def evaluate(options: argparse.Namespace) -> list[Scored]:
    adapter = "" if options.no_adapter else str(options.adapter)
    found: list[Scored] = []
    async with opened(options.base, adapter, options.encoder) as (model, embedder):
        similarity = Similarity(embedder) if options.encoder else None
        for group, specs in read(options.groups):
            if len({one.goal for one in found}) >= options.most:
                break
            name = ADAPTER if adapter else ""
            async for one in attempts(group, specs, model, name, similarity, options.manners.split(",")):
                found.append(one)
                if options.out:
                    with options.out.open("a") as lines:
                        lines.write(json.dumps(msgspec.to_builtins(one), ensure_ascii=False) + "\n")
    return found


def read(path: str) -> Iterable[tuple[Group, dict[str, ToolSpec]]]:
    """Groups, and the full specs of their tools by name; built-in ones have no examples and are no candidates."""
    for line in Path(path).read_text("utf-8").splitlines():
        raw: dict[str, Any] = json.loads(line)
        specs = {
            tool["name"]: ToolSpec(
                name=tool["name"],
                summary=tool["summary"],
                parameters=tool["parameters"],
                effect=tool["effect"],
                examples=tuple(tool["examples"]),
            )
            for tool in raw["tools"]
            if "examples" in tool
        }
        yield msgspec.convert(raw, Group), specs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--encoder", default="", help="folder of MiniLM; without it `chosen` and `read` are left out")
    parser.add_argument("--adapter", type=Path, default=Path(__file__).parents[1] / "trivet_plan_smollm2" / "adapter")
    parser.add_argument("--no-adapter", action="store_true", help="the base model as it is")
    parser.add_argument("--manners", default="model,chosen,given,read")
    parser.add_argument("--most", type=int, default=10_000, help="goals, up to the end of a group")
    parser.add_argument("--show", action="store_true", help="print every goal that did not come out right")
    parser.add_argument("--out", type=Path, help="add every scored goal to this file, a JSON line each")
    options = parser.parse_args()
    found = anyio.run(evaluate, options)
    for one in found if options.show else ():
        if not one.is_right:
            print(f"[{one.manner}, {one.kind}] {one.goal}\n   want {one.wanted!r}\n   got  {one.got!r}")
    print(report(found))


if __name__ == "__main__":
    main()
