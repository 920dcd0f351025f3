"""A plugin examined whole: its manifest, its life, and with the suite of its kind each thing that it brings."""

import functools
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, TypeAlias, TypeVar

import anyio
import msgspec

from ..contributions import ContextPacker, Contributions, Executor, Planner, Policy, Reflector
from ..errors import ModelError, WeightsMissing
from ..manifest import Manifest
from ..model import Embedder, ModelBackend
from ..plan import Json
from ..testing.model import ScriptedModel
from ..testing.services import StandaloneServices
from ..tool import Tool
from .adversity import planner_under_faults, reflector_under_faults, tool_under_faults
from .contexts import check_context
from .embedders import check_embedder
from .executors import check_executor
from .gateways import check_gateway
from .given import Given
from .guards import check_guard
from .journals import check_journal
from .manifests import contributed_faults, manifest_faults, shape_faults, short_name
from .models import check_model
from .planners import check_planner, plan_request
from .policies import check_policy
from .reflectors import check_reflector
from .services import check_service
from .shape import lacking
from .tools import check_tool

T = TypeVar("T")
Life: TypeAlias = Callable[[], AbstractAsyncContextManager[Contributions]]
Suite: TypeAlias = Callable[[], Awaitable[tuple[str, ...]]]
NONSENSE = "Ich bin kein Plan, 不是计划, {not json"


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What was found about one part of a plugin."""

    subject: str
    """`manifest`, `life`, or a thing that it brings: `tool 'count'`."""
    faults: tuple[str, ...] = ()
    """Sentences. Those about `manifest` and `life` read on after the plugin's name."""
    hardship: tuple[str, ...] = ()
    """How it fails where something else fails first: a missing file, a model that is gone."""
    unchecked: str = ""
    """What could not be looked at, and what would make it possible."""


async def examine(
    manifest: Manifest,
    life: Life,
    given: Given | None = None,
    tell: Callable[[str], None] = lambda subject: None,
    only: str = "",
) -> tuple[Examined, ...]:
    """Live twice, since a restart is a part of life; in the first life everything brought goes through its suite.

    `tell` hears each subject before it is looked at. `only` names one subject; the others are left out.
    """
    given = given or Given()
    found = [Examined(subject="manifest", faults=tuple(manifest_faults(manifest)))] if only in ("", "manifest") else []
    faults: list[str] = []

    async def first(contributions: Contributions) -> None:
        faults.extend(contributed_faults(manifest, contributions))
        with TemporaryDirectory(prefix="trivet-") as folder:
            for subject, suite in _suites(manifest, contributions, given, Path(folder)):
                if only in ("", subject):
                    tell(subject)
                    found.append(await suite())

    async def second(contributions: Contributions) -> None:
        faults.extend(contributed_faults(manifest, contributions))

    unchecked = ""
    for visit in (first, second) if only in ("", "life") else (first,):
        tell("life")
        lived, missing = await _lived(life, manifest, visit)
        faults += lived
        unchecked = f"{missing} Until then it is checked as far as its manifest goes." if missing else unchecked
        if lived or missing:
            break
    if only in ("", "life") or faults:
        found.insert(
            1 if only == "" else 0,
            Examined(subject="life", faults=tuple(dict.fromkeys(faults)), unchecked=unchecked),
        )
    return tuple(found)


async def _lived(
    life: Life, manifest: Manifest, visit: Callable[[Contributions], Awaitable[None]]
) -> tuple[list[str], str]:
    """Live once, in a task of the plugin's own as in the host. Also: which model files are missing, as a sentence."""
    found: list[str] = []
    errors: list[Exception] = []
    yielded: list[Any] = []
    started, leaving, ended = anyio.Event(), anyio.Event(), anyio.Event()

    async def live() -> None:
        try:
            async with life() as contributions:
                yielded.append(contributions)
                started.set()
                await leaving.wait()
        except Exception as error:  # the plugin's own code: whatever it raises is what is reported
            errors.append(error)
        finally:
            started.set()
            ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(live)
        with anyio.move_on_after(manifest.plugin.start_timeout) as starting:
            await started.wait()
        if starting.cancelled_caught:
            found.append(f"did not start within its {manifest.plugin.start_timeout:g} seconds")
            tasks.cancel_scope.cancel()
        elif yielded:
            if not isinstance(yielded[0], Contributions):
                found.append(f"yields a {type(yielded[0]).__name__} instead of Contributions")
            elif shapeless := list(shape_faults(yielded[0])):
                found += shapeless
            else:
                await visit(yielded[0])
            leaving.set()
            with anyio.move_on_after(manifest.plugin.stop_timeout) as stopping:
                await ended.wait()
            if stopping.cancelled_caught:
                found.append(f"did not stop within its {manifest.plugin.stop_timeout:g} seconds")
                tasks.cancel_scope.cancel()
    if errors and isinstance(missing := innermost(errors[0]), WeightsMissing):
        return found, f"{str(missing)[0].upper()}{str(missing)[1:]}"  # the user has still to fetch them
    found += [f"raises {type(error).__name__}: {error}" for error in map(innermost, errors)]
    return found, ""


