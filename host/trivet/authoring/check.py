"""Everything that is asked of a plugin, asked in order."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from trivet.authoring.examination import Mode, Outcome, examined, left_out
from trivet.authoring.judgement import Judgement, modes_of
from trivet.authoring.own_environment import TooLarge, environment_for
from trivet.authoring.project import Project, opened
from trivet.authoring.upkeep import Upkeep, unasked, upkeep_of
from trivet.kernel.resolution import sdk_mismatch
from trivet_sdk import SDK_VERSION
from trivet_sdk.conformance import Given, given_in
from trivet_sdk.conformance.manifests import manifest_faults
from trivet_sdk.conformance.package import package_remarks, settings_schema
from trivet_sdk.conformance.site import served
from trivet_sdk.conformance.source import Remark, fault, remarks
from trivet_sdk.errors import InvalidManifest
from trivet_sdk.manifest import Manifest


def judged(what: str, *, modes: Collection[Mode] = (), with_upkeep: bool = True) -> Judgement:
    """The plugin by its folder, wheel or id, in these modes or in all that its kinds allow.

    Raises NotAPlugin or UnknownPlugin if there is nothing to judge.
    """
    with opened(what) as project:
        try:
            manifest = project.manifest()
        except InvalidManifest as error:
            unusable = fault(f"has a trivet.toml that cannot be used: {error.reason}")
            return _judgement(project, remarks=(unusable,))
        given, fault_of_given = _given(project)
        found = (*fault_of_given, *_remarks(project, manifest))
        with TemporaryDirectory(prefix="trivet-check-") as home, served(given) as given:
            outcomes = tuple(
                _examined(project, given, mode, Path(home)) if not modes or mode in modes else left_out(mode)
                for mode in modes_of(manifest)
            )
        return _judgement(
            project,
            remarks=found,
            outcomes=outcomes,
            upkeep=upkeep_of(project) if with_upkeep else unasked("left out by --quick"),
        )


def read_only(candidate_id: str) -> Judgement:
    """An installed plugin, without running any of it: manifest and source only."""
    with opened(candidate_id) as project:
        try:
            manifest = project.manifest()
        except InvalidManifest as error:
            return _judgement(project, remarks=(fault(f"has a trivet.toml that cannot be used: {error.reason}"),))
        outcomes = tuple(left_out(mode) for mode in modes_of(manifest))
        return _judgement(project, remarks=_remarks(project, manifest), outcomes=outcomes)


def _examined(project: Project, given: Given, mode: Mode, home: Path) -> Outcome:
    if mode == "inprocess":
        return examined(project, given, mode, ("trivet_sdk.conformance", project.module))
    runner = ["trivet.authoring.in_worker", project.id]
    if mode == "venv":
        try:
            runner.append(str(environment_for(project, home)))
        except TooLarge as error:
            megabytes = error.size // 1_000_000
            cure = f"`trivet plugins install {project.distribution} --isolation venv` tries it"
            return Outcome(mode=mode, broken=f"was not tried: what it needs has {megabytes} MB; {cure}")
    return examined(project, given, mode, runner)


def _given(project: Project) -> tuple[Given, tuple[Remark, ...]]:
    """What the project says about itself for checks; none of it for a wheel."""
    if project.folder is None:
        return Given(), ()
    try:
        return given_in(project.folder), ()
    except ValueError as error:
        return Given(), (fault(f"says what no check understands: {error}"),)


def _remarks(project: Project, manifest: Manifest) -> Iterator[Remark]:
    if manifest.id != project.id:
        both = f"has the id '{manifest.id}' in its manifest, but its entry point is named '{project.id}'"
        yield fault(f"{both}; let them be the same")
    if mismatch := sdk_mismatch(manifest.plugin.sdk, SDK_VERSION):
        yield fault(f"cannot run here: {mismatch}")
    yield from (fault(sentence) for sentence in manifest_faults(manifest))
    yield from package_remarks(manifest, project.read, project.requirements)
    yield from remarks(manifest, project.sources(), settings_schema(manifest, project.read))
    for requirement in project.requirements:
        if (missing := _missing(requirement)) is not None:
            yield fault(f"needs {missing}, which is not installed here; `pip install '{missing}'` and check again")


def _missing(requirement: str) -> str | None:
    """The requirement if it holds here and nothing fulfils it."""
    import importlib_metadata
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        parsed = Requirement(requirement)
    except InvalidRequirement:
        return None  # pip says so when it is installed
    if parsed.marker is not None and not parsed.marker.evaluate({"extra": ""}):
        return None
    try:
        version = importlib_metadata.version(parsed.name)
    except importlib_metadata.PackageNotFoundError:
        return f"{parsed.name}{parsed.specifier}"
    return None if parsed.specifier.contains(version, prereleases=True) else f"{parsed.name}{parsed.specifier}"


def _judgement(
    project: Project,
    *,
    remarks: Iterable[Remark],
    outcomes: tuple[Outcome, ...] = (),
    upkeep: tuple[Upkeep, ...] = (),
) -> Judgement:
    return Judgement(
        plugin=project.id,
        distribution=project.distribution,
        version=project.version,
        remarks=tuple(dict.fromkeys(remarks)),
        outcomes=outcomes,
        upkeep=upkeep,
    )
