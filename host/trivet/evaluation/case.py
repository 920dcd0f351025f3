"""A case of a suite, what came of attempting it, and under which conditions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import msgspec

if TYPE_CHECKING:
    from trivet.app import Host

Verdict: TypeAlias = Literal["right", "wrong", "honest", "timeout", "broken"]
"""`right`: as it should be, an honest refusal of what cannot be done included. `wrong`: success was claimed and is not there,
the worst outcome. `honest`: no success was claimed where there might have been one. `timeout`: it took too long. `broken`: the
host itself failed."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Under which all cases of an evaluation are attempted."""

    roles: Mapping[str, str] = {}
    """Over the settings' own, e.g. `{"planner": "plan", "model": "big"}`."""
    seconds: float = 120.0
    """That one case may take."""
    label: str = ""
    """How a person calls it in tables, e.g. `without adapter`."""


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of one case."""

    case: str
    group: str
    verdict: Verdict
    seconds: float
    """From the submission to the outcome, on the wall's clock."""
    cpu: float = 0.0
    """Seconds of all cores that this process was at work meanwhile, its workers not counted: comparable on a busy machine."""
    reasons: tuple[str, ...] = ()
    """What was not as expected; empty where it is right."""
    asked: bool = False
    """It ended with a question instead of an outcome."""
    answer: str = ""
    run: str = ""
    """Id of the run in this home's journal; empty where there was none."""
    measures: Mapping[str, bool] = {}
    """Further outcomes by name, e.g. `tool`: that the right one was called first."""
    notes: tuple[str, ...] = ()
    """What was seen beside it, e.g. files that nobody asked for."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One of a suite; derive from it."""

    id: str
    group: str
    """The class of cases that it counts in, e.g. `lookup`."""

    async def attempt(self, host: "Host", conditions: Conditions) -> Result:
        """Do it once and judge it. What goes wrong inside the case is a verdict; what makes all others pointless is raised,
        e.g. a journal that cannot be written."""
        raise NotImplementedError


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """As the command line has it: `goals`, `bfcl`."""
    source: str
    """Where it came from, for people: a folder, a version."""
    digest: str
    """SHA-256 of all that the outcome depends on: two evaluations with the same one are of the same cases."""
    cases: tuple[Case, ...]
