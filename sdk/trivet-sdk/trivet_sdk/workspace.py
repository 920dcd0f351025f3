"""The directory a run is about. Every path a tool receives goes through here, so that none leaves it."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .beneath import open_beneath
from .errors import ToolError
from .writing import removed, replacing

ATTACHMENTS = "attachments"


class Workspace:
    """Resolves workspace-relative paths; symbolic links are followed first and judged by where they lead.

    `attachments` maps a name to the stored file's path; a tool sees it, read-only, as `attachments/<name>`. `sources` are the
    paths from which they were taken, `origins` the addresses from which they had been downloaded, as far as there are any.
    """

    def __init__(
        self,
        root: Path,
        attachments: Mapping[str, Path] | None = None,
        sources: Mapping[str, str] | None = None,
        origins: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root.resolve()
        self.attachments = dict(attachments or {})
        self.sources = dict(sources or {})
        self.origins = dict(origins or {})

    def readable(self, path: str) -> Path:
        """The real path of an existing file or folder. Raises ToolError if it is absent or outside."""
        first, _, rest = path.removeprefix("./").partition("/")
        if first == ATTACHMENTS and rest in self.attachments:
            return self.attachments[rest]
        resolved = self._inside(path)
        if not resolved.exists():
            raise ToolError(f"there is no '{path}' in the workspace{self._nearest(path)}")
        if not (resolved.is_file() or resolved.is_dir()):  # reading a pipe or a device may never end
            raise ToolError(f"'{path}' is neither a file nor a folder, but a device, pipe or socket.")
        return resolved

    def writable(self, path: str) -> Path:
        """The real path where a file may be written; its folders need not exist. Raises ToolError if it is outside."""
        if path.removeprefix("./").split("/")[0] == ATTACHMENTS and self.attachments:
            raise ToolError(f"'{path}' is an attachment, and attachments are read-only. Write to another name.")
        resolved = self._inside(path)
        if resolved.is_dir():
            raise ToolError(f"'{path}' is a folder. Name a file in it.")
        return resolved

    def reading(self, path: str) -> BinaryIO:
        """An existing file, open for reading: close it, or use it in a `with`.

        Unlike `readable(path).open()`, it cannot be led outside by a link that somebody puts there in the meantime.
        Raises ToolError if the file is absent, a folder, outside or unreadable.
        """
        real = self.readable(path)
        # O_NONBLOCK: a pipe that took the file's place in the meantime must not be waited for.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            if real in self.attachments.values():
                number = os.open(real, flags)
            else:
                number = open_beneath(self.root, real.relative_to(self.root).as_posix(), flags)
            if not stat.S_ISREG(os.fstat(number).st_mode):
                os.close(number)
                raise ToolError(f"'{path}' is a folder. Name a file in it.")
        except OSError as error:
            raise ToolError(f"'{path}' cannot be read: {error.strerror}.") from None
        return os.fdopen(number, "rb")

    def writing(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file to write, which at the end of the block takes the place of the one at `path`, whole and durable.

        If the block raises, nothing has happened. Missing folders are made; the mode of a file that was there is kept,
        and the mark that it was downloaded.
        Raises ToolError if it is outside or cannot be written.
        """
        return replacing(self.root, self.writable(path).relative_to(self.root).as_posix())

    def write(self, path: str, content: bytes) -> str:
        """Write a file by `writing`, and return its workspace-relative name."""
        with self.writing(path) as file:
            file.write(content)
        return self.relative(self.writable(path))

    def remove(self, path: str) -> None:
        """Take a file away. Raises ToolError if it is absent, outside, an attachment or a folder."""
        removed(self.root, self.writable(path).relative_to(self.root).as_posix())

    def relative(self, path: Path) -> str:
        """The workspace-relative name, with forward slashes, by which tools and people know this file."""
        for name, stored in self.attachments.items():
            if path == stored:
                return f"{ATTACHMENTS}/{name}"
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.resolve().relative_to(self.root).as_posix()

    def files(self, folder: str = ".") -> Iterator[str]:
        """Names of all files under a folder, sorted within each folder. At the top, attachments come first.

        Left out are hidden ones, pipes, sockets and devices, links that lead outside or nowhere, and names that are not
        UTF-8, which no JSON can carry.
        """
        if PurePosixPath(folder) == PurePosixPath("."):
            yield from (f"{ATTACHMENTS}/{name}" for name in sorted(self.attachments))
        begin = self._inside(folder)
        waiting = [(os.fspath(begin), "" if begin == self.root else f"{begin.relative_to(self.root).as_posix()}/")]
        while waiting:
            directory, prefix = waiting.pop()
            folders: list[tuple[str, str]] = []
            for entry in _entries(directory):
                name = f"{prefix}{entry.name}"
                if entry.is_symlink():
                    if self._leads_inside(entry.path):
                        yield name
                elif entry.is_dir(follow_symlinks=False):
                    folders.append((entry.path, f"{name}/"))
                elif entry.is_file(follow_symlinks=False):
                    yield name
            waiting += reversed(folders)

    def _leads_inside(self, link: str) -> bool:
        try:
            target = Path(os.path.realpath(link))  # unlike Path.resolve, it returns where links go round in a circle
        except OSError:  # it has gone since it was seen
            return False
        return target.is_relative_to(self.root) and target.is_file()

    def _inside(self, path: str) -> Path:
        if "\0" in path:
            raise ToolError(f"{path!r} is no file name: it holds a NUL character.")
        try:
            resolved = (self.root / path).resolve()
            resolved.is_dir()
        except (OSError, RuntimeError, ValueError) as error:  # too long, a loop of links, not encodable
            shown = path if len(path) <= 80 else f"{path[:77]}..."
            raise ToolError(f"{shown!r} is no file name: {getattr(error, 'strerror', None) or error}.") from None
        if not resolved.is_relative_to(self.root):
            raise ToolError(f"'{path}' lies outside the workspace. Only files under {self.root} can be used.")
        return resolved

    def _nearest(self, path: str) -> str:
        import difflib

        names: list[str] = []
        for name in self.files():
            names.append(name)
            if len(names) >= 2000:
                break
        near = difflib.get_close_matches(path, names, n=3, cutoff=0.6)
        by_name = {Path(name).name: name for name in names}
        near += [by_name[n] for n in difflib.get_close_matches(Path(path).name, by_name, n=2, cutoff=0.6)]
        near = list(dict.fromkeys(near))[:3]
        return f". Did you mean {', '.join(repr(name) for name in near)}?" if near else "."


def _entries(directory: str) -> "list[os.DirEntry[str]]":
    """Those that are shown, sorted; none of a folder that has gone or cannot be read."""
    try:
        with os.scandir(directory) as found:
            return sorted((entry for entry in found if _is_shown(entry.name)), key=lambda entry: entry.name)
    except OSError:
        return []


def _is_shown(name: str) -> bool:
    return not name.startswith(".") and (
        name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)
    )
