"""One discovery: every installed plugin, from its entry point and its manifest, without importing it.

What was found last time is kept in the home (`index`), so that usually nothing is read but times of files.
Nothing here raises because of a plugin. What is wrong with one becomes its `problem`, a sentence.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from trivet.kernel.candidate import MANIFEST, Candidate
from trivet.kernel.index import Index
from trivet_sdk.errors import InvalidManifest
from trivet_sdk.manifest import Manifest, parse_manifest

__all__ = ["MANIFEST", "Candidate", "discover", "environment_paths"]


def discover(
    home: Path, embedded: Iterable[object] = (), holders: Mapping[str, str] | None = None
) -> tuple[Candidate, ...]:
    """All candidates, ordered by id. An embedded plugin stands in for an installed one of the same id, and one with an
    environment of its own for one that is installed beside trivet. `holders`: id -> the distribution whose plugin is
    enabled under it; others that claim the id are passed over, as beside one of trivet's own set."""
    given = [_from_object(plugin) for plugin in embedded]
    named = {candidate.id for candidate in given}
    found = Index(home / "cache").candidates(environment_paths(home))
    isolated = {candidate.id: candidate for candidate in found if candidate.environment}
    installed = [candidate for candidate in found if candidate.id not in named | isolated.keys()]
    apart = [candidate for id, candidate in isolated.items() if id not in named]
    together = _without_doubles([*given, *apart, *installed], holders or {})
    return tuple(sorted(together, key=lambda candidate: (candidate.id, candidate.origin)))


def environment_paths(home: Path) -> tuple[Path, ...]:
    """Environments that plugins have for themselves: `home/plugins/<id>/<digest>`, in use while there is a `bin/python`.
    Of two of one plugin the newer comes last."""
    found: list[tuple[str, float, Path]] = []
    for python in home.glob("plugins/*/*/bin/python"):
        environment = python.parents[1]
        if not environment.name.startswith(".") and python.exists():
            found.append((environment.parent.name, environment.stat().st_mtime, environment))
    return tuple(environment for _, _, environment in sorted(found))


def _from_object(plugin: object) -> Candidate:
    """From a module or object with its own `manifest` (or `MANIFEST`), else from its package's data."""
    name = str(getattr(plugin, "__name__", None) or type(plugin).__name__)
    package = name.partition(".")[0]
    held = getattr(plugin, "manifest", None) or getattr(plugin, "MANIFEST", None)
    problem, schema = "", ""
    if isinstance(held, str | bytes):
        try:
            held = parse_manifest(held.encode() if isinstance(held, str) else held, name)
        except InvalidManifest as error:
            problem = f"{MANIFEST} cannot be used: {error.reason}"
    elif held is None:
        from trivet.kernel.scan import manifest_of

        held, problem = manifest_of(package, name)
    if isinstance(held, Manifest) and not problem:
        if held.config.schema:
            from trivet.kernel.scan import schema_of

            schema = schema_of(package, held)
        return Candidate(id=held.id, target=name, manifest=held, schema=schema, embedded=plugin)
    problem = problem or f"its manifest is a {type(held).__name__} instead of a Manifest or the text of a {MANIFEST}"
    return Candidate(id=name, target=name, embedded=plugin, problem=problem)


def _without_doubles(candidates: Iterable[Candidate], holders: Mapping[str, str]) -> Iterator[Candidate]:
    by_id: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_id.setdefault(candidate.id, []).append(candidate)
    for id, same in by_id.items():
        holding = [each for each in same if each.distribution and each.distribution == holders.get(id)]
        holding = holding or [each for each in same if each.is_first_party]
        if len(same) == 1 or len(holding) == 1:
            yield (holding or same)[0]
        else:
            origins = " and ".join(sorted(candidate.origin for candidate in same))
            sentence = f"its id is claimed by {origins}. Uninstall all but one of them."
            yield _incompatible(same[0], sentence)


def _incompatible(candidate: Candidate, problem: str) -> Candidate:
    return msgspec.structs.replace(candidate, manifest=None, problem=problem)
