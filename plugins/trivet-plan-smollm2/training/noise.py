"""What people put around a goal, and how they mistype it; the goal's values stay as they are."""

import re
from collections.abc import Sequence
from functools import cache
from random import Random

from training.domains import WORDING
from training.drafts import misspelt, outside, upper_first


@cache
def surroundings() -> dict[str, list[str]]:
    """Lines by section; spaces at their ends count."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (WORDING / "surroundings.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            name = line[1:-1]
        elif line and not line.startswith("# "):
            found.setdefault(name, []).append(line)
    return found


def polite(goal: str, rng: Random) -> str:
    if rng.random() < 0.6:
        forms = surroundings()["polite before"]
        if upper_first(goal.split(" ")[0]) not in _ORDERS:
            forms = [form for form in forms if form.rstrip()[-1] in ".!:,"]
        before = rng.choice(forms)
        is_new = before.rstrip()[-1] in ".!"
        return before + (upper_first(goal) if is_new else lower_first(goal))
    after = rng.choice(surroundings()["polite after"])
    if after[0] == ",":
        bare = goal.rstrip(".!")
        return bare + after if bare[-1] != "?" else bare[:-1] + after + "?"
    return (goal if goal[-1] in ".?!" else goal + ".") + after


def chatty(goal: str, rng: Random) -> str:
    """With a sentence that has nothing to do with it."""
    if rng.random() < 0.55:
        return f"{rng.choice(surroundings()['context before'])} {upper_first(goal)}"
    return f"{goal if goal[-1] in '.?!' else goal + '.'} {rng.choice(surroundings()['context after'])}"


def roughened(goal: str, kept: Sequence[str], rng: Random, level: int) -> str:
    """Politeness, chatter, hurry and slips of the finger, more of them on higher levels; none on level 1.

    `kept` are the values, which no slip touches.
    """
    if level == 1:
        return goal
    if rng.random() < 0.22:
        goal = polite(goal, rng)
    if rng.random() < 0.16:
        goal = chatty(goal, rng)
    literals = sorted({text for text in kept if text}, key=len, reverse=True)
    if rng.random() < 0.14:
        goal = outside(goal, literals, str.lower)
    if rng.random() < 0.1:
        goal = goal.rstrip(".?!")
    for _ in range(2):
        if rng.random() < 0.09:
            goal = outside(goal, literals, lambda part: misspelt(part, rng))
    return goal.strip()


def lower_first(goal: str) -> str:
    """For a goal behind other words; names and `I` keep their capital."""
    first = goal.split(" ")[0].strip(",.:;!?")
    is_name = first in ("I", "I'm", "I've", "I'd", "I'll") or not first[1:].islower() or first not in _SENTENCE_STARTS
    return goal if is_name else goal[0].lower() + goal[1:]


def with_one_article(goal: str) -> str:
    """`the that room`, made when a value gave way to `that room`, has an article too many."""
    return re.sub(
        r"\b(?:the|my|our|a|an) (?=(?:some|that|this|one of|another|the|an?)\b)", "", goal, flags=re.IGNORECASE
    )


_ORDERS = frozenset(
    """Put Add Find Show Give Get Tell Make Send Take Set Turn Move Let Remove Delete Cancel Book Reserve Order Look Check Open
    Start Play Mark Write Note Record Keep Save Store Bring Change Switch Forward Pass Rename Call Introduce Register Enter
    Log Scale Lock Unlock Print Pack Draw Cut Extract Run Count Name Replace Buy Restock Reorder Apply Schedule Reschedule
    Rent Pay Charge Translate Convert Merge Fold Remember""".split()
)
_SENTENCE_STARTS = _ORDERS | frozenset(
    """On Can Could Would Please What When Where Which Who How Is Are Do Does Did Has Have We The Our My Your There Somebody
    From To At For It This They Everybody Nobody Any Anything Something Another Some Time Under Whose Whom Light Water Weigh
    Feed Everything New Latest Current Today's Recent Staff Will In First""".split()
)
