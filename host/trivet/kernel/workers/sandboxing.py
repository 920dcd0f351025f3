"""Whether a plugin's worker lives in a sandbox, and what it sees there."""

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from trivet.kernel.candidate import Candidate
from trivet.kernel.workers import process
from trivet.settings import SandboxUse
from trivet_sdk import worker
from trivet_sdk.errors import PluginError
from trivet_sdk.manifest import Manifest, Permissions

if TYPE_CHECKING:
    from trivet_sandbox import Enclosure, Prepared

_LIBRARIES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH")
"""Variables that say where something lies that is read at the start."""


class Sandboxing(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the question whether a worker can live in a sandbox."""

    bubblewrap: Path | None
    reason: str = ""
    """Why it does not, as a part of a sentence."""


class Sandbox(msgspec.Struct, frozen=True, kw_only=True):
    """`bubblewrap`, and what the worker may see and do."""

    bubblewrap: Path
    enclosure: "Enclosure"

    def prepared(
        self, python: str, environment: Mapping[str, str], memory: int, sdk: str, channel: int, asks: int, life: int
    ) -> "Prepared":
        """The worker's command, in the sandbox. Raises OSError."""
        from dataclasses import replace

        from trivet_sandbox import filter_of, prepared

        enclosure = replace(self.enclosure, environment={**environment, **self.enclosure.environment})
        filter = filter_of(enclosure)
        command = (python, "-S", "-P", *process.entry(), *map(str, (channel, asks, life, 0, memory)), sdk, str(filter))
        own = () if filter < 0 else (filter,)
        return prepared(self.bubblewrap, enclosure, command, life=life, passed=(channel, asks), own=own)

    def shows(self, path: Path, may_write: bool) -> bool:
        """Whether the worker sees it without further ado, to be read, or to be written as well."""
        shown = self.enclosure.writable if may_write else (*self.enclosure.readable, *self.enclosure.writable)
        around = [each for each in (*shown, *self.enclosure.masked) if path.is_relative_to(each.resolve())]
        return bool(around) and max(around, key=lambda each: len(each.parts)) not in self.enclosure.masked


def sandboxing(manifest: Manifest, entry: Mapping[str, Any], usual: SandboxUse, home: Path) -> Sandboxing:
    """`entry` is `[plugins.<id>]`, whose word counts before the `usual` one. Blocks: a machine on which nobody looked before
    is tried. Raises PluginError if the plugin may not live without a sandbox and cannot live in one."""
    use = entry.get("sandbox", usual)
    if use not in get_args(SandboxUse):
        known = ", ".join(get_args(SandboxUse))
        raise PluginError(manifest.id, f"cannot have the sandbox {use!r}. There is: {known}.")
    setting = f"plugins.{manifest.id}.sandbox" if "sandbox" in entry else "host.worker_sandbox"
    if use == "off":
        return Sandboxing(bubblewrap=None, reason=f'{setting} is "off"')
    if asks_for_everything(manifest.permissions):
        return Sandboxing(
            bubblewrap=None, reason="its manifest asks for everything, so there is nothing to keep it from"
        )
    found = _debugged() if entry.get("debugger") else _tried(home)
    if found.bubblewrap is None and use == "require":
        raise PluginError(manifest.id, f'is to live in a sandbox ({setting} is "require") and cannot: {found.reason}')
    return found


def asks_for_everything(permissions: Permissions) -> bool:
    return bool("write:/" in permissions.files and permissions.network and permissions.subprocess)


def _debugged() -> Sandboxing:
    return Sandboxing(bubblewrap=None, reason="a debugger can be attached to it, which needs a socket and processes")


def _tried(home: Path) -> Sandboxing:
    if sys.platform != "linux":
        return Sandboxing(bubblewrap=None, reason="there are sandboxes on Linux only")
    if not Path(process.entry()[0]).is_file():
        return Sandboxing(bubblewrap=None, reason="trivet-sdk lies in an archive; install it unpacked")
    from trivet_sandbox import worker_readiness

    found = worker_readiness(home)
    return Sandboxing(bubblewrap=found.bubblewrap if found.is_usable else None, reason=found.reason)


def sandbox_of(
    bubblewrap: Path,
    manifest: Manifest,
    candidate: Candidate,
    *,
    home: Path,
    own: tuple[Path, Path],
    python: Path | None,
    path: tuple[str, ...],
    weights: tuple[Path, ...],
) -> Sandbox:
    """`own` are its folders for data and cache; `python` the interpreter of an environment of its own, without which it
    shares this process's, and its search `path`; `weights` are the model files that it may ask for, and need not be there."""
    from trivet_sandbox import Enclosure

    asked = manifest.permissions
    readable = [*_interpreter(python), *_code(candidate, python, path, home), *_weights(home, weights)]
    readable += [Path(each) for name in _LIBRARIES for each in os.environ.get(name, "").split(":") if each]
    writable = [*own]
    for word in asked.files:
        kind, _, place = word.partition(":")
        if place != "workspace":
            (writable if kind == "write" else readable).append(Path(os.path.expanduser(place)))
    return Sandbox(
        bubblewrap=bubblewrap,
        enclosure=Enclosure(
            readable=tuple(dict.fromkeys(each for each in readable if each.is_absolute())),
            writable=tuple(dict.fromkeys(writable)),
            masked=tuple(dict.fromkeys((home, home.resolve()))),
            has_network=bool(asked.network),
            may_start_programs=asked.subprocess,
            environment={"TMPDIR": "/tmp", "XDG_CACHE_HOME": str(own[1])},
        ),
    )


def may_see_workspaces(permissions: Permissions) -> bool:
    return any(word.endswith(":workspace") for word in permissions.files)


def may_write_workspaces(permissions: Permissions) -> bool:
    return "write:workspace" in permissions.files


def _interpreter(python: Path | None) -> Iterator[Path]:
    """Where Python itself lies, by all its names."""
    yield Path(sys.base_prefix)
    yield Path(sys.prefix) if python is None else python.parents[1]
    program = python or Path(sys.executable)
    while program.is_symlink():
        program = program.parent / program.readlink()
        yield program.parents[1]


def _code(candidate: Candidate, python: Path | None, path: tuple[str, ...], home: Path) -> Iterator[Path]:
    """Where its own code lies, the worker's, and what it can import. Of the search path not the folder that somebody
    happens to be in, nor one that has more than code in it."""
    yield Path(process.entry()[0])
    yield Path(worker.__file__).parents[1]
    if python is not None:
        yield from map(Path, candidate.path)
    else:
        yield Path(process.sdk_folder())
        here, homes = _here(), _homes(home)
        for each in map(Path, filter(None, path)):
            is_code = Path(sys.prefix) in (each, *each.parents)
            if is_code or not (each == here or any(folder.is_relative_to(each) for folder in homes)):
                yield each
    if candidate.location:
        yield Path(candidate.location)
    elif candidate.embedded is not None:
        yield from _package(str(getattr(candidate.embedded, "__name__", "")).partition(".")[0])


def _package(name: str) -> Iterator[Path]:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return
    if spec is not None and spec.submodule_search_locations:
        yield from map(Path, spec.submodule_search_locations)
    elif spec is not None and spec.origin:
        yield Path(spec.origin)


def _weights(home: Path, declared: tuple[Path, ...]) -> Iterator[Path]:
    """Model files, and where links among them lead."""
    folder = home / "weights"
    yield from (folder, *declared)
    for each in (folder, *declared):
        if each.is_dir():
            yield from (found.resolve() for found in (*each.glob("*"), *each.glob("*/*")) if found.is_symlink())


def _here() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _homes(home: Path) -> tuple[Path, ...]:
    """Folders in which more lies than code: the person's, and trivet's."""
    try:
        return (home, Path.home())
    except RuntimeError:
        return (home,)
