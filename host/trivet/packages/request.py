"""What a user asks for: a requirement, a folder with sources, or a wheel."""

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from trivet.errors import InstallError

Kind: TypeAlias = Literal["requirement", "folder", "wheel", "archive"]
_ARCHIVES = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is what installers are given: the requirement, or an absolute path."""

    text: str
    kind: Kind

    @property
    def name(self) -> str:
        """The distribution's canonical name, as far as the text says it."""
        return canonicalize_name(Requirement(self.text).name) if self.kind == "requirement" else ""

    @property
    def needs_build(self) -> bool:
        """Whether code of the package runs while its wheel is made, and the user has asked for just that."""
        return self.kind in ("folder", "archive")


def parsed(text: str, directory: Path) -> Request:
    """A path has a separator, begins with a dot, or ends like a wheel or an archive; `directory` is where the user is.

    Raises InstallError.
    """
    text = text.strip()
    is_file_like = text.endswith((".whl", *_ARCHIVES)) and "@" not in text
    if is_file_like or text.startswith((".", "~")) or ("/" in text and "@" not in text and "://" not in text):
        path = (directory / Path(text).expanduser()).resolve()
        if path.is_dir():
            if not (path / "pyproject.toml").exists() and not (path / "setup.py").exists():
                raise InstallError(text, "the folder has no pyproject.toml, so nothing can be built of it.")
            return Request(text=str(path), kind="folder")
        if not path.is_file():
            raise InstallError(text, f"there is no such file or folder here ({path}).")
        return Request(text=str(path), kind="wheel" if text.endswith(".whl") else "archive")
    if "://" in text and "@" not in text.partition("://")[0]:
        raise InstallError(text, f"write it with the package's name in front: 'NAME @ {text}'.")
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise InstallError(
            text,
            "this is no requirement like 'trivet-search' or 'trivet-search>=0.2', and no path of a folder or a wheel.",
        ) from None
    return Request(text=str(requirement), kind="requirement")
