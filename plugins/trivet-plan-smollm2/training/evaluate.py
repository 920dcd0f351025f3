"""Score the planner's writing on groups of goals that were not trained on.

    python -m training.evaluate --groups training/heldout.jsonl --base FOLDER [--adapter DIR] [--most 200] [--show]

Runs the same path as at work (grammar, candidates, evidence) over the group's own tools and files, and compares plans:
`right`, `wrong` (written with confidence, but another plan), `declined` (where a plan was due), and for goals that
have no plan whether they were declined. Prints a table by class and the scores that separate right from wrong, from
which the planner's limits are set.
"""

import argparse
import collections
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import anyio
import msgspec

from trivet_plan_smollm2.model.candidates import ADAPTER, Writer
from trivet_plan_smollm2.prompt import Call, write_plan
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Model
from trivet_sdk.testing import activated

from .sequences import Group, Task, read_groups

NO_PLAN = ("none", "ask")


class Scored(msgspec.Struct, kw_only=True):
    kind: str
    goal: str
    wanted: str
    got: str
    score: float
    faults: tuple[str, ...]
    is_right: bool
    has_plan: bool


async def score(model: Model, group: Group, task: Task) -> Scored:
    listing = [card.path for card in group.files]
    goal = read_goal(task.goal, listing)
    files = list(group.files)
    candidates = await Writer(model, goal, group.tools, files, listing, "evaluation").candidates()
    wanted = write_plan(normal(task.plan), group.tools)
    best = candidates[0] if candidates else None
    got = write_plan(normal(best.calls), group.tools) if best else ""
    return Scored(
        kind=task.kind,
        goal=task.goal,
        wanted=wanted,
        got=got,
        score=best.score if best else -99.0,
        faults=best.faults if best else ("nothing written",),
        is_right=loosely(got) == loosely(wanted),
        has_plan=bool(task.plan) and task.plan[0].tool not in NO_PLAN,
    )


def normal(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Arguments that equal a default do not count, and the words of a search are free."""
    found = []
    for call in calls:
        arguments = {name: value for name, value in call.arguments.items() if value not in (False, [], "", None)}
        if call.tool == "table.aggregate" and arguments.get("descending") is True:
            del arguments["descending"]
        if call.tool == "files.find":
            arguments.pop("query", None)
        if call.tool == "ask":
            arguments = {}
        found.append(Call(tool=call.tool, arguments=arguments))
    return tuple(found)


def loosely(plan: str) -> str:
    return plan.lower().replace(" ", "").replace(".0,", ",").replace(".0}", "}")


def report(scored: list[Scored], limit: float) -> None:
    rows: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for one in scored:
        declined = one.got.startswith(NO_PLAN) or bool(one.faults) or one.score < limit
        outcome = "declined" if declined else "right" if one.is_right else "wrong"
        if not one.has_plan:
            outcome = "right" if declined else "wrong"
        for key in (one.kind, "all"):
            rows[key]["goals"] += 1
            rows[key][outcome] += 1
            rows[key]["plan"] += one.is_right
    print(f"{'class':<22}{'goals':>6}{'right':>7}{'wrong':>7}{'declined':>10}{'plan equal':>12}   limit {limit}")
    for key in sorted(rows, key=lambda key: (key == "all", key)):
        row = rows[key]
        print(f"{key:<22}{row['goals']:>6}{row['right']:>7}{row['wrong']:>7}{row['declined']:>10}{row['plan']:>12}")


async def evaluate(base: str, adapter: str, groups: list[Group], most: int) -> list[Scored]:
    scored: list[Scored] = []
    async with open_model(base, adapter) as model:
        for group in groups:
            for task in group.goals[: most - len(scored)]:
                scored.append(await score(model, group, task))
    return scored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--adapter", default=str(Path(__file__).parents[1] / "trivet_plan_smollm2" / "adapter"))
    parser.add_argument("--most", type=int, default=10_000)
    parser.add_argument("--limit", type=float, default=-1.6)
    parser.add_argument("--show", action="store_true", help="print every goal that did not come out right")
    parser.add_argument("--out", type=Path, help="write every scored goal as a JSON line")
    options = parser.parse_args()
    groups = list(read_groups(options.groups))
    scored = anyio.run(evaluate, options.base, options.adapter, groups, options.most)
    if options.show:
        for one in scored:
            if not one.is_right:
                print(
                    f"[{one.kind}] {one.goal}\n   want {one.wanted!r}\n   got  {one.got!r} {one.score:.1f} {one.faults}"
                )
    if options.out:
        options.out.write_text(
            "".join(json.dumps(msgspec.to_builtins(one), ensure_ascii=False) + "\n" for one in scored)
        )
    for limit in dict.fromkeys((-99.0, options.limit)):
        report(scored, limit)


@asynccontextmanager
async def open_model(base: str, adapter: str) -> AsyncIterator[Model]:
    """SmolLM2 as the plugin trivet-transformers serves it, the planner's adapter at hand."""
    plugin = import_module("trivet_transformers")
    async with activated(plugin, weights={ADAPTER: Path(adapter)}) as contributions:
        yield await contributions.models["transformers"].open("evaluated", {"path": base})


if __name__ == "__main__":
    main()
