"""Bringing a running host up to date: what has changed since its lives began, and what follows for each plugin."""

import msgspec

from trivet.kernel.blueprint import Blueprint, difference
from trivet.kernel.lives import Lives
from trivet.kernel.supervision import Supervisor
from trivet.kernel.survey import PluginRecord, Survey
from trivet.settings import Settings

STALE = "its files changed after this host had imported them; restart the host to use the new ones"
ASKED = "a restart was asked for"


async def refresh(lives: Lives, settings: Settings, found: Survey, restarts: frozenset[str]) -> None:
    """Go by new settings and a new survey. Returns once all of it is in effect; runs at work notice nothing."""
    before = lives.survey.records
    startable = frozenset(found.order)
    leaving = [id for id in reversed(lives.started()) if id not in startable]
    resting = [id for id in before if id not in startable and id not in leaving]
    for id in (*leaving, *resting):
        await _left_out(lives, id, found.records.get(id))
    lives.adopt(settings, found)
    for id in before.keys() - found.records.keys():
        del lives.supervisors[id]
        lives.blueprints.pop(id, None)
    new = [record for id, record in found.records.items() if id not in lives.supervisors]
    for record in new:
        lives.supervise(msgspec.structs.replace(record, state="discovered"))
    for record in new:
        lives.supervisors[record.id].move(record.state, record.reason)
    for id in found.order:
        await _brought_up(lives, lives.supervisors[id], lives.drawn(id), is_asked=id in restarts)
    await lives.wake()


async def _left_out(lives: Lives, id: str, record: PluginRecord | None) -> None:
    """It may not run any more, or still not; or it is no longer installed."""
    supervisor = lives.supervisors[id]
    if record is None:
        await supervisor.stop("it was uninstalled", drain=True)
    elif (supervisor.state, supervisor.reason) != (record.state, record.reason):
        await supervisor.judge(record.state, record.reason, record.digest)


async def _brought_up(lives: Lives, supervisor: Supervisor, blueprint: Blueprint, *, is_asked: bool) -> None:
    id = supervisor.id
    old = lives.blueprints.get(id)
    why = difference(old, blueprint) if old is not None else ""
    is_stale = (
        blueprint.is_inside and lives.imported.get(blueprint.candidate.package, blueprint.digest) != blueprint.digest
    )
    if is_stale and supervisor.is_usable:
        supervisor.remark(STALE)
        lives.stale.note(id)
        if is_asked:
            await supervisor.renew(ASKED)
        return
    if is_stale:
        if supervisor.reason != STALE:
            await supervisor.judge("incompatible", STALE, blueprint.digest)
        return
    lives.blueprints[id] = blueprint
    why = why or (ASKED if is_asked else "")
    if supervisor.is_usable:
        if why:
            supervisor.digest = blueprint.digest
            await supervisor.renew(why)
    elif supervisor.is_in("quarantined") and not (why or blueprint.digest):
        return  # a plugin of the program's own: nobody but this host knows of its quarantine
    elif supervisor.is_in("disabled", "incompatible", "quarantined"):
        await supervisor.judge("resolved", "", blueprint.digest)
    elif why and not supervisor.is_in("resolved"):
        await supervisor.judge("resolved", "", blueprint.digest)
        await lives.start(id)
    else:
        supervisor.digest = blueprint.digest
