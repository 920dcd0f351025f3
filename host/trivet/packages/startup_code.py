"""Files that take effect before any gate of ours: what Python runs by itself at its start, and commands named like ours."""

from collections.abc import Iterable, Mapping

from trivet.errors import InstallError

_HOOKS = ("sitecustomize", "usercustomize")
_OURS = ("trivet", "trivet_sdk", "trivet_sandbox")


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
    """An installer would let one package write over another's files. `owners`: path below site-packages -> the canonical
    name of the distribution that it belongs to. Raises InstallError."""
    for file in files:
        owner = owners.get(file)
        if owner is None and name not in _OURS and file.partition("/")[0] in _OURS:
            owner = file.partition("/")[0].replace("_", "-")
        if owner is not None and owner != name and not file.partition("/")[0].endswith(".dist-info"):
            raise InstallError(what, f"it would write over {file}, which belongs to {owner}. Nothing was changed.")
