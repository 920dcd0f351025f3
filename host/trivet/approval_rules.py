"""What a person has said once and for all about calls of a tool: `[approvals.NAME]` in the settings. Pure.

[approvals.letters-home]
tool = "mail.send"
decision = "always"
[approvals.letters-home.arguments]
to = "*@example.org"
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

Decision = Literal["always", "ask", "never"]
_CAUTION: dict[str, int] = {"always": 0, "ask": 1, "never": 2}
_WILD = frozenset("*?[")


class ApprovalRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tool` is a full name: a rule is about one tool, so that nobody allows what is installed later. `arguments` are
    patterns, by argument: `*` stands for any text, `?` for a letter. Arguments without a pattern may be anything."""

    tool: str
    decision: Decision = "always"
    arguments: dict[str, str | int | float | bool] = {}

    def fits(self, tool: str, arguments: Mapping[str, Any]) -> bool:
        return tool == self.tool and all(
            name in arguments and _matches(arguments[name], pattern) for name, pattern in self.arguments.items()
        )


def ruled(rules: Mapping[str, ApprovalRule], tool: str, arguments: Mapping[str, Any]) -> tuple[str, Decision] | None:
    """Name and decision of the rule that fits this call; of several the most cautious one."""
    fitting: Iterable[tuple[str, Decision]] = (
        (name, rule.decision) for name, rule in rules.items() if rule.fits(tool, arguments)
    )
    return max(fitting, key=lambda each: _CAUTION[each[1]], default=None)


def _matches(value: Any, pattern: str | int | float | bool) -> bool:
    if not isinstance(pattern, str):
        return type(value) is type(pattern) and bool(value == pattern)
    if not isinstance(value, str):
        return False
    if not _WILD & set(pattern):
        return value == pattern
    # `reports/*` must not allow `reports/../../.ssh/id_rsa`, whatever the tool makes of such a path.
    return ".." not in value.replace("\\", "/").split("/") and fnmatchcase(value, pattern)
