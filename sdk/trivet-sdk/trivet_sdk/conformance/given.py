"""What the checks need to know of a plugin beside its manifest: the table `[tool.trivet.check]` of its pyproject.toml."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..plan import Json


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All optional. Paths are relative to the folder of pyproject.toml.

    [tool.trivet.check]
    workspace = "tests/workspace"
    settings = { limit = 3 }

    [tool.trivet.check.samples]
    count = [{ path = "notes.md" }]
    """

    samples: dict[str, list[dict[str, Json]]] = {}
    """Arguments of calls to make, by the tool's short name. Effectful tools are really called, too."""
    workspace: str = ""
    """A folder whose copy the sample calls find as their workspace; else it is empty."""
    settings: dict[str, Json] = {}
    """The plugin's own settings, where its defaults would not do."""
    secrets: dict[str, str] = {}
    """Values for secrets; real ones have no place in a file, so write what a test server takes."""
    weights: dict[str, str] = {}
    """Paths of declared model files."""
    definitions: dict[str, dict[str, Json]] = {}
    """For each contributed model backend, the `[models.*]` table to open, `backend` left out."""
    goals: list[str] = []
    """Goals for contributed planners."""
    journals: dict[str, dict[str, Json]] = {}
    """For each contributed journal, its settings; `{folder}` in a text stands for an empty folder."""
    site: str = ""
    """A folder that is served on this machine during the checks, a file by its path; `{site}` in samples and settings stands
    for its address, `http://127.0.0.1:PORT`."""


def given_in(folder: Path) -> Given:
    """The table of a project, with absolute paths. Raises ValueError with what is wrong with it."""
    path = folder / "pyproject.toml"
    if not path.exists():
        return Given()
    try:
        table: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        given = msgspec.convert(table.get("tool", {}).get("trivet", {}).get("check", {}), Given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"[tool.trivet.check] of pyproject.toml cannot be used: {error}") from None
    for named, what in ((given.workspace, "workspace"), (given.site, "site")):
        if named and not (folder / named).is_dir():
            raise ValueError(f"[tool.trivet.check] names the {what} '{named}', but there is no such folder")
    return msgspec.structs.replace(
        given,
        workspace=str(folder / given.workspace) if given.workspace else "",
        site=str(folder / given.site) if given.site else "",
        weights={name: str(folder / path) for name, path in given.weights.items()},
    )


def given_near(path: Path) -> Given:
    """The table of the project that this file belongs to."""
    return next((given_in(folder) for folder in path.parents if (folder / "pyproject.toml").exists()), Given())


def listed(
    samples: Mapping[str, Mapping[str, Json] | Sequence[Mapping[str, Json]]],
) -> dict[str, list[dict[str, Json]]]:
    """One sample or several for each tool, as several."""
    return {
        name: [dict(given)] if isinstance(given, Mapping) else [dict(each) for each in given]
        for name, given in samples.items()
    }
