"""What `trivet doctor` says of programs that nobody has read: how far they are kept apart, and what they may import."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from trivet.cli.agreement import MARK, Marked, marked
from trivet.cli.finding import Finding

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey
    from trivet.settings import Settings

BACKEND = "x-trivet-sandbox"
"""Marks a setting that names what a sandbox is made with."""
ENVIRONMENT = "x-trivet-environment"
"""Marks a list of requirements that a plugin installs into the folder of its cache that the mark names: `current` there names
the folder of the last installation, whose `built.json` has `requirements` and `packages` (name -> version)."""


def apart(settings: "Settings", found: "Survey") -> Iterator[Finding]:
    yield from _unsafe(settings, found)
    yield from _sandbox()
    yield from _workers(settings)
    yield from _reduced(settings, found)
    yield from _environments(settings, found)


def _set(settings: "Settings", found: "Survey", mark: str) -> Iterator[tuple[Marked, Any]]:
    """The marked settings of enabled plugins that somebody has set, each with its value."""
    for each in marked(found, mark):
        value = settings.config_of(each.plugin).get(each.key.rpartition(".")[2])
        if value and found.records[each.plugin].state != "disabled":
            yield each, value


def _unsafe(settings: "Settings", found: "Survey") -> Iterator[Finding]:
    """What somebody has agreed to that nobody should leave on by mistake."""
    from trivet_sandbox.confirmation import is_confirmed

    for each, value in _set(settings, found, MARK):
        if is_confirmed(each.key, value):
            sentence = f"'{each.key}' is on. {each.said}. `trivet config set {each.key} --unset` ends that"
        else:
            sentence = (
                f"'{each.key}' is set, but nobody has agreed to it on this machine, so '{each.plugin}' does not start"
            )
        yield Finding("unsafe", "wrong", sentence)


def _sandbox() -> Iterator[Finding]:
    """What it promises is tried here, unless that was done before."""
    from trivet_sandbox import readiness

    found = readiness()
    if not found.is_usable:
        yield Finding("sandbox", "note", f"programs cannot be run apart here: {found.reason}")
        return
    version = ".".join(map(str, found.version or ()))
    yield Finding("sandbox", "ok", f"bubblewrap {version} at {found.bubblewrap}; what it promises was tried and held:")
    for probe in found.probes:
        yield Finding("sandbox", "ok", f"{probe.name}: {probe.promise}")


def _workers(settings: "Settings") -> Iterator[Finding]:
    """Whether plugins in workers are held to their permissions, which is tried like the other sandbox."""
    from trivet_sandbox import worker_readiness

    use = settings.host.worker_sandbox
    if use == "off":
        sentence = (
            'plugins in workers live in no sandbox, as host.worker_sandbox is "off": their permissions are promises'
        )
        yield Finding("workers", "note", sentence)
        return
    found = worker_readiness(settings.home)
    if not found.is_usable:
        verdict: Literal["note", "wrong"] = "wrong" if use == "require" else "note"
        what = "cannot be started" if use == "require" else "live in no sandbox, and their permissions are promises"
        yield Finding("workers", verdict, f"plugins in workers {what}: {found.reason}")
        return
    yield Finding("workers", "ok", "plugins in workers live in a sandbox; what it promises was tried and held:")
    for probe in found.probes:
        yield Finding("workers", "ok", f"{probe.name}: {probe.promise}")
    yield Finding("workers", "ok", "advisory: which hosts they connect to, where they may use the network")


def _reduced(settings: "Settings", found: "Survey") -> Iterator[Finding]:
    """Where a plugin is told to use the reduced sandbox."""
    chosen = " and ".join(each.key for each, value in _set(settings, found, BACKEND) if value == "landlock")
    if not chosen:
        return
    from trivet_sandbox.reduced import reduced_readiness

    reduced = reduced_readiness()
    if not reduced.is_usable:
        yield Finding("reduced", "wrong", f"{chosen} is 'landlock', but {reduced.reason}")
        return
    said = f"{chosen} is 'landlock' (version {reduced.abi} in this kernel), which keeps fewer promises:"
    yield Finding("reduced", "note", said)
    for probe in reduced.probes:
        if probe.is_kept:
            yield Finding("reduced", "ok", f"{probe.name}: {probe.promise}")
        else:
            yield Finding("reduced", "note", f"not kept, {probe.name}: {probe.promise} ({probe.said})")


def _environments(settings: "Settings", found: "Survey") -> Iterator[Finding]:
    import msgspec

    for each, value in _set(settings, found, ENVIRONMENT):
        folder = settings.home / "cache" / each.plugin / each.said
        wanted = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        try:
            root = folder / (folder / "current").read_text()
            built = msgspec.json.decode((root / "built.json").read_bytes())
            packages = ", ".join(f"{name} {version}" for name, version in sorted(built["packages"].items()))
        except (OSError, ValueError, msgspec.DecodeError, KeyError, TypeError, AttributeError):
            yield Finding(
                "packages", "note", f"'{each.key}' names {wanted}; they are installed when they are first needed"
            )
            continue
        if sorted(map(_bare, built["requirements"])) == sorted(map(_bare, value)):
            yield Finding("packages", "ok", f"'{each.key}' is installed in {root}: {packages}")
        else:
            said = f"'{each.key}' names {wanted}; what is installed is still for another list: {packages}"
            yield Finding("packages", "note", said)


def _bare(requirement: object) -> str:
    return "".join(str(requirement).split())
