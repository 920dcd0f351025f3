"""Goals of two steps and more: one after the other, with an earlier result, and with `think` and `answer` at the end."""

from collections.abc import Sequence
from random import Random
from typing import Any

from training.drafts import Draft, Setting, call, ref, upper_first
from training.invented import Offered, called, filled, said, values_for
from training.noise import lower_first, roughened, surroundings, with_one_article
from training.values import Value, kind_of

Part = tuple[Offered, str, dict[str, Any], tuple[str, ...], tuple[str, ...]]
"""Tool, text, arguments, values as said, implied arguments."""


def joined(tools: Sequence[Offered], setting: Setting, rng: Random, level: int) -> Draft | None:
    """Two goals of different tools in one; the second may speak of a value of the first as `that day`."""
    first, second = rng.sample(list(tools), 2)
    one = _part(first, setting, rng, {})
    if one is None:
        return None
    again: dict[str, Value] = {}
    if rng.random() < 0.5:
        again = _again(first, second, one[2], rng)
    two = _part(second, setting, rng, again)
    return _drafted([one, two], rng, level, "two tools") if two else None


def referring(tools: Sequence[Offered], setting: Setting, rng: Random, level: int) -> Draft | None:
    """The second tool works on what the first one finds out."""
    pairs = [
        (giver, taker, argument.name)
        for giver in tools
        if giver.invention.gives
        for taker in tools
        if taker is not giver
        for argument in taker.invention.arguments
        if giver.invention.gives.kind in (argument.kind.partition(":")[0], argument.takes)
    ]
    if not pairs:
        return None
    giver, taker, name = rng.choice(pairs)
    gives = giver.invention.gives
    assert gives is not None
    one = _part(giver, setting, rng, {})
    is_text = not taker.invention.argument(name).kind.startswith(("INT", "NUM"))
    value: Any = "{{s1#/value}}" if is_text else ref(1, "value")
    two = _part(taker, setting, rng, {name: Value(rng.choice(gives.said), value)})
    return _drafted([one, two], rng, level, "with a result", ordered=True) if one and two else None


def told(tools: Sequence[Offered], setting: Setting, rng: Random, level: int) -> Draft | None:
    """A question whose result is to be said, or thought about and said; needs `answer` and `think` among the tools."""
    asking = [tool for tool in tools if tool.invention.effect == "pure"]
    if not asking:
        return None
    one = _part(rng.choice(asking), setting, rng, {})
    if one is None:
        return None
    is_thought = rng.random() < 0.4
    pattern = rng.choice(surroundings()["think" if is_thought else "tell"])
    text = pattern.replace("{a}", _bare(one[1])).replace("{A}", _sentence(one[1])).replace("?.", "?")
    plan = [called(one[0], one[2])]
    if is_thought:
        instruction = pattern.split("{a}")[-1].split("{A}")[-1].lstrip(" ,.")
        instruction = instruction.removeprefix("and ").removeprefix("Then ").removeprefix("then ")
        instruction = instruction.removeprefix("Afterwards ")
        plan.append(call("think", instruction=instruction, inputs={"a": ref(1, "value")}))
    plan.append(call("answer", text=f"{{{{s{len(plan)}#/value}}}}"))
    kept = (*one[3], *(str(step["arguments"].get("instruction", "")) for step in plan))
    return Draft(
        goal=roughened(text, kept, rng, level), plan=plan, kind="told", level=4, implied=one[4], kept=tuple(kept)
    )


def plainly_said(rng: Random, level: int) -> Draft:
    """No tool is needed but `answer`."""
    words = rng.choice(surroundings()["words"])
    text = rng.choice(surroundings()["say"]).replace("{t}", rng.choice((f"'{words}'", f'"{words}"')))
    return Draft(goal=roughened(text, (words,), rng, level), plan=[call("answer", text=words)], kind="said", level=2)


def _part(tool: Offered, setting: Setting, rng: Random, given: dict[str, Value]) -> Part | None:
    wordings = [w for w in tool.wordings() if all("{" + name + "}" in w.text for name in given)]
    # what is said of an earlier value stands alone: no quotation marks around it, no possessive behind it
    wordings = [
        w
        for w in wordings
        if not any(f"{mark}{{{n}}}" in w.text or f"{{{n}}}'" in w.text for n in given for mark in "\"'")
    ]
    if not wordings:
        return None
    wording = rng.choice(wordings)
    values = values_for(tool.invention, wording, setting, rng, given)
    if values is None:
        return None
    text, arguments = filled(tool.invention, wording, values, rng, keep=1.0 if given else 0.4)
    return tool, text, arguments, said(values.values()), tuple(tool.names[name] for name, _ in wording.implied)


def _again(first: Offered, second: Offered, arguments: dict[str, Any], rng: Random) -> dict[str, Value]:
    """An argument of the second tool that holds what one of the first holds."""
    alike = [
        (mine.name, theirs)
        for mine in second.invention.arguments
        for theirs in first.invention.arguments
        if mine.kind == theirs.kind and theirs.name in arguments and kind_of(mine.kind).again
    ]
    if not alike:
        return {}
    name, theirs = rng.choice(alike)
    return {name: Value(rng.choice(kind_of(theirs.kind).again), arguments[theirs.name])}


def _drafted(parts: list[Part], rng: Random, level: int, kind: str, *, ordered: bool = False) -> Draft:
    first, second = parts
    pattern = rng.choice(surroundings()["then" if ordered or rng.random() < 0.85 else "first"])
    text = pattern
    for letter, part in (("a", first), ("b", second)):
        text = text.replace(f"{{{letter}}}", _bare(part[1])).replace(f"{{{letter.upper()}}}", _sentence(part[1]))
    text = with_one_article(text).replace("?.", "?").replace("?;", "?")
    kept = (*first[3], *second[3])
    return Draft(
        goal=upper_first(roughened(text, kept, rng, level))
        if rng.random() < 0.6
        else roughened(text, kept, rng, level),
        plan=[called(part[0], part[2]) for part in parts],
        kind=kind,
        level=4,
        implied=(*first[4], *second[4]),
        kept=kept,
    )


def _bare(text: str) -> str:
    """As a part of a sentence."""
    return lower_first(text.strip().rstrip(".?!"))


def _sentence(text: str) -> str:
    return upper_first(text.strip().rstrip(".!"))
