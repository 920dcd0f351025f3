"""How a part fails when something else failed first: a file that is gone or is no text, no secret, a model that is off,
hangs on to nonsense or lies. An honest failure is asked for, never a bug and never a made-up success."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from ..context import Services
from ..contributions import Planner, PlanRequest, Reflector
from ..errors import InvalidArguments, ModelUnavailable, PluginError, ToolError
from ..model import Delta, GenerateRequest
from ..plan import Json
from ..testing.calling import call
from ..testing.model import ScriptedModel
from ..testing.services import StandaloneServices
from ..tool import Tool
from .planners import check_planner
from .reflectors import check_reflector

MISSING, BINARY, EMPTY = "surely/no-such-file.txt", "surely-binary.bin", "surely-empty.txt"
_LIES = (
    '{"verdict": "finish", "answer": "All done.", "steps": [{"tool": "answer", "arguments": {"text": "All done."}}]}'
)


class _Cut(ScriptedModel):
    """Its stream ends in the middle, as when a connection breaks."""

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        yield Delta(text="All ")


def _models() -> Sequence[tuple[str, Services]]:
    off = ModelUnavailable("model", "cannot be reached")
    return (
        ("no model is configured", StandaloneServices()),
        ("the model cannot be reached", StandaloneServices(ScriptedModel(off, repeats=True))),
        ("the model's answer breaks off", StandaloneServices(_Cut())),
        ("the model says nothing", StandaloneServices(ScriptedModel("", repeats=True))),
        ("the model lies", StandaloneServices(ScriptedModel(_LIES, repeats=True))),
    )


async def planner_under_faults(planner: Planner, requests: Sequence[PlanRequest], *, name: str) -> tuple[str, ...]:
    found: list[str] = []
    for when, services in _models():
        found += [
            f"{fault} (when {when})" for fault in await check_planner(planner, services, *requests[:1], name=name)
        ]
    return tuple(found)


async def reflector_under_faults(reflector: Reflector, *, name: str) -> tuple[str, ...]:
    found: list[str] = []
    for when, services in _models():
        found += [f"{fault} (when {when})" for fault in await check_reflector(reflector, services, name=name)]
    return tuple(found)


async def tool_under_faults(
    tool: Tool, samples: Sequence[Mapping[str, Json]], workspace: Path, timeout: float = 30.0
) -> tuple[str, ...]:
    """The samples again, with files that are missing, no text, or empty in place of those they name."""
    (workspace / BINARY).write_bytes(bytes(range(256)) * 16)
    (workspace / EMPTY).touch()
    properties = tool.spec.parameters.get("properties", {})
    paths = [name for name, schema in properties.items() if _format(schema) == "workspace-path"]
    found: list[str] = []
    for sample in samples:
        for path in paths:
            for file, must_fail in ((MISSING, True), (BINARY, False), (EMPTY, False)):
                found += await _called(tool, {**sample, path: file}, workspace, must_fail, timeout)
    return tuple(f"tool '{tool.spec.name}' {fault}" for fault in dict.fromkeys(found))


async def _called(
    tool: Tool, arguments: Mapping[str, Json], workspace: Path, must_fail: bool, timeout: float
) -> list[str]:
    named = next(value for value in arguments.values() if value in (MISSING, BINARY, EMPTY))
    what = {MISSING: "a file that is not there", BINARY: "a file that is no text", EMPTY: "an empty file"}[named]
    try:
        await call(tool, arguments, workspace=workspace, timeout=timeout)
    except (ToolError, InvalidArguments, PluginError):
        return []
    except Exception as error:  # the tool's own code: whatever it raises is what is reported
        return [f"raises {type(error).__name__} for {what}: {error}; raise a ToolError that says what would work"]
    return [f"succeeds with {what}, where it must raise a ToolError"] if must_fail else []


def _format(schema: Json) -> str:
    return str(schema.get("format", "")) if isinstance(schema, Mapping) else ""
