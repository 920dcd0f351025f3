"""What was written last, so that it can be undone: where a file was before goes into the run's blob store, and a note of it
into the plugin's own folder, since a tool sees the run's store and not what the run has done."""

import hashlib
import os
import time
from pathlib import Path

import anyio.to_thread
import msgspec

from trivet_sdk import ToolContext, ToolError, Workspace

MAX_KEPT = 50_000_000
"""Bytes of a file that is kept for undoing."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The last write to one file."""

    path: str
    before: str
    """Blob of the content before; empty if there was no such file."""
    after: str
    """SHA-256 of what was written."""
    at: float
    """Seconds since 1970."""
    by: str = ""
    """Which edit made it."""
    is_undone: bool = False


class Written(msgspec.Struct, frozen=True):
    name: str
    before: str
    """Blob of what was there; empty if there was nothing, or if it was the same."""
    can_be_undone: bool


class Changes:
    """One note a file, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write(self, path: str, content: bytes, ctx: ToolContext, by: str = "") -> Written:
        """Write a file of the workspace, with a note of what was there. Writing what is there already changes nothing, so a
        call that is repeated after a crash does not take its own work for the content before."""
        name, old = await anyio.to_thread.run_sync(_state, ctx.workspace, path)
        if old == content:
            return Written(name, "", False)
        is_kept = old is None or len(old) <= MAX_KEPT
        before = await ctx.blobs.put(old) if old is not None and is_kept else ""
        if is_kept:
            change = Change(path=name, before=before, after=digest_of(content), at=time.time(), by=by)
            await anyio.to_thread.run_sync(self._note, ctx.workspace, change)
        await anyio.to_thread.run_sync(ctx.workspace.write, path, content)
        return Written(name, before, is_kept)

    async def undo(self, path: str, ctx: ToolContext) -> Change:
        """Bring back what was before the last write to `path`, or before the last one at all. Done twice it is done once.

        Raises ToolError if nothing is known, or if the file is not as that write left it.
        """
        change = await anyio.to_thread.run_sync(self.last, ctx.workspace, path)
        if change.is_undone:
            return change
        _, now = await anyio.to_thread.run_sync(_state, ctx.workspace, change.path)
        content = await before_of(change, ctx)
        if now != content:
            if now is None or digest_of(now) != change.after:
                raise ToolError(
                    f"'{change.path}' has been changed since it was written last, so it was left as it is. "
                    "files.diff shows what differs from before."
                )
            await ctx.blobs.put(now)
            if content is None:
                await anyio.to_thread.run_sync(ctx.workspace.remove, change.path)
            else:
                await anyio.to_thread.run_sync(ctx.workspace.write, change.path, content)
        undone = msgspec.structs.replace(change, is_undone=True)
        await anyio.to_thread.run_sync(self._note, ctx.workspace, undone)
        return undone

    def is_made(self, workspace: Workspace, path: str, by: str) -> bool:
        """Whether this edit was the last change to the file, which is as that left it."""
        name, now = _state(workspace, path)
        change = self._read(self._place(workspace, name))
        return change is not None and change.by == by and now is not None and digest_of(now) == change.after

    def last(self, workspace: Workspace, path: str = "") -> Change:
        """Raises ToolError if there is none."""
        if path:
            notes = [self._place(workspace, workspace.relative(workspace.writable(path)))]
        else:
            notes = [*self._of(workspace).glob("*.json")]
        changes = [change for note in notes if (change := self._read(note)) is not None]
        if not changes:
            raise ToolError(
                f"nothing was written {f'to {path!r}' if path else 'here'} by these tools that could be undone."
            )
        return max(changes, key=lambda change: change.at)

    def _note(self, workspace: Workspace, change: Change) -> None:
        place = self._place(workspace, change.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f"{place.stem}-{os.getpid()}.part")
        with part.open("wb") as file:
            file.write(msgspec.json.encode(change))
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)

    def _read(self, note: Path) -> Change | None:
        try:
            return msgspec.json.decode(note.read_bytes(), type=Change)
        except (OSError, msgspec.MsgspecError):
            return None

    def _of(self, workspace: Workspace) -> Path:
        return self._folder / digest_of(os.fsencode(workspace.root))[:32]

    def _place(self, workspace: Workspace, name: str) -> Path:
        return self._of(workspace) / f"{digest_of(os.fsencode(name))[:32]}.json"


async def before_of(change: Change, ctx: ToolContext) -> bytes | None:
    """The content before that change; None if there was no file. Raises ToolError if it is not kept any more."""
    if not change.before:
        return None
    try:
        return await ctx.blobs.get(change.before)
    except KeyError:
        raise ToolError(f"what '{change.path}' held before is not kept any more.") from None


def _state(workspace: Workspace, path: str) -> tuple[str, bytes | None]:
    target = workspace.writable(path)
    if not target.exists():
        return workspace.relative(target), None
    with workspace.reading(path) as file:
        return workspace.relative(target), file.read()


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
