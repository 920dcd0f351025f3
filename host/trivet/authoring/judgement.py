"""A plugin judged: what was found, and the tier that follows from it and from nothing else.

bronze   manifest and code agree, and everything that it brings keeps its contract in its own isolation mode
silver   also: tests pass, types hold, there are a README and a licence; every tool was called; no advice is open
gold     also: the same results in every isolation mode that its kinds allow, and honest failures where something else
         failed first
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from trivet.authoring.examination import Mode, Outcome
from trivet.authoring.upkeep import Upkeep
from trivet_sdk.conformance.source import Remark
from trivet_sdk.manifest import Manifest

Tier: TypeAlias = Literal["none", "bronze", "silver", "gold"]
TIERS: tuple[Tier, ...] = ("none", "bronze", "silver", "gold")


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    plugin: str
    distribution: str
    version: str
    remarks: tuple[Remark, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    """In every mode in which its kinds can live, the plugin's own first."""
    upkeep: tuple[Upkeep, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        """What keeps it from any tier, each a whole sentence."""
        return tuple(f"plugin '{self.plugin}' {sentence}" for sentence in self._faults())

    @property
    def tier(self) -> Tier:
        for tier in reversed(TIERS[1:]):
            if not any(self.missing(each) for each in TIERS[1 : TIERS.index(tier) + 1]):
                return tier
        return "none"

    def missing(self, tier: Tier) -> tuple[str, ...]:
        """What this tier asks for beyond the one below, and has not got."""
        if tier == "bronze":
            return tuple(self._faults())
        return tuple(self._missing_silver() if tier == "silver" else self._missing_gold() if tier == "gold" else ())

    def _faults(self) -> Iterator[str]:
        yield from (remark.sentence for remark in self.remarks if remark.is_fault)
        for outcome in self.outcomes[:1]:
            if not outcome.is_left_out:
                yield from _faults_of(outcome)

    def _missing_silver(self) -> Iterator[str]:
        if self.outcomes and self.outcomes[0].is_left_out:
            yield f"isolation '{self.outcomes[0].mode}', its own: was not tried"
        yield from (remark.sentence for remark in self.remarks if not remark.is_fault)
        for outcome in self.outcomes[:1]:
            for examined in outcome.examined:
                if examined.unchecked:
                    yield f"{examined.subject}: {examined.unchecked}"
        for asked in self.upkeep:
            if not asked.is_met:
                yield f"{asked.name}: {asked.word}"

    def _missing_gold(self) -> Iterator[str]:
        for outcome in self.outcomes[:1]:
            yield from (sentence for examined in outcome.examined for sentence in examined.hardship)
        for outcome in self.outcomes[1:]:
            yield from (f"isolation '{outcome.mode}': {sentence}" for sentence in _faults_of(outcome))


def modes_of(manifest: Manifest) -> tuple[Mode, ...]:
    """The modes in which all its kinds can live, the manifest's own first."""
    own = manifest.plugin.isolation
    if manifest.contributes.executors or manifest.contributes.journals:
        return ("inprocess",)
    return tuple(dict.fromkeys((own, "inprocess", "process", "venv")))


def _faults_of(outcome: Outcome) -> Iterator[str]:
    if outcome.broken:
        yield outcome.broken
    for examined in outcome.examined:
        for fault in examined.faults:
            yield fault if examined.subject in ("manifest", "life") else f"has a fault: {fault}"
