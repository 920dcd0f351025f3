"""What a person has said once and for all about calls of a tool: `[approvals.NAME]` in the settings. Pure.

[approvals.letters-home]
tool = "mail.send"
decision = "always"
others = false
[approvals.letters-home.arguments]
to = "*@example.org"
text = "*"
"""

import re
from collections.abc import Container, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

Decision = Literal["always", "ask", "never"]
Pattern = str | int | float | bool | list[Any] | dict[str, Any]
_CAUTION: dict[str, int] = {"always": 0, "ask": 1, "never": 2}
_WILD = re.compile(r"[*?\[]")
_canonical = msgspec.json.Encoder(order="deterministic")


class ApprovalRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tool` is a full name: a rule is about one tool, so that nobody allows what is installed later. `arguments` are
    patterns, by argument: `*` stands for any text, `?` for a letter, `[…]` for one of several; the whole text must fit.
    Other values, lists and tables included, must be equal."""

    tool: str
    decision: Decision = "always"
    arguments: dict[str, Pattern] = {}
    others: bool = True
    """Whether the call may have arguments that have no pattern here, whatever they are."""

    def __post_init__(self) -> None:
        if _WILD.search(self.tool):
            raise ValueError("a rule is about one tool, by its full name, and this is a pattern")

    def fits(self, tool: str, arguments: Mapping[str, Any]) -> bool:
        return (
            tool == self.tool
            and all(name in arguments and _matches(arguments[name], each) for name, each in self.arguments.items())
            and (self.others or arguments.keys() <= self.arguments.keys())
        )


def ruled(rules: Mapping[str, ApprovalRule], tool: str, arguments: Mapping[str, Any]) -> tuple[str, Decision] | None:
    """Name and decision of the rule that fits this call; of several the most cautious one."""
    fitting: Iterable[tuple[str, Decision]] = (
        (name, rule.decision) for name, rule in rules.items() if rule.fits(tool, arguments)
    )
    return max(fitting, key=lambda each: _CAUTION[each[1]], default=None)


def rule_for_exactly(tool: str, arguments: Mapping[str, Any]) -> ApprovalRule | None:
    """Allows this call and no other; None if no rule can say so, as with an argument that is null."""
    patterns = {name: _literal(value) if isinstance(value, str) else value for name, value in arguments.items()}
    try:
        rule = msgspec.convert({"tool": tool, "arguments": patterns, "others": False}, ApprovalRule)
    except msgspec.ValidationError:
        return None
    return rule if rule.fits(tool, arguments) and not any(map(_has_null, patterns.values())) else None


def name_for(rule: ApprovalRule, taken: Container[str]) -> str:
    """A name that is free, made of the tool's."""
    name = re.sub(r"[^a-z0-9_]+", "-", rule.tool.lower()).strip("-") or "rule"
    number = 1
    while (numbered := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return numbered


def setting_for(tool: str) -> str:
    """Key and value with which `trivet config set` makes the rule that allows all calls of this tool."""
    return f"approvals.{name_for(ApprovalRule(tool=tool), ())}.tool {tool}"


def as_table(rule: ApprovalRule) -> dict[str, Any]:
    """As it stands in settings.toml, without what goes without saying."""
    table: dict[str, Any] = {"tool": rule.tool, "decision": rule.decision}
    if not rule.others:
        table["others"] = False
    if rule.arguments:
        table["arguments"] = rule.arguments
    return table


def _matches(value: Any, pattern: Pattern) -> bool:
    if not isinstance(pattern, str):
        return _canonical.encode(value) == _canonical.encode(pattern)  # 1, 1.0 and true are three things
    if not isinstance(value, str):
        return False
    if not _WILD.search(pattern):
        return value == pattern
    if (literal := _meant(pattern)) is not None:
        return value == literal
    # `reports/*` must not allow `reports/../../.ssh/id_rsa`, whatever the tool makes of such a path.
    return ".." not in value.replace("\\", "/").split("/") and fnmatchcase(value, pattern)


def _literal(text: str) -> str:
    """The pattern that only this text fits."""
    return _WILD.sub(r"[\g<0>]", text)


def _meant(pattern: str) -> str | None:
    """The only text that fits the pattern, if there is but one."""
    text = re.sub(r"\[([*?\[])\]", r"\1", pattern)
    return text if _literal(text) == pattern else None


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    return value is None if not isinstance(value, list) else any(map(_has_null, value))
