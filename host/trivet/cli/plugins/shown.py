"""Plugins in words: states, origins, facts and permissions, as every `trivet plugins` command shows them."""

from typing import TYPE_CHECKING, Any

from trivet.cli import options

if TYPE_CHECKING:
    from trivet.kernel.survey import PluginRecord, Survey
    from trivet.packages.enforcement import Permission
    from trivet.settings import Settings
    from trivet_sdk.manifest import Isolation


def surveyed() -> "tuple[Settings, Survey]":
    from trivet.kernel.survey import survey

    settings = options.settings()
    found = survey(settings)
    found.problems = (*settings.problems, *found.problems)
    return settings, found


def record_of(found: "Survey", plugin: str) -> "PluginRecord":
    from trivet.errors import UnknownPlugin
    from trivet_sdk.errors import PluginError

    if plugin not in found.records:
        for record in found.records.values():
            if record.distribution and not record.instance_of and _is_name_of(plugin, record.distribution):
                raise PluginError(
                    plugin, f"is not installed. Did you mean '{record.id}'? `trivet plugins list` shows what is."
                )
        raise UnknownPlugin(plugin, found.records)
    return found.records[plugin]


def _is_name_of(text: str, distribution: str) -> bool:
    from packaging.utils import canonicalize_name

    return canonicalize_name(text) == canonicalize_name(distribution)


def state_of(found: "Survey", record: "PluginRecord") -> tuple[str, str]:
    """In words for people: a plugin that could run is `enabled`, or `failed` if it did when it was last started."""
    if record.state != "resolved":
        return record.state, record.reason
    last = found.last_failure(record.id)
    if last is not None:
        return "failed", last.reason
    return "enabled", _stale(found.stale.processes(record.id))


def _stale(processes: tuple[int, ...]) -> str:
    if not processes:
        return ""
    who = ", ".join(map(str, processes))
    return f"process {who} still runs the code that it had before; restart that host to use the new one"


def being(state: str) -> str:
    return "failed" if state == "failed" else f"is {state}"


def tools_in_words(count: int) -> str:
    return {0: "no tools", 1: "one tool"}.get(count, f"{count} tools")


def origin(record: "PluginRecord") -> str:
    return f"{record.distribution} {record.version}{', editable' if record.is_editable else ''}"


def facts(record: "PluginRecord", state: str, reason: str) -> dict[str, Any]:
    return {
        "id": record.id,
        "state": state,
        "reason": reason,
        "distribution": record.distribution,
        "version": record.version,
        "summary": record.manifest.plugin.summary if record.manifest else "",
        "editable": record.is_editable,
        "first_party": record.is_first_party,
        "digest": record.digest,
        "instance_of": record.instance_of,
    }


def isolation_of(settings: "Settings", found: "Survey", record: "PluginRecord") -> "Isolation":
    """How the plugin runs: as the user wants it, else as it says itself; in an environment of its own where it has one."""
    assert record.manifest is not None, "asked for of readable plugins only"
    if found.candidates[record.id].environment:
        return "venv"
    from trivet.kernel.blueprint import isolation_asked

    asked: Isolation = isolation_asked(record.manifest, settings.plugins.get(record.id, {}))
    return asked


def needing(found: "Survey", settings: "Settings", plugin: str) -> list[str]:
    """Who needs it: other plugins, its instances, and roles and models of the settings."""
    from packaging.requirements import InvalidRequirement, Requirement

    users = []
    for record in found.records.values():
        if record.instance_of == plugin:
            users.append(f"its instance '{record.id}'")
        for text in record.manifest.requires.plugins if record.manifest else ():
            try:
                if Requirement(text).name == plugin:
                    users.append(f"plugin '{record.id}'")
            except InvalidRequirement:
                continue
    kinds = {"planner": "planners", "reflector": "reflectors", "context": "contexts", "embedder": "embedders"}
    for role, kind in kinds.items():
        if found.declaring(kind, settings.roles.get(role, "")) == plugin:
            users.append(f"the setting roles.{role}")
    backends = {str(definition.get("backend")): name for name, definition in settings.models.items()}
    users += [
        f"the model '{name}'" for backend, name in backends.items() if found.declaring("models", backend) == plugin
    ]
    return users


def without_sandbox(settings: "Settings", record: "PluginRecord", isolation: "Isolation") -> str:
    """Why its worker lives in no sandbox; nothing if it does, or has no worker."""
    if isolation == "inprocess":
        return ""
    from trivet.kernel.workers.sandboxing import sandboxing
    from trivet_sdk.errors import PluginError

    assert record.manifest is not None, "asked for of readable plugins only"
    entry = settings.plugins.get(record.id, {})
    try:
        return sandboxing(record.manifest, entry, settings.host.worker_sandbox, settings.home).reason
    except PluginError as error:
        return error.reason


def enforcement_of(
    settings: "Settings", record: "PluginRecord", isolation: "Isolation"
) -> "tuple[tuple[Permission, ...], str]":
    """Its permissions, each marked by whether something enforces it, and a sentence about that."""
    from trivet.packages.enforcement import explained, marked

    assert record.manifest is not None, "asked for of readable plugins only"
    asked = record.manifest.permissions
    reason = without_sandbox(settings, record, isolation)
    return marked(asked, isolation, is_sandboxed=not reason), explained(asked, isolation, reason)


def permissions_of(settings: "Settings", record: "PluginRecord", isolation: "Isolation") -> list[str]:
    """One line each, and what the marks mean."""
    assert record.manifest is not None, "asked for of readable plugins only"
    permissions, sentence = enforcement_of(settings, record, isolation)
    lines = [f"{each.what:<12} {each.force:<9} {each.value}" for each in permissions]
    effects = [
        "whatever its dynamic tools say" if tool.dynamic else f"{tool.name} ({tool.effect})"
        for tool in record.manifest.contributes.tools
        if tool.effect != "pure"
    ]
    if effects:
        lines.append(f"{'change':<12} {'advisory':<9} {', '.join(effects)}")
    contributed = record.manifest.contributes.tools
    for what, tools in (
        ("send away", [tool for tool in contributed if tool.egress]),
        ("bring in", [tool for tool in contributed if tool.untrusted_output]),
    ):
        if tools:
            names = ", ".join(
                tool.name or (f"{tool.prefix}…" if tool.prefix else "its dynamic tools") for tool in tools
            )
            words = "data" if what == "send away" else "text from outside"
            lines.append(f"{what:<12} {'advisory':<9} {words}, by {names}")
    lines.append(sentence)
    return lines
