"""What the methods of host and worker take and return, beside the contracts' own types.

`handle` names something that the plugin contributed, `relay` something of the host's that it may use during one call.
"""

from typing import Any

import msgspec

from ..goal import Budget, Goal
from ..message import Message
from ..model import GenerateRequest
from ..plan import Json, Patch, Plan, Step
from ..tool import ToolCall, ToolResult, ToolSpec
from .occurrences import Occurrence
from .tool_lists import ToolList
from .transcripts import Growth

OWN = 0
"""The relay that stands for the plugin's context, which it has for as long as it lives."""


class _Request(msgspec.Struct, frozen=True, array_like=True):
    pass


# Host to worker


class Start(_Request, frozen=True):
    """Import the plugin and activate it; answered with an Offer."""

    id: str
    target: str
    path: tuple[str, ...] | None
    """`sys.path` of the host, where both share an environment."""
    settings: dict[str, Any]
    data_dir: str
    cache_dir: str
    topics: tuple[str, ...]
    patience: float
    """Seconds within which a tool's thread must come to its end once the call was cancelled."""
    debugger: int = 0
    """Port on this machine at which a debugger may attach; 0 for none."""


class ToolRequest(_Request, frozen=True):
    handle: int
    relay: int
    arguments: dict[str, Json]
    run: str
    step: str
    key: str
    left: float | None
    """Seconds until the deadline."""
    workspace: str
    attachments: dict[str, str] = {}
    secrets: dict[str, str] = {}
    sources: dict[str, str] = {}
    origins: dict[str, str] = {}
    typed_origins: tuple[str, ...] = ()


class Reconcile(_Request, frozen=True):
    handle: int
    key: str


class PlanCall(_Request, frozen=True):
    handle: int
    relay: int
    goal: Goal | None
    """None: the transcript's."""
    tools: ToolList
    transcript: Growth
    budget_left: Budget
    reason: str


class Proposal(_Request, frozen=True):
    """What a planner answers: one of the two."""

    plan: Plan | None
    patch: Patch | None

    @property
    def proposed(self) -> Plan | Patch:
        if self.plan is not None:
            return self.plan
        assert self.patch is not None
        return self.patch


class InspectCall(_Request, frozen=True):
    handle: int
    step: Step
    result: ToolResult | None
    error: str
    transcript: Growth


class JudgeCall(_Request, frozen=True):
    handle: int
    relay: int
    transcript: Growth


class PackCall(_Request, frozen=True):
    handle: int
    relay: int
    transcript: Growth
    window: int | None


class OpenModel(_Request, frozen=True):
    handle: int
    name: str
    definition: dict[str, Any]


class ModelFacts(_Request, frozen=True):
    handle: int
    name: str
    window: int | None
    is_small: bool
    features: frozenset[str]


class Generate(_Request, frozen=True):
    handle: int
    request: GenerateRequest


class Measure(_Request, frozen=True):
    handle: int
    messages: tuple[Message, ...]


class Embed(_Request, frozen=True):
    handle: int
    texts: tuple[str, ...]


class Choose(_Request, frozen=True):
    handle: int
    request: GenerateRequest
    candidates: tuple[str, ...]
    feedback: dict[str, float]


class Veto(_Request, frozen=True):
    handle: int
    call: ToolCall


class GatewayCall(_Request, frozen=True):
    handle: int
    relay: int
    scope: dict[str, Any]


# What a plugin offers


class OfferedTool(_Request, frozen=True):
    handle: int
    spec: ToolSpec
    can_reconcile: bool


class Offered(_Request, frozen=True):
    handle: int
    name: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Contributions, without the objects themselves."""

    tools: tuple[OfferedTool, ...] = ()
    planners: dict[str, int] = {}
    reflectors: dict[str, int] = {}
    models: dict[str, int] = {}
    embedders: dict[str, Offered] = {}
    contexts: dict[str, int] = {}
    policies: dict[str, int] = {}
    services: tuple[Offered, ...] = ()
    guards: tuple[int, ...] = ()
    gateways: tuple[Offered, ...] = ()
    model_definitions: dict[str, dict[str, Any]] = {}


# Worker to host


class Relayed(_Request, frozen=True):
    """Use what this relay stands for."""

    relay: int
    role: str = ""


class RelayedGenerate(_Request, frozen=True):
    relay: int
    role: str
    request: GenerateRequest


class RelayedMeasure(_Request, frozen=True):
    relay: int
    role: str
    """Empty: the run's main model, or the packer's own measure."""
    messages: tuple[Message, ...]


class RelayedEmbed(_Request, frozen=True):
    relay: int
    texts: tuple[str, ...]


class RelayedCall(_Request, frozen=True):
    relay: int
    tool: str
    arguments: dict[str, Json]


class RelayedEvent(_Request, frozen=True):
    relay: int
    event: Occurrence


class PutBlob(_Request, frozen=True):
    """A piece of a blob's content; the last one answers with its address."""

    relay: int
    upload: int
    content: bytes
    is_last: bool
    media_type: str


class GetBlob(_Request, frozen=True):
    relay: int
    blob: str


class Progress(_Request, frozen=True):
    relay: int
    done: float
    total: float | None
    message: str


class LogLine(_Request, frozen=True):
    level: str
    event: str
    fields: dict[str, str]
