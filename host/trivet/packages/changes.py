"""What an installation would change, and whether it may: pure, over pip's installation report and what is there."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from trivet.packages.installed import Installed, needed_by


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """`before` is empty for a new package, `after` for one that goes."""

    name: str
    before: str = ""
    after: str = ""
    size: int = 0
    """Bytes to fetch, 0 if unknown."""

    @property
    def key(self) -> str:
        return canonicalize_name(self.name)


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A package that something else stands on and that would change its version."""

    change: Change
    askers: tuple[str, ...]
    """Who stands on it, like `trivet-sdk (msgspec>=0.19)`."""
    wanted_by: tuple[str, ...]
    """Who wants the other version, in the same form."""


def reported(report: Mapping[str, Any], there: Mapping[str, Installed], sizes: Mapping[str, int]) -> tuple[Change, ...]:
    """The changes of an installation report (pip's format, version 1), by name; `sizes` by canonical name."""
    changes = []
    for item in report.get("install", ()):
        metadata = item["metadata"]
        key = canonicalize_name(metadata["name"])
        before = there[key].version if key in there else ""
        changes.append(Change(name=metadata["name"], before=before, after=metadata["version"], size=sizes.get(key, 0)))
    return tuple(sorted(changes, key=lambda change: change.key))


def moved(
    changes: Iterable[Change],
    asked: Mapping[str, Iterable[tuple[str, str]]],
    report: Mapping[str, Any],
    own: str,
) -> tuple[Moved, ...]:
    """Changes of what others stand on (`asked`, see `installed.asking`); the wanted plugin `own` may move itself."""
    found = []
    for change in changes:
        if change.key == own or not change.before or change.before == change.after or change.key not in asked:
            continue
        askers = tuple(f"{who} ({requirement})" if requirement else who for who, requirement in asked[change.key])
        found.append(Moved(change=change, askers=askers, wanted_by=tuple(_wanting(change.key, report))))
    return tuple(found)


def _wanting(key: str, report: Mapping[str, Any]) -> Iterable[str]:
    for item in report.get("install", ()):
        metadata = item["metadata"]
        for requirement in needed_by(metadata.get("requires_dist", ())):
            if canonicalize_name(requirement.name) == key:
                yield f"{metadata['name']} ({requirement.name}{requirement.specifier})"


def orphans(gone: str, brought: Iterable[str], there: Mapping[str, Installed]) -> tuple[str, ...]:
    """Of the packages that came with a plugin those that nothing else needs once it is gone; canonical names.

    Requirements count whatever their markers say: rather a package too many is left than one too few.
    """
    leaving = {gone}
    candidates = {name for name in brought if name in there}
    while True:
        staying = [distribution for key, distribution in there.items() if key not in leaving]
        needed = {name for distribution in staying for name in _required(distribution)}
        free = candidates - leaving - needed
        if not free:
            return tuple(sorted(leaving - {gone}))
        leaving |= free


def _required(distribution: Installed) -> Iterable[str]:
    for text in distribution.requires:
        try:
            yield canonicalize_name(Requirement(text).name)
        except InvalidRequirement:
            continue
