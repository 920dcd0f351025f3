"""The tools: each stays inside the workspace, reads any encoding and answers with a place that can be looked up."""

from typing import Annotated, Any

from msgspec import Meta

from trivet_files.documents import files_in, passages_in, text_of
from trivet_files.passage import Passage
from trivet_files.quoting import quoted
from trivet_files.ranking import rank
from trivet_files.summary import summary_of
from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import NewPath, Span, WorkspaceFolder, WorkspacePath

_LISTED = 20  # names in the text of a listing
_SHOWN = 1500  # characters of a file in the text of a reading


@tool(name="list", effect="pure", describes="workspace-path")
def list_files(ctx: ToolContext, folder: WorkspaceFolder = ".", pattern: str = "**/*") -> ToolResult:
    """List the files of the workspace or of a folder, with their size and kind.

    Args:
        folder: Where to look; . is the whole workspace.
        pattern: Which names, e.g. *.csv or reports/**/*.md.
    """
    found = files_in(ctx.workspace, folder, pattern)
    where = "" if folder in (".", "./", "") else f" in {folder}"
    which = "" if pattern in ("*", "**", "**/*", "") else f" that fit {pattern}"
    names = ", ".join(file.path for file in found[:_LISTED])
    rest = f" … and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    text = f"{len(found)} file{'s' * (len(found) != 1)}{where}{which}{': ' if found else ''}{names}{rest}"
    return result(text, {"files": [{"path": f.path, "size": f.size, "kind": f.kind} for f in found]})


@tool(effect="pure")
def find(query: Span, ctx: ToolContext, path: WorkspacePath | WorkspaceFolder = ".", limit: int = 5) -> ToolResult:
    """Find the passages that best match the words of a question, in all documents or in one file.

    Args:
        query: What is sought, in the words of the question.
        path: A file or a folder; . is the whole workspace.
        limit: At most so many passages.
    """
    passages = [*passages_in(ctx.workspace, path, lambda: ctx.is_cancelled)]
    matches = rank(query, passages, max(1, limit))
    found = [
        {**_match(match.passage), "score": round(match.score, 3), "coverage": round(match.coverage, 3)}
        for match in matches
    ]
    return result(quoted(matches, query), {"matches": found})


def _match(passage: Passage) -> dict[str, Any]:
    match = {"path": passage.path, "line": passage.line, "heading": passage.heading, "text": passage.text}
    return match if passage.value is None else {**match, "value": passage.value}


@tool(effect="pure")
def read(path: WorkspacePath, ctx: ToolContext, start_line: int = 1, lines: int = 0) -> ToolResult:
    """Read a text file, whatever its encoding, or some of its lines.

    Args:
        path: The file.
        start_line: First line to read, counted from 1; a negative number counts from the end.
        lines: How many lines; 0 for all that follow.
    """
    decoded = text_of(ctx.workspace, path)
    every = decoded.text.splitlines(keepends=True)
    start = max(0, len(every) + start_line) if start_line < 0 else max(0, start_line - 1)
    text = "".join(every[start : start + lines] if lines > 0 else every[start:])
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}\n… {len(text) - _SHOWN} more characters"
    value = {"text": text, "encoding": decoded.encoding, "lines": len(every)}
    return result(shown.strip("\n") or f"{path} is empty", value)


@tool(effect="idempotent")
def write(path: NewPath, text: str, ctx: ToolContext, overwrite: bool = True) -> ToolResult:
    """Write a text file in UTF-8; missing folders are made.

    Args:
        path: The file to write.
        text: Its whole content.
        overwrite: Replace a file that is there already.
    """
    target = ctx.workspace.writable(path)
    name = ctx.workspace.relative(target)
    try:
        content = (text if not text or text.endswith("\n") else text + "\n").encode()
    except UnicodeEncodeError as error:
        raise ToolError(f"the text cannot be written as UTF-8: {text[error.start]!r} is half a character.") from None
    if not overwrite and target.exists() and target.read_bytes() != content:
        raise ToolError(f"'{name}' is there already. Choose another name, or set overwrite.")
    ctx.workspace.write(path, content)
    return result(f"wrote {len(content)} bytes to {name}", {"path": name, "bytes": len(content)}, artifacts=(name,))


@tool(effect="pure")
def summarize(path: WorkspacePath, ctx: ToolContext, max_characters: Annotated[int, Meta(ge=50)] = 600) -> ToolResult:
    """Summarize a document in its own most telling sentences.

    Args:
        path: The document.
        max_characters: Length of the summary at most.
    """
    summary = summary_of(path, text_of(ctx.workspace, path).text, max_characters)
    if not summary:
        raise ToolError(f"'{path}' is empty: there is nothing to summarize.")
    return result(summary, {"summary": summary, "characters": len(summary)})


TOOLS = (list_files, find, read, write, summarize)
