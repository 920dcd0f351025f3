"""The contracts of trivet, and what a plugin needs to fulfil them.

Start with `tool` (a function becomes a tool), `hookimpl` and `Contributions`; then `Planner`, `Reflector` and
`ModelBackend` in `contributions` and `model`.
"""

from typing import TYPE_CHECKING, Any

from .context import PluginContext, SecretRef, Services
from .contributions import (
    Choice,
    ContextPacker,
    Contributions,
    Executor,
    Gateway,
    Guard,
    Invocation,
    JournalStore,
    Planner,
    PlanRequest,
    Policy,
    Reflector,
    Service,
    stateless,
)
from .errors import (
    ContextTooLong,
    InvalidArguments,
    InvalidManifest,
    InvalidPlan,
    InvalidTool,
    ModelError,
    ModelUnavailable,
    PlannerAbstained,
    PluginError,
    ToolError,
    TrivetError,
    Unauthorized,
    UnknownModel,
    UnreadableAnswer,
    UnsupportedRequest,
    WeightsMissing,
)
from .events import Event, Record
from .formats import Column, Date, NewPath, Span, Unit, WorkspaceFolder, WorkspacePath, of
from .goal import Attachment, Budget, Goal, Usage
from .manifest import Manifest
from .message import Image, Message, Text, ToolAnswer, ToolUse
from .model import Completion, Delta, Embedder, GenerateRequest, Model, ModelBackend, TokenLogprob, collect
from .places import Places
from .plan import Json, Patch, Plan, Ref, Step
from .tool import BlobPart, DataPart, TextPart, Tool, ToolCall, ToolContext, ToolResult, ToolSpec, result
from .tool_function import (
    ToolFunction,
    tool,
)  # after `.tool`: the name `trivet_sdk.tool` is the decorator, as `from` imports see it
from .transcript import Answered, Exchange, Judged, Observed, Planned, Rejected, Transcript
from .verdict import Accept, Ask, Finish, GiveUp, Replan, Retry, Verdict
from .workspace import Workspace

if TYPE_CHECKING:
    from .hooks import hookimpl, hookspec

SDK_VERSION = "1.0"
"""Version of the contracts, which manifests name; not the release of this distribution."""


def __getattr__(name: str) -> Any:
    """The markers come late: with them comes pluggy, which a host that only reads manifests does not need."""
    if name in ("hookimpl", "hookspec"):
        from . import hooks

        return getattr(hooks, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


__all__ = [
    "Accept",
    "Answered",
    "Ask",
    "Attachment",
    "BlobPart",
    "Budget",
    "Choice",
    "Column",
    "Completion",
    "ContextPacker",
    "ContextTooLong",
    "Contributions",
    "DataPart",
    "Date",
    "Delta",
    "Embedder",
    "Event",
    "Exchange",
    "Executor",
    "Finish",
    "Gateway",
    "GenerateRequest",
    "GiveUp",
    "Goal",
    "Guard",
    "Image",
    "InvalidArguments",
    "InvalidManifest",
    "InvalidPlan",
    "InvalidTool",
    "Invocation",
    "JournalStore",
    "Json",
    "Judged",
    "Manifest",
    "Message",
    "Model",
    "ModelBackend",
    "ModelError",
    "ModelUnavailable",
    "NewPath",
    "Observed",
    "Patch",
    "Places",
    "Plan",
    "PlanRequest",
    "Planned",
    "Planner",
    "PlannerAbstained",
    "PluginContext",
    "PluginError",
    "Policy",
    "Record",
    "Ref",
    "Reflector",
    "Rejected",
    "Replan",
    "Retry",
    "SDK_VERSION",
    "SecretRef",
    "Service",
    "Services",
    "Span",
    "Step",
    "Text",
    "TextPart",
    "TokenLogprob",
    "Tool",
    "ToolAnswer",
    "ToolCall",
    "ToolContext",
    "ToolError",
    "ToolFunction",
    "ToolResult",
    "ToolSpec",
    "ToolUse",
    "Transcript",
    "TrivetError",
    "Unauthorized",
    "Unit",
    "UnknownModel",
    "UnreadableAnswer",
    "UnsupportedRequest",
    "Usage",
    "Verdict",
    "WeightsMissing",
    "Workspace",
    "WorkspaceFolder",
    "WorkspacePath",
    "collect",
    "hookimpl",
    "hookspec",
    "of",
    "result",
    "stateless",
    "tool",
]