def innermost(error: Exception) -> Exception:
    """What a task group wraps, if it is one error."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _suites(
    manifest: Manifest, contributions: Contributions, given: Given, folder: Path
) -> Iterator[tuple[str, Callable[[], Awaitable[Examined]]]]:
    """Each thing brought that has its kind's shape, and how it is examined; what has not is a fault already."""
    for tool in contributions.tools:
        name = short_name(manifest, tool)
        yield f"tool '{name}'", functools.partial(_tool, tool, name, given, folder)
    services = StandaloneServices(ScriptedModel(NONSENSE, repeats=True), tools=contributions.tools)
    requests = tuple(
        plan_request(goal, *(tool.spec for tool in contributions.tools))
        for goal in (*given.goals, *([] if given.goals else ["Say hello.", "数一数 notes.md 有几行"]))
    )
    for name, planner in _shaped(contributions.planners, Planner):
        yield _simply(f"planner '{name}'", functools.partial(check_planner, planner, services, *requests, name=name),
                      functools.partial(planner_under_faults, planner, requests, name=name))  # fmt: skip
    for name, reflector in _shaped(contributions.reflectors, Reflector):
        yield _simply(f"reflector '{name}'", functools.partial(check_reflector, reflector, services, name=name),
                      functools.partial(reflector_under_faults, reflector, name=name))  # fmt: skip
    for name, backend in _shaped(contributions.models, ModelBackend):
        yield f"model '{name}'", functools.partial(_backend, name, backend, contributions, given)
    for name, embedder in _shaped(contributions.embedders, Embedder):
        yield _simply(f"embedder '{name}'", functools.partial(check_embedder, embedder))
    for name, packer in _shaped(contributions.contexts, ContextPacker):
        yield _simply(f"context '{name}'", functools.partial(check_context, packer, name=name))
    for name, policy in _shaped(contributions.policies, Policy):
        yield _simply(f"policy '{name}'", functools.partial(check_policy, policy, name=name))
    for service in contributions.services:
        yield _simply(f"service '{getattr(service, 'name', '')}'", functools.partial(check_service, service))
    for number, guard in enumerate(contributions.guards):
        declared = manifest.contributes.guards
        name = declared[number].name if number < len(declared) else str(number)
        yield _simply(f"guard '{name}'", functools.partial(check_guard, guard, name=name))
    for gateway in contributions.gateways:
        yield _simply(f"gateway '{getattr(gateway, 'path', '')}'", functools.partial(check_gateway, gateway))
    for name, executor in _shaped(contributions.executors, Executor):
        yield _simply(f"executor '{name}'", functools.partial(check_executor, executor, name=name))
    for name, opened in contributions.journals.items():
        settings = _filled(given.journals.get(name, {}), str(folder / name))
        yield _simply(f"journal '{name}'", functools.partial(check_journal, opened, settings, name=name))


def _shaped(brought: Mapping[str, T], shape: type) -> Iterator[tuple[str, T]]:
    return ((name, value) for name, value in brought.items() if not lacking(value, shape))


def _simply(subject: str, suite: Suite, hardship: Suite | None = None) -> tuple[str, Callable[[], Awaitable[Examined]]]:
    async def examined() -> Examined:
        try:
            faults = await suite()
            hard = await hardship() if hardship is not None and not faults else ()
        except WeightsMissing as error:
            return Examined(subject=subject, unchecked=str(error))
        except Exception as error:  # foreign code: whatever it raises is what is reported
            faults, hard = (f"{subject} raises {type(error).__name__}: {error}",), ()
        return Examined(subject=subject, faults=faults, hardship=hard)

    return subject, examined


async def _tool(tool: Tool, name: str, given: Given, folder: Path) -> Examined:
    samples = given.samples.get(name, [])
    faults = await check_tool(tool, *samples, workspace=_workspace(given, folder), secrets=given.secrets)
    hardship = () if faults else await tool_under_faults(tool, samples, _workspace(given, folder))
    unchecked = (
        "" if samples else f"it was never called: name arguments in [tool.trivet.check.samples], `{name} = [{{…}}]`"
    )
    return Examined(subject=f"tool '{name}'", faults=faults, hardship=hardship, unchecked=unchecked)


def _workspace(given: Given, folder: Path) -> Path:
    """A copy, so that one tool's files are not another's surprise."""
    place = Path(mkdtemp(dir=folder))
    if given.workspace:
        shutil.copytree(given.workspace, place, dirs_exist_ok=True)
    return place


async def _backend(name: str, backend: ModelBackend, contributions: Contributions, given: Given) -> Examined:
    subject = f"model '{name}'"
    own = (
        {key: value for key, value in table.items() if key != "backend"}
        for table in contributions.model_definitions.values()
        if table.get("backend") == name
    )
    definition: dict[str, Json] | None = given.definitions.get(name) or next(own, None)
    try:
        model = await backend.open("checked", definition or {})
    except WeightsMissing as error:
        return Examined(subject=subject, unchecked=str(error))
    except ModelError as error:
        if definition is None:
            cure = f"name a definition in [tool.trivet.check.definitions.{name}]"
            return Examined(
                subject=subject, unchecked=f"it was never opened, since it needs a definition ({error}): {cure}"
            )
        return Examined(subject=subject, faults=(f"{subject} cannot open {definition}: {error}",))
    except Exception as error:  # foreign code: whatever it raises is what is reported
        cure = "raise a ModelError that says what is wrong with the definition"
        return Examined(
            subject=subject, faults=(f"{subject} raises {type(error).__name__} in `open`: {error}; {cure}",)
        )
    return Examined(subject=subject, faults=await check_model(model))


def _filled(settings: Json, folder: str) -> Json:
    if isinstance(settings, dict):
        return {name: _filled(value, folder) for name, value in settings.items()}
    return settings.replace("{folder}", folder) if isinstance(settings, str) else settings
