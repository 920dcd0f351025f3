"""Starts that failed: a host leaves a mark in the home while it starts, and takes it away once it is up.

A mark whose process is gone is a start that nobody survived: a plugin that segfaults at import, or memory that ran out.
After two of them in a row, with the settings as they are now, hosts start in safe mode, until settings change, a start
succeeds, or the user asks for a normal one (`--no-safe`).
"""

import contextlib
import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from trivet.packages.trust import FIRST_PARTY
from trivet.settings import BUILT_IN, DEFAULTS, Settings
from trivet.settings_file import FILE
from trivet_sdk.events import Event, PluginChanged

if TYPE_CHECKING:
    from trivet.journal.owner import Owner

ENOUGH = 2
"""Failed starts in a row that lead into safe mode."""

_KINDS = {
    "planner": "planners",
    "reflector": "reflectors",
    "context": "contexts",
    "embedder": "embedders",
    "executor": "executors",
}


class _Mark(msgspec.Struct, frozen=True, kw_only=True):
    owner: Any
    time: float
    settings: int
    starting: tuple[str, ...] = ()
    """Plugins that were being started."""


class Startup:
    """One start. `heard` is told the events of the kernel's bus, `up` that everything is there."""

    def __init__(self, path: Path, owner: "Owner", settings: int) -> None:
        self._path = path
        self._mark = _Mark(owner=msgspec.to_builtins(owner), time=time.time(), settings=settings)
        self._starting: list[str] = []
        self._is_up = False
        self._write()

    def heard(self, event: Event) -> None:
        if self._is_up or not isinstance(event, PluginChanged):
            return
        if event.after == "starting":
            self._starting.append(event.plugin)
        elif event.plugin in self._starting:
            self._starting.remove(event.plugin)
        else:
            return
        self._write()

    def up(self) -> None:
        """The row of failed starts is broken, this one included."""
        self._is_up = True
        _remove(_failed(self._path.parent))
        self.over()

    def over(self) -> None:
        """It has not failed, whatever became of it: whoever can say so is alive."""
        _remove((self._path,))

    def _write(self) -> None:
        """Not synced: what matters is what a process leaves when it dies, not a machine."""
        mark = msgspec.structs.replace(self._mark, starting=tuple(self._starting))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replaced = self._path.with_suffix(".new")
            replaced.write_bytes(msgspec.json.encode(mark))
            replaced.replace(self._path)


@contextmanager
def starting(settings: Settings) -> Iterator[Startup | None]:
    """Around a host's life; None in safe mode, whose success says nothing about the plugins that it leaves out."""
    if settings.safe:
        yield None
        return
    from trivet.journal.owner import this_owner

    owner = this_owner()
    startup = Startup(_folder(settings.home) / f"{owner.id}.json", owner, _fingerprint(settings.home))
    try:
        yield startup
    finally:
        startup.over()


def forgive(home: Path) -> None:
    """Forget the starts that failed."""
    _remove(_failed(_folder(home)))


def judged(settings: Settings) -> Settings:
    """In safe mode, with the reason, if that is where the last starts lead."""
    if settings.safe:
        return settings
    failed = _failed(_folder(settings.home))
    now = _fingerprint(settings.home)
    row = sorted((mark for mark in failed.values() if mark.settings == now), key=lambda mark: mark.time)
    if len(row) < ENOUGH:
        return settings
    return msgspec.structs.replace(settings, safe=True, safe_because=_reason(row[-1].starting))


def safe_roles(settings: Settings, names: Callable[[str], tuple[str, ...]]) -> tuple[Settings, tuple[str, ...]]:
    """In safe mode, roles that plugins fill which are left out go to who fills them by default, if that one is there; and
    a sentence for each. `names` are the contributions of a kind that there are."""
    if not settings.safe:
        return settings, ()
    roles, said = dict(settings.roles), []
    for role, kind in _KINDS.items():
        name, usual = roles.get(role, ""), str(DEFAULTS["roles"][role])
        there = {*names(kind), BUILT_IN.get(role, "")}
        if name and name not in there and usual in there:
            roles[role] = usual
            said.append(f"in safe mode '{usual}' is the {role}, since '{name}' is left out")
    usual, backends = str(DEFAULTS["roles"]["model"]), names("models")

    def is_there(model: str) -> bool:
        return settings.models.get(model, {}).get("backend") in backends

    if not is_there(roles["model"]) and is_there(usual):
        said.append(f"in safe mode '{usual}' is the model, since the backend of '{roles['model']}' is left out")
        roles["model"] = usual
    return msgspec.structs.replace(settings, roles=roles), tuple(said)


def _reason(starting: tuple[str, ...]) -> str:
    """`starting` are plugins that had begun to start; trivet's own among them are not what safe mode leaves out."""
    plugins = [plugin for plugin in starting if plugin not in FIRST_PARTY]
    names = " and ".join(f"'{plugin}'" for plugin in plugins)
    during = f", the last time with plugin {names}" if names else ""
    cure = f"`trivet plugins disable {plugins[0]}` leaves it out for good" if plugins else "Disable what you added last"
    return (
        f"trivet died twice in a row while it was starting{during}, so this is safe mode: only its own plugins run, and "
        f"your settings are as they were. {cure}; any change of settings ends safe mode, and `--no-safe` tries at once."
    )


def _folder(home: Path) -> Path:
    return home / "cache" / "starts"


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _fingerprint(home: Path) -> int:
    try:
        return zlib.crc32((home / FILE).read_bytes())
    except OSError:
        return 0


def _failed(folder: Path) -> dict[Path, _Mark]:
    """Marks of processes that are gone."""
    try:
        paths = [folder / name for name in os.listdir(folder) if name.endswith(".json")]
    except OSError:
        return {}
    found: dict[Path, _Mark] = {}
    for path in paths:
        from trivet.journal.owner import Owner, is_alive

        try:
            mark = msgspec.json.decode(path.read_bytes(), type=_Mark)
            owner = msgspec.convert(mark.owner, Owner)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            continue  # it came up meanwhile, or is none of ours
        if not is_alive(owner):
            found[path] = mark
    return found
