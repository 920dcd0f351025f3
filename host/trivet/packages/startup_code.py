"""Files that take effect before any gate of ours: what Python runs by itself at its start, and commands named like ours."""

import re
from collections.abc import Container, Iterable, Mapping

from trivet.errors import InstallError

_HOOKS = ("sitecustomize", "usercustomize")
_OURS = ("trivet", "trivet_sdk", "trivet_sandbox")
_RESERVED = re.compile(r"(python|pip)[\d.]*w?|trivet|uvx?|activate.*", re.IGNORECASE)
_INSTALLERS = ("pip", "uv")


def startup_files(files: Iterable[str], scripts: Iterable[str] = ()) -> tuple[str, ...]:
    """Of paths below site-packages those that Python runs by itself, and of commands the one that shadows `trivet`."""
    found = [
        file
        for file in files
        if ("/" not in file and file.endswith(".pth"))
        or (file.partition("/")[0].partition(".")[0] in _HOOKS and file.endswith((".py", ".pyc", ".so")))
    ]
    return (*sorted(found), *(f"the command '{name}'" for name in sorted(scripts) if name == "trivet"))


def warning(who: str, startup: Iterable[str]) -> str:
    """A sentence for a distribution with such files."""
    return f"{who} brings {', '.join(startup)}, which takes effect whenever Python or trivet starts, enabled or not"


def refuse_overwriting(what: str, name: str, files: Iterable[str], owners: Mapping[str, str]) -> None:
    """An installer would let one package write over another's files. `owners`: path below site-packages in small letters,
    since some disks make no difference, -> the canonical name of the distribution that it belongs to. Raises InstallError.
    """
    for file in files:
        owner = owners.get(file.casefold())
        top = file.partition("/")[0].casefold()
        if owner is None and name not in _OURS and top in _OURS:
            owner = top.replace("_", "-")
        if owner is not None and owner != name and not file.partition("/")[0].endswith(".dist-info"):
            raise InstallError(what, f"it would write over {file}, which belongs to {owner}. Nothing was changed.")


def refuse_commands(
    what: str, name: str, scripts: Iterable[str], owners: Mapping[str, str], there: Container[str] = ()
) -> None:
    """One package's command would take the place of another's, or of what trivet itself is run and mended with. `owners`:
    name of a command -> canonical name of the distribution that brought it; `there`: commands that exist. Raises
    InstallError."""
    for script in scripts:
        is_reserved = _RESERVED.fullmatch(script) and not (name in _INSTALLERS and script.startswith(name))
        is_foreign = script in there and owners.get(script) != name
        if name != "trivet" and (is_reserved or is_foreign):
            raise InstallError(what, f"{name} would take over the command '{script}'. Nothing was changed.")
