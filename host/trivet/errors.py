"""Errors of the host itself, beside those of the contracts in `trivet_sdk.errors`. `str()` is one sentence with its cure.

TrivetError (trivet_sdk)
├── SettingsError         settings.toml, a TRIVET_ variable or a flag cannot be used
├── HomeUnusable          the home directory cannot be written
├── FileRefused           a backup or an exported run cannot be taken or written
├── DiskShort             the disk of the home is nearly full
├── SuiteUnreadable       a folder is no suite of goals
├── UnknownEvaluation     there is none, or several, of this id
├── EvaluationUnreadable  what was kept of one is damaged
├── RunImported           a run of another machine is not worked on here
├── SecretMissing         a secret reference leads nowhere
├── WeightsError          model files cannot be fetched or are not what was asked for
├── InstallError          a plugin cannot be installed, updated or removed
├── ToolError (trivet_sdk)
│   └── CallInterrupted   a plugin ended while a call was at work
└── PluginError (trivet_sdk)
    ├── UnknownPlugin     no plugin of this id is installed
    ├── UnknownTool       no enabled plugin has this tool
    ├── AmbiguousTool     a short name that several plugins use
    ├── NotProvided       no enabled plugin provides what settings or a flag name
    ├── PluginLeftOut     a plugin cannot be started, and why
    └── PluginDied        its worker ended while it was starting or stopping
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from trivet_sdk.errors import PluginError, ToolError, TrivetError


def nearest(name: str, names: Iterable[str]) -> str:
    """` Did you mean 'x'?` with the most similar known name, or nothing."""
    import difflib  # only a mistake pays for it

    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


class SettingsError(TrivetError):
    """`where` is the file, variable or flag that holds the value."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where, self.reason = where, reason

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class HomeUnusable(TrivetError):
    def __init__(self, home: Path, reason: str) -> None:
        super().__init__(home, reason)
        self.home, self.reason = home, reason

    def __str__(self) -> str:
        return f"trivet's home {self.home} cannot be used: {self.reason}. Set TRIVET_HOME to a directory that you can write."


class SecretMissing(TrivetError):
    def __init__(self, ref: str, reason: str) -> None:
        super().__init__(ref, reason)
        self.ref, self.reason = ref, reason

    def __str__(self) -> str:
        return f"the secret '{self.ref}' cannot be read: {self.reason}"


