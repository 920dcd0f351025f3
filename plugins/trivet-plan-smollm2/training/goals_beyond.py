"""Goals that none of the tools in the context can meet."""

from collections.abc import Sequence
from random import Random

from training.catalogue import Domain, Invention, are_kin
from training.drafts import Draft, Setting, call
from training.invented import Offered, filled, offered, said, values_for
from training.noise import roughened


def foreign(
    tools: Sequence[Offered], domains: Sequence[Domain], setting: Setting, rng: Random, level: int
) -> Draft | None:
    """A goal of a tool of another domain, which is not akin to any here."""
    here = {tool.invention.domain for tool in tools}
    others = [d for d in domains if not any(are_kin(d.name, name) for name in here)]
    return _declined(rng.choice(rng.choice(others).tools), setting, rng, level, 2) if others else None


def sibling(
    tools: Sequence[Offered], domains: Sequence[Domain], setting: Setting, rng: Random, level: int
) -> Draft | None:
    """A goal of a tool of the same domain that is not here and does something else: it asks where those here change, or the
    other way round."""
    here = {tool.invention.name for tool in tools}
    options = [
        invention
        for domain in domains
        for invention in domain.tools
        if invention.name not in here
        and (mine := [tool for tool in tools if tool.invention.domain == domain.name])
        and all(tool.invention.effect != invention.effect for tool in mine)
        and not any(
            are_kin(tool.invention.domain, domain.name) for tool in tools if tool.invention.domain != domain.name
        )
    ]
    return _declined(rng.choice(options), setting, rng, level, 3) if options else None


def _declined(invention: Invention, setting: Setting, rng: Random, level: int, least: int) -> Draft | None:
    tool = offered(invention, rng, set())
    wording = rng.choice(tool.wordings())
    values = values_for(invention, wording, setting, rng)
    if values is None:
        return None
    text, _ = filled(invention, wording, values, rng)
    goal = roughened(text, said(values.values()), rng, level)
    return Draft(goal=goal, plan=[call("none")], kind="no tool", level=max(least, min(level, 3)))
