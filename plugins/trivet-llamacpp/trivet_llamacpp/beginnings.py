"""Keys and values of how prompts begin, on disk, so that a new process need not read the same instructions again."""

import hashlib
from array import array
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

LENGTH = 256
"""Tokens that must be the same; shorter prompts are quickly read."""
KEPT = 4
"""Files, the newest used; one of 700 tokens of a model of 1.5 billion parameters takes 20 MB."""
UNFINISHED = ".part"
DIGEST = ".sha256"


class Beginnings:
    """Of one model in one version of llama.cpp, which ends the process over a file that is damaged: each has its digest
    beside it. The folder is the user's own."""

    def __init__(self, folder: Path, *made_by: object) -> None:
        """`made_by`: all that files of another kind differ in: the model's file, the window, the library's version."""
        self.folder = folder
        self._made_by = "\0".join(map(str, made_by)).encode()

    def name_of(self, prompt: Sequence[int]) -> str:
        """The name of the file for prompts that begin like this; empty for short ones."""
        if len(prompt) <= LENGTH:
            return ""
        return hashlib.sha256(self._made_by + array("q", prompt[:LENGTH]).tobytes()).hexdigest()[:32]

    def has(self, name: str) -> bool:
        """Whether it is there, whole. One that is not is removed."""
        try:
            expected = (self.folder / f"{name}{DIGEST}").read_text()
            is_whole = _digest(self.folder / name) == expected
        except (OSError, ValueError):
            is_whole = False
        if is_whole:
            (self.folder / name).touch()
        else:
            self.forget(name)
        return is_whole

    def make_room(self) -> None:
        """Raises OSError where nothing can be written."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole = [path for path in self.folder.iterdir() if not path.suffix]
        for path in sorted(whole, key=lambda path: -path.stat().st_mtime)[KEPT - 1 :]:
            self.forget(path.name)

    def finished(self, name: str) -> None:
        """What was written as `NAME.part` is all there is to write. Raises OSError."""
        written = self.folder / f"{name}{UNFINISHED}"
        (self.folder / f"{name}{DIGEST}").write_text(_digest(written))
        written.replace(self.folder / name)

    def forget(self, name: str) -> None:
        for left in (name, f"{name}{UNFINISHED}", f"{name}{DIGEST}"):
            with suppress(OSError):
                (self.folder / left).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
