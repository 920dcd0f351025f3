"""Plugins in words: states, origins, facts and permissions, as every `trivet plugins` command shows them."""

from typing import TYPE_CHECKING, Any

from trivet.cli import options

if TYPE_CHECKING:
    from trivet.kernel.survey import PluginRecord, Survey
    from trivet.settings import Settings


def surveyed() -> "tuple[Settings, Survey]":
    from trivet.kernel.survey import survey

    settings = options.settings()
    found = survey(settings)
    found.problems = (*settings.problems, *found.problems)
    return settings, found


def record_of(found: "Survey", plugin: str) -> "PluginRecord":
    from trivet.errors import UnknownPlugin

    if plugin not in found.records:
        raise UnknownPlugin(plugin, found.records)
    return found.records[plugin]


def state_of(found: "Survey", record: "PluginRecord") -> tuple[str, str]:
    """In words for people: a plugin that could run is `enabled`, or `failed` if it did when it was last started."""
    if record.state != "resolved":
        return record.state, record.reason
    last = found.last_failure(record.id)
    return ("enabled", "") if last is None else ("failed", last.reason)


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
    }


def permissions_of(record: "PluginRecord") -> list[str]:
    assert record.manifest is not None, "asked for of readable plugins only"
    permissions, isolation = record.manifest.permissions, record.manifest.plugin.isolation
    lines = [
        f"network      {', '.join(permissions.network) or 'none'}",
        f"files        {', '.join(permissions.files) or 'none'}",
        f"subprocess   {'yes' if permissions.subprocess else 'no'}",
        f"secrets      {', '.join(permissions.secrets) or 'none'}",
    ]
    effects = [
        "whatever its dynamic tools say" if tool.dynamic else f"{tool.name} ({tool.effect})"
        for tool in record.manifest.contributes.tools
        if tool.effect != "pure"
    ]
    if effects:
        lines.append(f"change       {', '.join(effects)}")
    if isolation == "inprocess":
        lines.append("It runs inside trivet's own process: these are its promises, which nothing enforces.")
    return lines
