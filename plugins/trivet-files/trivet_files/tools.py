"""The tools: each stays inside the workspace, reads any encoding and answers with a place that can be looked up."""

import os
from fnmatch import fnmatch
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from trivet_files.archives import content_of, listing_of
from trivet_files.changes import Changes
from trivet_files.changing import changing
from trivet_files.documents import MAX_READ, files_in, opened, passages_in, text_of
from trivet_files.kinds import HEAD, kind_of
from trivet_files.parts import MAX_PART, part_of
from trivet_files.passage import Passage
from trivet_files.quoting import quoted
from trivet_files.ranking import rank
from trivet_files.summary import NoSection, summary_of
from trivet_sdk import Tool, ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.decoding import decode
from trivet_sdk.formats import ArchivePath, Span, WorkspaceFolder, WorkspacePath
from trivet_sdk.provenance import Provenance, untrusted

_LISTED = 20  # names in the text of a listing
_MEMBERS = 2000  # files of an archive in the value of a listing
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


def _find(provenance: Provenance) -> Tool:
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
        told = result(quoted(matches, query), {"matches": found})
        paths = dict.fromkeys(match.passage.path for match in matches)
        return untrusted(told) if any(provenance.origin(ctx.workspace, path) for path in paths) else told

    return find


def _match(passage: Passage) -> dict[str, Any]:
    match = {"path": passage.path, "line": passage.line, "heading": passage.heading, "text": passage.text}
    return match if passage.value is None else {**match, "value": passage.value}


@tool(effect="pure")
def read(path: WorkspacePath, ctx: ToolContext, start_line: int = 1, lines: int = 0) -> ToolResult:
    """Read a text file, whatever its encoding, or some of its lines; of a very large file, some lines only.

    Args:
        path: The file.
        start_line: First line to read, counted from 1; a negative number counts from the end.
        lines: How many lines; 0 for all that follow.
    """
    with opened(ctx.workspace, path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_READ and (lines > 0 or start_line < 0):
            start = start_line if start_line < 0 else max(0, start_line - 1)
            part = part_of(file, path, start, lines or -start_line, lambda: ctx.is_cancelled)
            cut = f"\n… there is more: a part has at most {MAX_PART:,} bytes" if part.is_cut else ""
            return _text_read(path, part.text, part.encoding, part.lines, cut)
    decoded = text_of(ctx.workspace, path)
    every = decoded.text.splitlines(keepends=True)
    start = max(0, len(every) + start_line) if start_line < 0 else max(0, start_line - 1)
    text = "".join(every[start : start + lines] if lines > 0 else every[start:])
    return _text_read(path, text, decoded.encoding, len(every))


def _text_read(name: str, text: str, encoding: str, lines: int, cut: str = "") -> ToolResult:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}\n… {len(text) - _SHOWN} more characters"
    value = {"text": text, "encoding": encoding, "lines": lines, "words": len(text.split()), "characters": len(text)}
    return result((shown.strip("\n") or f"{name} is empty") + cut, value)


@tool(effect="pure")
def archive(path: ArchivePath, ctx: ToolContext, member: str = "", pattern: str = "*") -> ToolResult:
    """List what is in a zip or tar archive without unpacking it, or read one text file of it.

    Args:
        path: The archive.
        member: The file in it to read, as the list names it; the list if empty.
        pattern: Which names to list, e.g. *.csv.
    """
    with ctx.workspace.reading(path) as file:
        if member:
            content = content_of(file, path, member)
            if kind_of(member, content[:HEAD]) in ("binary", "image", "archive"):
                raise ToolError(f"'{member}' in '{path}' is not a text file.")
            decoded = decode(content)
            return _text_read(member, decoded.text, decoded.encoding, len(decoded.text.splitlines()))
        listing = listing_of(file, path, lambda: ctx.is_cancelled)
    found = [
        each for each in listing.members if not each.is_folder and fnmatch(each.path.casefold(), pattern.casefold())
    ]
    names = ", ".join(each.path for each in found[:_LISTED])
    more = f" … and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    cut = "; there are more, which were not looked at" if listing.is_cut else ""
    which = "" if pattern == "*" else f" that fit {pattern}"
    text = f"{len(found)} file{'s' * (len(found) != 1)}{which} in {path}{': ' if found else ''}{names}{more}{cut}"
    return result(
        text, {"kind": listing.kind, "files": msgspec.to_builtins(found[:_MEMBERS]), "is_cut": listing.is_cut}
    )


@tool(effect="pure")
def summarize(
    path: WorkspacePath, ctx: ToolContext, max_characters: Annotated[int, Meta(ge=50)] = 600, section: str = ""
) -> ToolResult:
    """Summarize a document, or one section of it, in its own most telling sentences.

    Args:
        path: The document.
        max_characters: Length of the summary at most.
        section: Words of the section's heading; the whole document if empty.
    """
    try:
        summary = summary_of(path, text_of(ctx.workspace, path).text, max_characters, section)
    except NoSection as missing:
        sections = f"It has {', '.join(missing.headings[:_LISTED])}" if missing.headings else "It has no headings"
        raise ToolError(f"no heading of '{path}' speaks of '{section}'. {sections}.") from None
    if not summary:
        raise ToolError(f"'{path}' is empty: there is nothing to summarize.")
    return result(summary, {"summary": summary, "characters": len(summary)})


def tools_of(changes: Changes, provenance: Provenance) -> tuple[Tool, ...]:
    reading: tuple[Tool, ...] = (read, archive, summarize, *changing(changes))
    return (list_files, _find(provenance), *(provenance.over(tool, "path", "other") for tool in reading))
