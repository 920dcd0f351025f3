"""The tools that change files, or show what was changed."""

import anyio.to_thread
import msgspec

from trivet_files.changes import Changes, before_of, digest_of
from trivet_files.documents import text_of
from trivet_files.editing import difference, edited
from trivet_sdk import Tool, ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.decoding import decode
from trivet_sdk.formats import NewPath, Passage, TextPath, WrittenPath


def changing(changes: Changes) -> tuple[Tool, ...]:
    return (_write(changes), _edit(changes), _diff(changes), _undo(changes))


def _write(changes: Changes) -> Tool:
    @tool(effect="idempotent")
    async def write(path: NewPath, text: str, ctx: ToolContext, overwrite: bool = True) -> ToolResult:
        """Write a text file in UTF-8; missing folders are made.

        Args:
            path: The file to write.
            text: Its whole content.
            overwrite: Replace a file that is there already.
        """
        name = ctx.workspace.relative(ctx.workspace.writable(path))
        content = _encoded(text if not text or text.endswith("\n") else text + "\n", "utf-8")
        if not overwrite and not await anyio.to_thread.run_sync(_holds, ctx, path, content):
            raise ToolError(f"'{name}' is there already. Choose another name, or set overwrite.")
        done = await changes.write(path, content, ctx)
        value = {"path": name, "bytes": len(content), "before": done.before}
        return result(f"wrote {len(content)} bytes to {name}", value, artifacts=(name,))

    return write


def _edit(changes: Changes) -> Tool:
    @tool(effect="idempotent")
    async def edit(path: TextPath, old: Passage, new: str, ctx: ToolContext, all: bool = False) -> ToolResult:
        """Replace a passage of a text file by another, exactly, and leave all else as it is.

        Args:
            path: The file.
            old: The passage as it stands in the file, with enough around it to be the only one.
            new: What is to stand there instead; empty to take the passage out.
            all: Replace every such passage instead of the only one.
        """
        name = ctx.workspace.relative(ctx.workspace.writable(path))
        by = digest_of(msgspec.json.encode([old, new, all]))
        if await anyio.to_thread.run_sync(changes.is_made, ctx.workspace, path, by):  # called again after a crash
            return result(
                f"{name} reads so already", {"path": name, "count": 0, "diff": "", "before": ""}, artifacts=(name,)
            )
        before = await anyio.to_thread.run_sync(text_of, ctx.workspace, path)
        after = edited(name, before.text, old, new, all_places=all)
        done = await changes.write(path, _encoded(after.text, before.encoding), ctx, by)
        shown = difference(before.text, after.text, (name, name))
        places = f"{after.count} place{'s' * (after.count != 1)}"
        value = {"path": name, "count": after.count, "diff": shown, "before": done.before}
        return result(f"changed {places} of {name}\n{shown}", value, artifacts=(name,))

    return edit


def _diff(changes: Changes) -> Tool:
    @tool(effect="pure")
    async def diff(path: TextPath, ctx: ToolContext, other: TextPath = "") -> ToolResult:
        """Show line by line how two text files differ, or what the last write to a file changed.

        Args:
            path: The file.
            other: The file to compare it with; without one, the file as it was before it was written last.
        """
        now = await anyio.to_thread.run_sync(text_of, ctx.workspace, path)
        if other:
            then, first, second = await anyio.to_thread.run_sync(text_of, ctx.workspace, other), path, other
            shown = difference(now.text, then.text, (first, second))
        else:
            change = await anyio.to_thread.run_sync(changes.last, ctx.workspace, path)
            content = await before_of(change, ctx)
            first, second = f"{path} before", path
            shown = difference(decode(content or b"").text, now.text, (first, second))
        return result(shown or f"{first} and {second} hold the same text", {"diff": shown, "is_same": not shown})

    return diff


def _undo(changes: Changes) -> Tool:
    @tool(effect="idempotent")
    async def undo(path: WrittenPath, ctx: ToolContext) -> ToolResult:
        """Undo the last write or edit: bring back what the file held before, or take away a file that was new.

        Args:
            path: Which file's last write; empty for the last write of all.
        """
        change = await changes.undo(path, ctx)
        said = f"{change.path} is as it was before" if change.before else f"{change.path} was new, and is gone"
        return result(said, {"path": change.path}, artifacts=(change.path,) if change.before else ())

    return undo


def _holds(ctx: ToolContext, path: str, content: bytes) -> bool:
    """Whether the file may be written without losing anything: it is absent, or holds this already."""
    if not ctx.workspace.writable(path).exists():
        return True
    with ctx.workspace.reading(path) as file:
        return file.read(len(content) + 1) == content


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        if "\ud800" <= character <= "\udfff":
            raise ToolError(f"the text cannot be written as UTF-8: {character!r} is half a character.") from None
        raise ToolError(
            f"the file is in {encoding}, which has no {character!r}. Write the whole file anew with files.write."
        ) from None
