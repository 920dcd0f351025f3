"""A host with everything scripted: what the walks have in common."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

from trivet.app import Host, open_host
from trivet.settings import RunDefaults, Settings
from trivet_sdk import Contributions, Event, Goal, Planner, Record, Reflector, Step, Tool
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel, ScriptedPlanner, ScriptedReflector

E = TypeVar("E", bound=Event)


def settings_for(
    home: Path, *, roles: Mapping[str, str] | None = None, enabled: Sequence[str] = (), **more: Any
) -> Settings:
    """Of the installed plugins only those that are named; `more` is `[run]`."""
    return Settings(
        home=home,
        roles={
            "planner": "scripted",
            "reflector": "scripted",
            "executor": "local",
            "context": "window",
            "model": "scripted",
            **(roles or {}),
        },
        models={"scripted": {"backend": "scripted"}},
        plugins={each.name: {"enabled": each.name in enabled} for each in entry_points(group="trivet.plugins")},
        run=RunDefaults(**more),
    )


@asynccontextmanager
async def household(
    home: Path,
    planner: Planner,
    reflector: Reflector | None = None,
    *,
    tools: Sequence[Tool] = (),
    model: ScriptedModel | None = None,
    settings: Mapping[str, Any] | None = None,
) -> AsyncIterator[Host]:
    """A host whose only plugin `work` brings these."""
    contributions = Contributions(
        tools=tuple(tools),
        planners={"scripted": planner},
        reflectors={"scripted": reflector or ScriptedReflector()},
        models={"scripted": model or ScriptedModel()},
    )
    async with open_host(
        settings_for(home, **(settings or {})), plugins=(EmbeddedPlugin("work", contributions),)
    ) as host:
        yield host


def goal(workspace: Path, text: str = "Do it") -> Goal:
    return Goal(text=text, workspace=str(workspace))


def step(id: str, tool: str, needs: tuple[str, ...] = (), **arguments: Any) -> Step:
    return Step(id=id, tool=tool, arguments=arguments, needs=needs)


def topics(records: Sequence[Record]) -> list[str]:
    return [record.event.topic for record in records]


def of_kind(records: Sequence[Record], kind: type[E]) -> list[E]:
    return [record.event for record in records if isinstance(record.event, kind)]


__all__ = [
    "ScriptedModel",
    "ScriptedPlanner",
    "ScriptedReflector",
    "goal",
    "household",
    "of_kind",
    "settings_for",
    "step",
    "topics",
]
