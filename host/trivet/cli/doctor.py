"""`trivet doctor`: what could keep this installation from working, each with its cure."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.columns import print_json
from trivet.cli.finding import Finding
from trivet.cli.screen import echo, in_line, styled

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey
    from trivet.settings import Settings


@click.command(cls=options.Command)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(as_json: bool) -> None:
    """Check this installation: Python, home, plugins, model files, endpoints.

    Exit code 0 if all is well, 1 if something is wrong.
    """
    findings = list(_findings())
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        marks = {
            "ok": styled("ok   ", fg="green"),
            "note": styled("note ", fg="yellow"),
            "wrong": styled("wrong", fg="red"),
        }
        for finding in findings:
            echo(f" {finding.what:<14} {in_line(finding.sentence)}", lead=marks[finding.verdict])
    if any(finding.verdict == "wrong" for finding in findings):
        click.get_current_context().exit(failure.NOT_ACHIEVED)


def _findings() -> Iterator[Finding]:
    from trivet.errors import SettingsError
    from trivet.settings import home_directory

    yield Finding("python", "ok", f"{platform.python_version()} at {sys.executable}, {platform.platform()}")
    yield from _sqlite()
    yield from _home(home_directory())
    yield from _journal(home_directory())
    try:
        settings = options.settings()
    except SettingsError as error:
        yield Finding("settings", "wrong", str(error))
        return
    from trivet.cli.apart import apart
    from trivet.kernel.survey import survey

    found = survey(settings)
    problems = (*settings.problems, *found.problems)
    yield from (Finding("settings", "note", problem) for problem in problems)
    if not problems:
        file = settings.home / "settings.toml"
        yield Finding("settings", "ok", str(file) if file.exists() else f"defaults; {file} is not there yet")
    yield from _plugins(found)
    yield from _roles(settings, found)
    yield from _weights(settings, found)
    yield from _endpoints(settings)
    yield from _devices()
    yield from apart(settings, found)


def _sqlite() -> Iterator[Finding]:
    try:
        import apsw
    except ImportError as error:
        yield Finding("sqlite", "wrong", f"apsw cannot be imported ({error}). Install it: pip install apsw")
        return
    version = apsw.sqlite_lib_version()
    fixed = tuple(map(int, version.split("."))) >= (3, 51, 3)
    why = "" if fixed else ": older ones than 3.51.3 can corrupt the journal. Update apsw: pip install -U apsw"
    yield Finding("sqlite", "ok" if fixed else "wrong", f"{version}{why}")


def _home(home: Path) -> Iterator[Finding]:
    probe = home / f".probe-{os.getpid()}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(home).free
    except OSError as error:
        from trivet.errors import HomeUnusable

        yield Finding("home", "wrong", str(HomeUnusable(home, error.strerror or str(error))))
        return
    low = free < 500_000_000
    yield Finding("home", "note" if low else "ok", f"{home}, {free / 1e9:.1f} GB free")


def _journal(home: Path) -> Iterator[Finding]:
    from trivet.cli.runs.listing import held_by
    from trivet.errors import HomeUnusable, JournalUnusable
    from trivet.journal.examination import glance
    from trivet.journal.schema import FORMAT

    path = home / "journal.sqlite"
    try:
        found = glance(home)
    except (HomeUnusable, JournalUnusable) as error:
        yield Finding("journal", "wrong", str(error))
        return
    if found is None:
        yield Finding("journal", "ok", f"{path} is not there yet")
    elif found.damage:
        cure = "Restore it from a backup, or move it away to begin a new journal"
        yield Finding("journal", "wrong", f"{path} is damaged ({' '.join(found.damage.split())}). {cure}.")
    elif found.format < FORMAT:
        yield Finding("journal", "note", f"{path} is of format {found.format}; the next command brings it to {FORMAT}")
    else:
        yield Finding("journal", "ok", f"{path} is whole, {found.bytes / 1e6:.1f} MB")
        for run, holder in found.held:
            words = held_by(holder.owner.pid, holder.since, is_elsewhere=holder.silent is not None)
            yield Finding("run", "ok", f"{run} is held by {words}")
        if found.missing:
            count = f"{len(found.missing)} of {found.references} files that runs refer to"
            runs = ", ".join(found.suffering[:5]) + (" and others" if len(found.suffering) > 5 else "")
            cure = f"Restore {home / 'blobs'} from a backup; without it these runs cannot be read whole: {runs}."
            yield Finding("journal", "wrong", f"{count} are missing, e.g. {found.missing[0]}. {cure}")


def _plugins(found: "Survey") -> Iterator[Finding]:
    from trivet.packages.trust import FIRST_PARTY

    for id in FIRST_PARTY:
        if id not in found.records:
            cure = f"pip install trivet-{id}, or in a clone: pip install -e plugins/trivet-{id}"
            yield Finding("plugin", "note", f"'{id}' of trivet's own set is not installed. Bring it back: {cure}")
    for record in found.records.values():
        last = found.last_failure(record.id) if record.state == "resolved" else None
        origin = f"{record.distribution} {record.version}"
        if record.state in ("incompatible", "quarantined"):
            yield Finding("plugin", "wrong", f"'{record.id}' ({origin}) is {record.state}: {record.reason}")
        elif last is not None:
            yield Finding("plugin", "wrong", f"'{record.id}' ({origin}) failed when it was last started: {last.reason}")
        elif record.state == "disabled":
            yield Finding("plugin", "note", f"'{record.id}' ({origin}) is disabled: {record.reason}")
        else:
            yield Finding("plugin", "ok", f"'{record.id}' ({origin})")


def _roles(settings: "Settings", found: "Survey") -> Iterator[Finding]:
    from trivet.errors import NotProvided

    for role, kind in (("planner", "planners"), ("reflector", "reflectors")):
        name = settings.roles[role]
        if found.declaring(kind, name) is None:
            sentence = str(
                NotProvided(role, name, found.names(kind), f"`trivet config set roles.{role} NAME` chooses.")
            )
            yield Finding("role", "wrong", sentence)
    for role, name in settings.serving().items():
        if role in ("model", "escalation") and name not in settings.models:
            yield Finding(
                "role", "wrong", f"role '{role}' names the model '{name}', which is not defined. Run `trivet init`."
            )
    for name, definition in settings.models.items():
        backend = definition.get("backend")
        if backend not in found.names("models") and definition.get("optional"):
            continue
        if backend not in found.names("models"):
            known = ", ".join(found.names("models")) or "none"
            yield Finding(
                "model", "wrong", f"model '{name}' names the backend '{backend}'; enabled plugins bring: {known}"
            )


def _weights(settings: "Settings", found: "Survey") -> Iterator[Finding]:
    for weights in found.weights():
        if weights.is_present(settings.home):
            yield Finding("model files", "ok", f"'{weights.name}' at {weights.path(settings.home)}")
        elif weights.is_packaged:
            yield Finding(
                "model files", "wrong", f"'{weights.name}' is missing from plugin '{weights.plugin}'. Reinstall it."
            )
        else:
            yield Finding(
                "model files", "note", f"'{weights.name}' is not fetched yet: trivet models pull {weights.name}"
            )


def _endpoints(settings: "Settings") -> Iterator[Finding]:
    """Whether something listens where models are said to be, and whether the key is there; nothing is sent."""
    from trivet.errors import SecretMissing
    from trivet.packages import secrets

    for name, definition in settings.models.items():
        if key := definition.get("api_key"):
            try:
                secrets.resolve(str(key))
            except SecretMissing as error:
                yield Finding("model", "wrong", f"model '{name}': {error}")
        if address := definition.get("base_url"):
            reason = _unreachable(str(address))
            sentence = f"model '{name}': {address} " + (f"cannot be reached: {reason}" if reason else "answers")
            yield Finding("model", "wrong" if reason else "ok", sentence)


def _unreachable(address: str) -> str:
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "", port), timeout=5):
            return ""
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)


def _devices() -> Iterator[Finding]:
    from trivet.cli.models import device_table

    for device in device_table():
        yield Finding("device", "ok", f"{device['device']}: {device['name']}, {device['memory'] / 1e9:.0f} GB")
