"""In which order plugins start, and which cannot: pure, over manifests."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from trivet_sdk.manifest import KINDS, Manifest

_USUAL = (">=1.0,<2", "1.0")
"""What nearly every manifest asks for and this SDK is: known without `packaging`."""


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    order: tuple[str, ...]
    """Ids that can start, each after what it needs."""
    refused: dict[str, str]
    """Id -> why it cannot start."""


def resolve(
    manifests: Mapping[str, Manifest],
    versions: Mapping[str, str],
    sdk: str,
    absent: Mapping[str, str] | None = None,
) -> Resolution:
    """`manifests` are those of the enabled plugins, `versions` of their distributions; `absent` says of installed
    plugins that are not enabled why they are not."""
    refused: dict[str, str] = {}
    for id, manifest in sorted(manifests.items()):
        if reason := _own_fault(manifest, sdk):
            refused[id] = reason
    cycle = _cycles({id: _hard(manifest) for id, manifest in manifests.items() if id not in refused})
    refused.update(cycle)
    while unmet := _unmet(manifests, versions, absent or {}, refused):
        refused.update(unmet)
    usable = {id: manifest for id, manifest in manifests.items() if id not in refused}
    return Resolution(order=_ordered(usable), refused=dict(sorted(refused.items())))


@cache
def sdk_mismatch(specifier: str, sdk: str) -> str:
    """Why this contract version does not do, or nothing."""
    if (specifier, sdk) == _USUAL:
        return ""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version

    try:
        fits = SpecifierSet(specifier).contains(Version(sdk), prereleases=True)
    except InvalidSpecifier:
        return f"its manifest asks for SDK '{specifier}', which is no version specifier; write it like '>=1.0,<2'"
    return "" if fits else f"it is made for SDK {specifier}, and this host has SDK {sdk}"


class Need(msgspec.Struct, frozen=True):
    """A requirement of a manifest: a plugin's id, and which versions of its distribution will do."""

    name: str
    specifier: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.specifier}"


@cache
def need(text: str) -> Need:
    """Parsed; only one with a version costs the import of `packaging`. Raises ValueError."""
    if re.fullmatch(r"[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?", text):
        return Need(text)
    from packaging.requirements import Requirement

    requirement = Requirement(text)
    return Need(requirement.name, str(requirement.specifier))


def _own_fault(manifest: Manifest, sdk: str) -> str:
    for text in (*manifest.requires.plugins, *manifest.requires.optional):
        try:
            need(text)
        except ValueError:
            return f"its manifest requires '{text}', which is no requirement; write it like 'web>=0.1'"
    return sdk_mismatch(manifest.plugin.sdk, sdk)


def _hard(manifest: Manifest) -> frozenset[str]:
    return frozenset(need(text).name for text in manifest.requires.plugins)


def _cycles(needs: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """A sentence for every member of a cycle, from Tarjan-like walks: small graphs, so each node walks for itself."""
    found: dict[str, str] = {}
    for start in sorted(needs):
        if path := _path_back(start, needs):
            found[start] = f"it needs itself: {' -> '.join((*path, start))}"
    return found


def _path_back(start: str, needs: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The shortest way from `start` along needs to `start` again."""
    paths: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while paths:
        path = paths.pop(0)
        for needed in sorted(needs.get(path[-1], ())):
            if needed == start:
                return path
            if needed not in seen:
                seen.add(needed)
                paths.append((*path, needed))
    return ()


def _unmet(
    manifests: Mapping[str, Manifest],
    versions: Mapping[str, str],
    absent: Mapping[str, str],
    refused: Mapping[str, str],
) -> dict[str, str]:
    present = {id: manifest for id, manifest in manifests.items() if id not in refused}
    kinds = {kind for manifest in present.values() for kind in KINDS if getattr(manifest.contributes, kind)}
    found: dict[str, str] = {}
    for id, manifest in sorted(present.items()):
        for text in manifest.requires.plugins:
            if reason := _unmet_requirement(need(text), present, versions, absent, refused):
                found[id] = reason
                break
        else:
            for kind in manifest.requires.capabilities:
                if kind not in kinds and f"{kind}s" not in kinds:
                    found[id] = f"it needs {kind}, which no enabled plugin provides"
    return found


def _unmet_requirement(
    requirement: Need,
    present: Mapping[str, Manifest],
    versions: Mapping[str, str],
    absent: Mapping[str, str],
    refused: Mapping[str, str],
) -> str:
    needed = requirement.name
    if needed in refused:
        return f"it needs plugin '{needed}', which cannot start: {refused[needed]}"
    if needed not in present:
        if needed in absent:
            return f"it needs plugin '{needed}', which is {absent[needed]}"
        return f"it needs plugin '{needed}', which is not installed"
    if not requirement.specifier:
        return ""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        has_version = SpecifierSet(requirement.specifier).contains(Version(versions.get(needed, "0")), prereleases=True)
    except InvalidVersion:
        return ""
    return "" if has_version else f"it needs plugin '{requirement}', and version {versions.get(needed)} is installed"


def _ordered(manifests: Mapping[str, Manifest]) -> tuple[str, ...]:
    """Hard needs first; optional ones too, unless that would close a circle. By id where nothing else decides."""
    optional = {
        id: {need(text).name for text in manifest.requires.optional} & manifests.keys()
        for id, manifest in manifests.items()
    }
    waiting = {id: _hard(manifest) | optional[id] for id, manifest in manifests.items()}
    hard = {id: _hard(manifest) for id, manifest in manifests.items()}
    order: list[str] = []
    while waiting:
        ready = _first_free(waiting, order) or _first_free({id: hard[id] for id in waiting}, order)
        assert ready, "cycles of hard needs were refused before"
        order.append(ready)
        del waiting[ready]
    return tuple(order)


def _first_free(waiting: Mapping[str, Iterable[str]], done: Iterable[str]) -> str:
    finished = set(done)
    return next((id for id in sorted(waiting) if finished.issuperset(waiting[id])), "")
