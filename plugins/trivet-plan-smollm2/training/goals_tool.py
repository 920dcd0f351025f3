"""Goals that one tool meets: plain ones, pairs with exchanged roles, Chinese ones, and goals that leave something open."""

import re
from random import Random

from training.catalogue import SLOT
from training.drafts import Draft, Setting, call, upper_first
from training.invented import Offered, called, filled, said, values_for
from training.noise import roughened, with_one_article
from training.values import Value, exchangeable, kind_of

OPEN = "which value"
"""What the planner asks where a goal leaves a value open; one of the questions that its grammar knows."""


def single(tool: Offered, setting: Setting, rng: Random, level: int) -> Draft | None:
    """On level 1 with all that the wording can say, else with optional parts left out half the time."""
    wording = rng.choice(tool.wordings())
    values = values_for(tool.invention, wording, setting, rng)
    if values is None:
        return None
    text, arguments = filled(tool.invention, wording, values, rng, keep=0.8 if level == 1 else 0.5)
    kept = said(values.values())
    return Draft(
        goal=roughened(text, kept, rng, level),
        plan=[called(tool, arguments)],
        kind="one tool",
        level=min(level, 2),
        implied=tuple(tool.names[name] for name, _ in wording.implied),
        kept=kept,
    )


def swapped(tool: Offered, setting: Setting, rng: Random) -> tuple[Draft, Draft] | None:
    """The same goal twice, the values of two arguments exchanged."""
    if not tool.invention.roles:
        return None
    first, second = tool.invention.roles
    wordings = [w for w in tool.wordings() if {first, second} <= set(SLOT.findall(w.text))]
    pool = exchangeable(tool.invention.argument(first).kind, tool.invention.argument(second).kind, rng)
    if not wordings or pool is None:
        return None
    wording = rng.choice(wordings)
    values = values_for(tool.invention, wording, setting, rng, dict(zip((first, second), pool, strict=True)))
    if values is None:
        return None
    seed = rng.random()  # both are roughened alike
    other = {**values, first: values[second], second: values[first]}
    drafts = []
    for filling in (values, other):
        alike = Random(seed)
        text, arguments = filled(tool.invention, wording, filling, alike)
        drafts.append(
            Draft(
                goal=text,
                plan=[called(tool, arguments)],
                kind="roles",
                level=3,
                implied=tuple(tool.names[name] for name, _ in wording.implied),
                kept=said(values.values()),
                pair=f"{tool.name}/{seed}",
            )
        )
    return (drafts[0], drafts[1]) if drafts[0].goal != drafts[1].goal else None


def chinese(tool: Offered, setting: Setting, rng: Random) -> Draft | None:
    wordings = tool.wordings(chinese=True)
    if not wordings:
        return None
    wording = rng.choice(wordings)
    values = values_for(tool.invention, wording, setting, rng)
    if values is None:
        return None
    text, arguments = filled(tool.invention, wording, values, rng)
    if rng.random() < 0.15:
        text = rng.choice(["请", "麻烦你", "你好，"]) + text.removeprefix("请")
    implied = tuple(tool.names[name] for name, _ in wording.implied)
    return Draft(goal=text, plan=[called(tool, arguments)], kind="chinese", level=2, implied=implied)


def lacking(tool: Offered, setting: Setting, rng: Random, level: int) -> Draft | None:
    """A goal that speaks of a required value without saying it: the planner has to ask."""
    wording = rng.choice(tool.wordings())
    required = {argument.name for argument in tool.invention.required}
    slots = [name for name in re.findall(r"(?<!['\"])\{(\w+)\}(?!['\"])", wording.text) if name in required]
    vague = {name: kind_of(tool.invention.argument(name).kind).vague for name in slots}
    slots = [name for name in slots if vague[name]]
    if not slots:
        return None
    open_one = rng.choice(slots)
    values = values_for(tool.invention, wording, setting, rng)
    if values is None:
        return None
    values[open_one] = Value(rng.choice(vague[open_one]), None)
    text = with_one_article(filled(tool.invention, wording, values, rng)[0])
    text = upper_first(text) if wording.text[0] == "{" else text
    goal = roughened(text, said(values.values()), rng, level)
    return Draft(goal=goal, plan=[call("ask", question=OPEN)], kind="value open", level=3)
