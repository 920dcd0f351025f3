"""The readable files of a workspace."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import msgspec

from trivet_files.kinds import HEAD, Kind, kind_of
from trivet_files.passage import Passage
from trivet_files.passages import passages_of
from trivet_sdk import ToolError, Workspace
from trivet_sdk.decoding import Decoded, decode

MAX_SEARCHED = 5_000_000  # bytes of a file; a larger one is left out of a search
MAX_READ = 20_000_000  # bytes of a file that is read as text
MAX_FILES = 5_000
_SEARCHED = ("text", "log", "data")


class File(msgspec.Struct, frozen=True):
    path: str
    size: int
    kind: Kind


def files_in(workspace: Workspace, folder: str = ".", pattern: str = "**/*") -> list[File]:
    """Files under a folder whose path in it fits the pattern, in order of their names.

    `**` spans folders; a pattern without a slash is compared with the file's name. Raises ToolError for no folder.
    """
    top = workspace.readable(folder)
    if not top.is_dir():
        return [_file(workspace, workspace.relative(top))]
    prefix = "" if top == workspace.root else workspace.relative(top) + "/"
    names = [name for name in workspace.files(folder) if _fits(name.removeprefix(prefix), pattern)]
    return [_file(workspace, name) for name in names[:MAX_FILES]]


def _file(workspace: Workspace, name: str) -> File:
    """A file that may be listed but not read counts as binary: nobody looks into it, and the others are still found."""
    try:
        with workspace.reading(name) as file:
            return File(name, os.fstat(file.fileno()).st_size, kind_of(name, file.read(HEAD)))
    except (OSError, ToolError):
        return File(name, 0, "binary")


def _fits(name: str, pattern: str) -> bool:
    pattern = pattern.strip().removeprefix("./") or "**/*"
    if pattern in ("*", "**", "**/*"):
        return True
    if "/" not in pattern:
        return fnmatch(PurePosixPath(name).name.casefold(), pattern.casefold())
    loose = pattern.casefold().replace("**/", "*")
    return fnmatch(name.casefold(), loose) or fnmatch("/" + name.casefold(), loose)


def text_of(workspace: Workspace, name: str) -> Decoded:
    """A file's text, whatever its encoding. Raises ToolError for a folder, a binary file or a very large one."""
    with opened(workspace, name) as file:
        if os.fstat(file.fileno()).st_size > MAX_READ:
            raise ToolError(
                f"'{name}' is larger than {MAX_READ // 1_000_000} MB, the most that is taken whole. "
                "files.read gives a part of it: say from which line, and how many."
            )
        return decode(file.read())


@contextmanager
def opened(workspace: Workspace, name: str) -> Iterator[BinaryIO]:
    """A text file of any size, at its beginning. Raises ToolError for a folder and for what holds no text."""
    if workspace.readable(name).is_dir():
        inside = [file.path for file in files_in(workspace, name)][:5]
        raise ToolError(f"'{name}' is a folder. Name a file in it{': ' + ', '.join(inside) if inside else ''}.")
    with workspace.reading(name) as file:
        head = file.read(HEAD)
        file.seek(0)
        kind = kind_of(name, head)
        if kind == "archive":
            raise ToolError(f"'{name}' is an archive. files.archive tells what is in it.")
        if kind in ("binary", "image") or head.startswith(b"PAR1"):
            raise ToolError(f"'{name}' is not a text file.")
        yield file


def passages_in(workspace: Workspace, place: str, is_cancelled: Callable[[], bool]) -> Iterator[Passage]:
    """Passages of one file, whatever it is, or of all prose, settings and logs under a folder."""
    path: Path = workspace.readable(place)
    if not path.is_dir():
        name = workspace.relative(path)
        yield from passages_of(name, text_of(workspace, name).text)
        return
    for file in files_in(workspace, place):
        if is_cancelled():
            raise ToolError("the search was cancelled.", is_transient=True)
        is_small_json = file.path.endswith(".json") and file.size < 200_000
        if file.size <= MAX_SEARCHED and (file.kind in _SEARCHED or is_small_json):
            with workspace.reading(file.path) as content:
                yield from passages_of(file.path, decode(content.read()).text)
