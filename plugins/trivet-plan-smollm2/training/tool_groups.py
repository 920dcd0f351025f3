"""Groups over randomly composed sets of invented tools, and the goals that they can and cannot meet."""

from collections.abc import Iterator
from random import Random
from typing import Any

from training import goals_beyond, goals_sequence, goals_tool
from training.catalogue import Domain, Invention, domains
from training.drafts import Draft, Setting
from training.evidence import unfounded
from training.invented import Offered, offered
from training.values import kinds

LEVELS = (1, 2, 3, 4)
SHARES = {
    1: {"single": 1.0},
    2: {"single": 0.66, "chinese": 0.12, "foreign": 0.14, "said": 0.08},
    3: {"single": 0.36, "swapped": 0.26, "foreign": 0.1, "sibling": 0.08, "lacking": 0.16, "chinese": 0.04},
    4: {"single": 0.2, "joined": 0.28, "referring": 0.2, "told": 0.14, "swapped": 0.06, "foreign": 0.06, "lacking": 0.06},
}  # fmt: skip
"""Kinds of goals by level; later levels keep some of what came before."""
ANSWER = {
    "name": "answer",
    "summary": "Give the user the answer",
    "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}
THINK = {
    "name": "think",
    "summary": "Let the model read, compare, translate or write something, given earlier results",
    "parameters": {
        "type": "object",
        "properties": {"instruction": {"type": "string"}, "inputs": {"type": "object"}},
        "required": ["instruction"],
    },
}


def group(rng: Random, *, held: bool = False, level: int = 0) -> dict[str, Any]:
    """One context and its goals, of this level or of a random one; every plan is sound and every value has evidence."""
    known = domains(held=held)
    level = level or rng.choice(LEVELS)
    while True:
        tools = _toolset(known, rng, level)
        setting = Setting(tables=[], others=_files(rng))
        has_built_in = level > 1 and rng.random() < (0.6 if level == 4 else 0.4)
        drafts = _drafts(tools, known, setting, rng, level, has_built_in)
        if len(drafts) >= 6:
            break
    shown = [tool.spec for tool in tools] + ([ANSWER, THINK] if has_built_in else [])
    rng.shuffle(shown)
    context = {"tools": shown, "files": setting.others}
    goals = [goal for goal in map(_goal, drafts) if not unfounded(goal, context)]
    if len(goals) < 5:
        return group(rng, held=held, level=level)
    return {**context, "level": level, "goals": goals}


def groups(count: int, seed: int, *, held: bool = False) -> Iterator[dict[str, Any]]:
    """Group *n* depends on seed, *n* and `held` alone."""
    for number in range(count):
        yield group(Random(f"tools/{seed}/{held}/{number}"), held=held)


def _toolset(known: tuple[Domain, ...], rng: Random, level: int) -> list[Offered]:
    """3 to 6 tools: some of one domain, which are easily confused, and of others; with pairs that pass a result on."""
    size = rng.randint(3, 6)
    chosen: list[Invention] = []
    if level >= 3 and rng.random() < 0.7:
        chosen += _linked(known, rng) if level == 4 else _with_roles(known, rng)
    home = rng.choice([domain for domain in known if len(domain.tools) > 1])
    if rng.random() < 0.6:
        chosen += rng.sample(home.tools, rng.randint(2, min(3, len(home.tools))))
    while len(chosen) < size:
        chosen.append(rng.choice(rng.choice(known).tools))
    chosen = [tool for tool in dict.fromkeys(chosen) if _is_usable(tool)][:size]
    taken = {"answer", "think"}
    found = []
    is_native = rng.random() < 0.5
    for invention in chosen:
        tool = offered(invention, rng, taken, native=is_native)
        taken.add(tool.name)
        found.append(tool)
    return found


def _is_usable(tool: Invention) -> bool:
    return not any(argument.kind.startswith("COL") for argument in tool.arguments)


def _linked(known: tuple[Domain, ...], rng: Random) -> list[Invention]:
    givers = [tool for domain in known for tool in domain.tools if tool.gives]
    giver = rng.choice(givers)
    assert giver.gives is not None
    takers = [
        tool
        for domain in known
        for tool in domain.tools
        if tool is not giver and any(giver.gives.kind in (a.kind.partition(":")[0], a.takes) for a in tool.arguments)
    ]
    return [giver, rng.choice(takers)] if takers else [giver]


def _with_roles(known: tuple[Domain, ...], rng: Random) -> list[Invention]:
    return [rng.choice([tool for domain in known for tool in domain.tools if tool.roles])]


def _files(rng: Random) -> list[dict[str, Any]]:
    """A few files that most goals do not speak of; often none."""
    paths = kinds()["PDF"].values + kinds()["IMAGE"].values + kinds()["FILENAME"].values
    return [
        {"path": path, "kind": "text", "columns": []} for path in rng.sample(paths, rng.choice((0, 0, 1, 2)))
    ]  # fmt: skip


def _drafts(
    tools: list[Offered], known: tuple[Domain, ...], setting: Setting, rng: Random, level: int, has_built_in: bool
) -> list[Draft]:
    shares = SHARES[level]
    wanted = rng.randint(8, 10)
    found: list[Draft] = []
    for _ in range(80):
        if len(found) >= wanted:
            break
        drafts = _made(
            rng.choices(list(shares), list(shares.values()))[0], tools, known, setting, rng, level, has_built_in
        )
        goals = {draft.goal.lower() for draft in found}
        if drafts and not any(draft.goal.lower() in goals for draft in drafts):
            found += drafts
    return found


def _made(
    kind: str, tools: list[Offered], known: tuple[Domain, ...], setting: Setting, rng: Random, level: int, has_built_in: bool
) -> list[Draft]:  # fmt: skip
    one: Draft | None = None
    match kind:
        case "single":
            one = goals_tool.single(rng.choice(tools), setting, rng, level)
        case "swapped":
            able = [tool for tool in tools if tool.invention.roles]
            return list(goals_tool.swapped(rng.choice(able), setting, rng) or ()) if able else []
        case "chinese":
            able = [tool for tool in tools if tool.invention.chinese]
            one = goals_tool.chinese(rng.choice(able), setting, rng) if able else None
        case "lacking":
            one = goals_tool.lacking(rng.choice(tools), setting, rng, level)
        case "foreign":
            one = goals_beyond.foreign(tools, known, setting, rng, level)
        case "sibling":
            one = goals_beyond.sibling(tools, known, setting, rng, level)
        case "joined":
            one = goals_sequence.joined(tools, setting, rng, level) if len(tools) > 1 else None
        case "referring":
            one = goals_sequence.referring(tools, setting, rng, level)
        case "told":
            one = goals_sequence.told(tools, setting, rng, level) if has_built_in else None
        case "said":
            one = goals_sequence.plainly_said(rng, level) if has_built_in else None
    return [one] if one else []


def _goal(draft: Draft) -> dict[str, Any]:
    made = {"goal": draft.goal, "plan": draft.plan, "class": draft.kind, "level": draft.level}
    return (
        made
        | ({"implied": list(draft.implied)} if draft.implied else {})
        | ({"pair": draft.pair} if draft.pair else {})
    )