class WeightsError(TrivetError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return f"model files '{self.name}': {self.reason}"


class InstallError(TrivetError):
    """`what` is what the user asked for: a requirement, a path, a plugin's id."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, reason)
        self.what, self.reason = what, reason

    def __str__(self) -> str:
        return f"'{self.what}': {self.reason}"


class JournalUnusable(TrivetError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"the journal {self.path} cannot be used: {self.reason}."


class UnknownRun(TrivetError):
    def __init__(self, run: str, known: Iterable[str] = ()) -> None:
        super().__init__(run)
        self.run, self.known = run, tuple(known)

    def __str__(self) -> str:
        if self.known:
            return f"the run '{self.run}' could be any of {', '.join(self.known)}. Give more of its id."
        return f"there is no run '{self.run}'. `trivet runs list` shows all."


class SuiteUnreadable(TrivetError):
    def __init__(self, suite: Path, reason: str) -> None:
        super().__init__(suite, reason)
        self.suite, self.reason = suite, reason

    def __str__(self) -> str:
        return (
            f"{self.suite} cannot be used as a suite of goals: {self.reason}. docs/how-to/evaluate.md has the format."
        )


class UnknownEvaluation(TrivetError):
    """`known`: those that it could be, if it could be several."""

    def __init__(self, evaluation: str, known: Iterable[str] = ()) -> None:
        super().__init__(evaluation)
        self.evaluation, self.known = evaluation, tuple(known)

    def __str__(self) -> str:
        if self.known:
            return f"the evaluation '{self.evaluation}' could be any of {', '.join(self.known)}. Give more of its id."
        return f"there is no evaluation '{self.evaluation}'. `trivet eval list` shows all."


class EvaluationUnreadable(TrivetError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} cannot be read: {self.reason}. Delete it and evaluate again."


class UnknownConversation(TrivetError):
    def __init__(self, conversation: str, known: Iterable[str] = ()) -> None:
        super().__init__(conversation)
        self.conversation, self.known = conversation, tuple(known)

    def __str__(self) -> str:
        if self.known:
            return (
                f"'{self.conversation}' could be any of the conversations {', '.join(self.known)}. Give more of its id."
            )
        return f"there is no conversation '{self.conversation}', and no run of one. `trivet runs list` shows all."


class CannotFork(TrivetError):
    def __init__(self, run: str, reason: str) -> None:
        super().__init__(run, reason)
        self.run, self.reason = run, reason

    def __str__(self) -> str:
        return f"run {self.run} cannot be forked there: {self.reason}. `trivet runs show {self.run} --events` numbers them."


class RunHeld(TrivetError):
    """`pid` is the process of the host that has it. Where that cannot be seen, it is `silent` for so many seconds, and its
    lease is void in `left` seconds, unless it gives another sign of life."""

    def __init__(self, run: str, pid: int, *, silent: float | None = None, left: float | None = None) -> None:
        super().__init__(run, pid)
        self.run, self.pid, self.silent, self.left = run, pid, silent, left

    @property
    def is_visible(self) -> bool:
        return self.silent is None

    def __str__(self) -> str:
        if self.silent is not None:
            return (
                f"run {self.run} is being worked on by process {self.pid}, which is elsewhere (another container or machine) and "
                f"gave a sign of life {self.silent:.0f} seconds ago. Follow it with `trivet runs watch {self.run}`; if it is "
                f"gone, try again in {self.left or 0:.0f} seconds."
            )
        return (
            f"run {self.run} is being worked on by process {self.pid}. Follow it with `trivet runs watch {self.run}`."
        )


class RunEnded(TrivetError):
    def __init__(self, run: str, status: str) -> None:
        super().__init__(run, status)
        self.run, self.status = run, status

    def __str__(self) -> str:
        return f"run {self.run} has ended ({self.status}), so nobody there is waiting for an answer."


class RunImported(TrivetError):
    def __init__(self, run: str) -> None:
        super().__init__(run)
        self.run = run

    def __str__(self) -> str:
        return (
            f"run {self.run} was imported: its effects happened on another machine, so it is read here and not worked on. "
            f"`trivet runs show {self.run}` shows it."
        )


class FileRefused(TrivetError):
    """A backup or an exported run that cannot be taken; nothing of it was kept."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} cannot be used: {self.reason}. Nothing has changed."


class RunRefused(TrivetError):
    def __init__(self, misfit: str) -> None:
        super().__init__(misfit)
        self.misfit = misfit

    def __str__(self) -> str:
        return f"the goal cannot become a run, and nothing was done: {self.misfit}. See Goal, Budget and RunOptions."


class DiskShort(TrivetError):
    """`left` and `wanted` in bytes."""

    def __init__(self, home: Path, left: int, wanted: int) -> None:
        super().__init__(home, left, wanted)
        self.home, self.left, self.wanted = home, left, wanted

    def __str__(self) -> str:
        return (
            f"the disk of trivet's home {self.home} has {self.left / 1e6:.0f} MB left, and runs stop below "
            f"{self.wanted / 1e6:.0f} MB. Make room (`trivet runs prune --older-than 30d`), or lower `host.min_free`."
        )


class RunTaken(TrivetError):
    def __init__(self, run: str) -> None:
        super().__init__(run)
        self.run = run

    def __str__(self) -> str:
        return f"another host took over run {self.run}, so this one has stopped. Follow it with `trivet runs watch {self.run}`."


class UnknownPlugin(PluginError):
    def __init__(self, plugin: str, known: Iterable[str]) -> None:
        super().__init__(plugin, f"is not installed.{nearest(plugin, known)} `trivet plugins list` shows what is.")


class UnknownTool(PluginError):
    """`because`, if given, says in a sentence why the plugin that is named in front of the tool is not there."""

    def __init__(self, tool: str, known: Iterable[str], because: str = "") -> None:
        super().__init__(tool.partition(".")[0], "")
        self.tool, self.known, self.because = tool, tuple(known), because

    def __str__(self) -> str:
        if self.because:
            return f"there is no tool '{self.tool}' now, because {self.because}."
        prefix, dot, _ = self.tool.partition(".")
        if dot:  # a tool of another plugin is not what was meant
            names = [name for name in self.known if name.startswith(f"{prefix}.")]
        else:
            names = [*self.known, *(name.partition(".")[2] for name in self.known)]
        return f"no enabled plugin has a tool '{self.tool}'.{nearest(self.tool, names)} `trivet tools list` shows all."


class AmbiguousTool(PluginError):
    def __init__(self, tool: str, candidates: Sequence[str]) -> None:
        super().__init__("", "")
        self.tool, self.candidates = tool, tuple(candidates)

    def __str__(self) -> str:
        return f"the name '{self.tool}' fits several tools: {', '.join(self.candidates)}. Use the full name."


class NotProvided(PluginError):
    """`kind` in the singular, e.g. `planner`; `known` are the names that enabled plugins provide."""

    def __init__(self, kind: str, name: str, known: Iterable[str], cure: str = "") -> None:
        super().__init__(name, "")
        self.kind, self.name, self.known, self.cure = kind, name, tuple(known), cure

    def __str__(self) -> str:
        known = f" There is: {', '.join(self.known)}." if self.known else f" No enabled plugin brings a {self.kind}."
        cure = f" {self.cure}" if self.cure else ""
        return f"no enabled plugin provides the {self.kind} '{self.name}'.{nearest(self.name, self.known)}{known}{cure}"


class PluginLeftOut(PluginError):
    """A plugin that is needed now is not running; `state` and `because` say why."""

    def __init__(self, plugin: str, state: str, because: str) -> None:
        super().__init__(plugin, f"cannot be used: {because or f'it is {state}'}")
        self.state, self.because = state, because


class CallInterrupted(ToolError):
    """A plugin died, or was stopped, under a call; whoever made the call decides whether it may be made again.

    `has_begun` is false if the plugin had left before it saw the call, which then certainly had no effect.
    """

    def __init__(self, plugin: str, because: str, doing: str, *, has_begun: bool = True, more: str = "") -> None:
        super().__init__(plugin, is_transient=True)
        self.plugin, self.because, self.doing, self.has_begun, self.more = plugin, because, doing, has_begun, more

    def __str__(self) -> str:
        if not self.has_begun:
            return f"plugin '{self.plugin}' is not there for '{self.doing}': it {self.because}."
        return f"plugin '{self.plugin}' {self.because} while '{self.doing}' was at work.{self.more}"


class PluginDied(PluginError):
    """A plugin's worker ended while it was starting or stopping; the next one may do better."""
