"""What an installation would change, in words, and the user's word on it."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from trivet.cli import failure
from trivet.cli.screen import confirm, echo, in_line, styled

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey
    from trivet.packages.changes import Change, Moved
    from trivet.packages.proposal import Proposal

_ASKERS = 3
"""Askers that a sentence names before it counts the rest."""


def show(proposal: "Proposal") -> None:
    for id in proposal.ids:
        about = proposal.manifests[id].plugin
        said = f" {proposal.wheel.name} {proposal.wheel.version}: {in_line(about.summary)}"
        echo(said, lead=styled(id, bold=True))
    where = "an environment of its own" if proposal.place == "own" else "trivet's own environment"
    echo(f"In {where}:")
    show_changes(proposal.changes)
    for what in proposal.leaving:
        echo(f"  removed  {what}")


def show_changes(changes: "Sequence[Change]") -> None:
    for change in changes:
        size = f"  {in_bytes(change.size)}" if change.size and change.after else ""
        echo(f"  {in_words(change)}{size}")


def in_words(change: "Change") -> str:
    if not change.before:
        return f"new      {change.name} {change.after}"
    if not change.after:
        return f"removed  {change.name} {change.before}"
    if change.before == change.after:
        return f"anew     {change.name} {change.after}"
    return f"changed  {change.name} {change.before} -> {change.after}"


def in_bytes(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size //= 1000
    return f"{size} GB"


def refusal(what: str, moved: "Iterable[Moved]") -> str:
    """Why an installation may not move what others stand on."""
    parts = []
    for each in moved:
        change = each.change
        wanted = f"; the other is wanted by {_some(each.wanted_by)}" if each.wanted_by else ""
        parts.append(f"{change.name} {change.before} -> {change.after} (needed by {_some(each.askers)}{wanted})")
    return (
        f"'{what}' would move what trivet and its enabled plugins stand on: {', '.join(parts)}. Nothing was changed. "
        f"`trivet plugins install {what} --isolation venv` gives it an environment of its own."
    )


def suspicions(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """A sentence for each name that can be taken for a known one."""
    from trivet.packages.lookalikes import foreign_letters, lookalike

    said = []
    known, own = tuple(known), own_names()
    for name in dict.fromkeys(names):
        if letters := foreign_letters(name):
            said.append(f"'{name}' holds letters that only look Latin: {', '.join(letters)}")
        if other := lookalike(name, known, own):
            said.append(f"'{name}' looks like '{other}', which is another one. Is it the one that you mean?")
    return said


def known_names(found: "Survey") -> set[str]:
    """Ids and distributions of trivet's own set, and of what is installed."""
    names = own_names()
    for record in found.records.values():
        names |= {record.id, record.distribution.lower().replace("_", "-")}
    return names - {""}


def own_names() -> set[str]:
    from trivet.packages.trust import FIRST_PARTY

    return {name for id in FIRST_PARTY for name in (id, f"trivet-{id}")} | {"trivet", "trivet-sdk"}


def agreed(question: str, *, yes: bool, default: bool = False) -> bool:
    """Without a terminal only --yes agrees."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask in; give --yes to agree.")
    return confirm(question, default=default)


def agreed_to_startup(proposal: "Proposal", *, allowed: bool) -> bool:
    """--yes does not agree to code that runs before any gate; that has a word of its own."""
    from trivet.packages.startup_code import warning

    if not proposal.startup or proposal.place == "own":  # there they run with the plugin only, once it is enabled
        return True
    for who, files in proposal.startup.items():
        failure.note(warning(who, files))
    if allowed:
        return True
    if not sys.stdin.isatty():
        raise click.ClickException(
            f"{proposal.wheel.name} {proposal.wheel.version} was not installed. If you trust it with that, give "
            "--allow-startup-code."
        )
    return confirm("Install it all the same?", default=False)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _ASKERS} more" if len(names) > _ASKERS else ""
    return ", ".join(names[:_ASKERS]) + more
