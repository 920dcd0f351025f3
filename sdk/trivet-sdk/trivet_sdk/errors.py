"""Errors that cross a contract. Each carries fields; the sentence is made in `__str__`.

TrivetError
├── ToolError             told to the planner, which may try another way
├── InvalidArguments      a call's arguments do not fit the tool's schema
├── InvalidPlan           a plan cannot run: unknown tool or ref, cycle, bad arguments
├── InvalidManifest       trivet.toml cannot be used
├── InvalidTool           a function cannot become a tool
├── PluginError           a plugin broke its contract
├── PlannerAbstained      a planner cannot plan this goal, and says so
├── WeightsMissing        declared model files are not on this machine
└── ModelError            a model backend could not answer
    ├── Unauthorized      the key is missing or wrong
    ├── UnknownModel      the endpoint does not have this model
    ├── ContextTooLong    the request does not fit the model's window
    ├── ModelUnavailable  the endpoint cannot be reached, or keeps failing
    ├── UnreadableAnswer  the model wrote a call that cannot be read; asking again may help
    └── UnsupportedRequest  this backend cannot honour a field of the request
"""

from collections.abc import Sequence


class TrivetError(Exception):
    """Root of everything a contract may raise; `str()` is one sentence for a person."""


class ToolError(TrivetError):
    """A tool's honest failure: what went wrong and what to try. The planner reads it.

    `is_transient` says that the same call may work later (a timeout, a busy server), `is_untrusted` that the message quotes
    text from outside: it then taints the transcript, as such a result does.
    Anything else that a tool raises counts as a bug in the tool.
    """

    def __init__(self, message: str, *, is_transient: bool = False, is_untrusted: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_transient = is_transient
        self.is_untrusted = is_untrusted

    def __str__(self) -> str:
        return self.message


class InvalidArguments(TrivetError):
    """Arguments do not fit a tool's schema; `path` points at the offending value, like `$.where[0].op`."""

    def __init__(self, tool: str, reason: str, path: str = "$") -> None:
        super().__init__(tool, reason, path)
        self.tool, self.reason, self.path = tool, reason, path

    def __str__(self) -> str:
        where = "" if self.path == "$" else f" at {self.path}"
        return f"tool '{self.tool}' cannot take these arguments{where}: {self.reason}"


class InvalidPlan(TrivetError):
    """A plan that cannot run, with every reason found, each a sentence the planner can act on."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(*reasons)
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        return "the plan cannot run: " + "; ".join(self.reasons)


class InvalidManifest(TrivetError):
    """A `trivet.toml` that cannot be used."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(plugin, reason)
        self.plugin, self.reason = plugin, reason

    def __str__(self) -> str:
        return f"plugin '{self.plugin}': trivet.toml cannot be used: {self.reason}"


class InvalidTool(TrivetError):
    """A function that `@tool` cannot turn into a tool."""

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(function, reason)
        self.function, self.reason = function, reason

    def __str__(self) -> str:
        return f"function '{self.function}' cannot become a tool: {self.reason}"


class PluginError(TrivetError):
    """A plugin broke its contract, or could not do what was asked of it."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(plugin, reason)
        self.plugin, self.reason = plugin, reason

    def __str__(self) -> str:
        return f"plugin '{self.plugin}' {self.reason}"


class PlannerAbstained(TrivetError):
    """A planner that would only be guessing. `missing` says what would be needed: a plugin, a file, a larger model."""

    def __init__(self, reason: str, missing: str = "") -> None:
        super().__init__(reason, missing)
        self.reason, self.missing = reason, missing

    def __str__(self) -> str:
        return f"{self.reason} {self.missing}".strip()


class WeightsMissing(TrivetError):
    """Model files that a manifest declares are not on this machine yet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"the model files '{self.name}' are not on this machine. Fetch them with `trivet models pull {self.name}`."
        )


class ModelError(TrivetError):
    """A model backend could not answer; `model` is the name in settings."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(model, reason)
        self.model, self.reason = model, reason

    def __str__(self) -> str:
        return f"model '{self.model}' {self.reason}"


class Unauthorized(ModelError):
    """The endpoint refused the key."""


class UnknownModel(ModelError):
    """The endpoint does not know the model's name."""


class ContextTooLong(ModelError):
    """The request has more tokens than the model's window."""


class ModelUnavailable(ModelError):
    """The endpoint cannot be reached, or failed more often than the backend retries."""


class UnreadableAnswer(ModelError):
    """The model wrote a call that cannot be read, such as arguments that are no JSON; asking it again may help."""


class UnsupportedRequest(ModelError):
    """The backend cannot honour a field of the request, and says so instead of ignoring it."""
