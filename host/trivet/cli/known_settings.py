"""Every setting there is, set or not: its default and what it means. Pure, over settings and manifests."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from trivet.settings import DEFAULTS, ROLES, Settings

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey

_ROLES = {
    "planner": "who makes the plan",
    "reflector": "who judges what came back",
    "executor": "who runs the steps",
    "context": "who packs what happened into a model's window",
    "model": "which of [models.…] serves",
    "embedder": "who compares texts by meaning",
    "policy": "who chooses between models",
    "escalation": "which of [models.…] goes on where the planner declines or fails, once in a run; never: none",
    "escalation_planner": "who plans with that model then",
    "plan-sql": "which of [models.…] writes questions about tables as SQL, where the small planner cannot read them; never: none",
}
_SECTIONS = {
    "run.approve": "ask, always or never: before calls that cannot be undone or send data away",
    "run.max_steps": "steps of a run at most",
    "run.max_tokens": "tokens of all model calls of a run at most",
    "run.approval_seconds": "a request for approval that nobody answers for so many seconds is denied; 0: none is",
    "run.max_seconds": "seconds of work on a run at most",
    "run.max_replans": "times at most that a plan is changed since something went wrong",
    "run.max_retries": "times at most that one step is repeated",
    "host.hang_seconds": "a plugin that blocks everything for so long is named; 0: never",
    "host.parallel": "tools at work at once at most, in all runs together",
    "host.parallel_per_run": "tools at work at once at most, in one run",
    "host.min_free": "room on the home's disk, like 200MB, below which runs stop; 0: they go on",
    "host.worker_sandbox": "auto, require or off: whether plugins in workers are held to their permissions by a sandbox",
    "host.fetch": "auto or never: whether an optional model is fetched after a run that could have used it",
    "keep.days": "finished runs older than so many days are removed; not set: none",
    "keep.runs": "so many newest runs are kept, older finished ones are removed; not set: all",
    "keep.bytes": "what runs may take, like 2GB, before the oldest finished ones are removed; not set: no bound",
}
_RULE = {
    "tool": "the tool whose calls the rule is about, by its full name",
    "decision": "always, ask or never",
    "arguments": "patterns, by argument: * is any text, ? a letter, [ab] one of these; all of it must fit",
    "others": "false: calls with arguments that have no pattern are not meant",
}
_MODEL = {
    "backend": "which plugin's backend runs it",
    "optional": "true: no run waits for its files; it is used where they are",
}
_PLUGIN = {
    "isolation": "inprocess, process or venv",
    "sandbox": "auto, require or off, for this plugin's worker",
    "memory": "of its process at most, like 2GB",
    "reload": "true: take up edits of its files while running",
    "debugger": "port on this machine at which a debugger may attach, like 5678 (needs debugpy)",
}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    default: Any = None
    """None for a setting that has none."""
    meaning: str = ""


def known_settings(settings: Settings, found: "Survey") -> Iterator[Known]:
    for role in ROLES:
        yield Known(key=f"roles.{role}", default=DEFAULTS["roles"].get(role), meaning=_ROLES[role])
    for key, meaning in _SECTIONS.items():
        section, _, leaf = key.partition(".")
        yield Known(key=key, default=DEFAULTS[section].get(leaf), meaning=meaning)
    for name in sorted({*settings.resources, *found.resources()}):
        yield Known(key=f"resources.{name}", default=1, meaning="calls that may occupy it at once")
    for name in settings.approvals:
        for leaf, default in (("tool", None), ("decision", "always"), ("arguments", None), ("others", True)):
            yield Known(key=f"approvals.{name}.{leaf}", default=default, meaning=_RULE[leaf])
    for name in settings.models:
        for leaf, value in DEFAULTS["models"].get(name, {"backend": None}).items():
            yield Known(key=f"models.{name}.{leaf}", default=value, meaning=_MODEL.get(leaf, ""))
    for id, record in found.records.items():
        if record.manifest is None:
            continue
        key = f"plugins.{id}"
        yield Known(key=f"{key}.enabled", default=record.is_first_party, meaning="whether it may run")
        for leaf, meaning in _PLUGIN.items():
            default = record.manifest.plugin.isolation if leaf == "isolation" else None
            yield Known(key=f"{key}.{leaf}", default=default, meaning=meaning)
        yield from _of_schema(found.candidates[id].schema, f"{key}.config")
        for secret in record.manifest.permissions.secrets:
            meaning = "where it is: env:NAME, file:PATH or keyring:NAME"
            yield Known(key=f"{key}.secrets.{secret}", default=f"env:{secret}", meaning=meaning)


def _of_schema(text: str, path: str) -> Iterator[Known]:
    try:
        schema = msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        return  # none, or one that `plugins list` speaks of
    yield from _of_properties(schema, path)


def _of_properties(schema: Any, path: str) -> Iterator[Known]:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    for name, inner in properties.items() if isinstance(properties, Mapping) else ():
        if isinstance(inner, Mapping) and inner.get("properties"):
            yield from _of_properties(inner, f"{path}.{name}")
        elif isinstance(inner, Mapping):
            meaning = " ".join(str(inner.get("description", "")).split())
            yield Known(key=f"{path}.{name}", default=inner.get("default"), meaning=meaning)
