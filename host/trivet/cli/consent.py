"""What is said to somebody who must agree to a call, and what they can say: once, no, or from now on always."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from trivet.approval_rules import ApprovalRule, as_table, rule_for_exactly, ruled
from trivet.cli import failure
from trivet.cli.screen import echo
from trivet.cli.view import wording
from trivet_sdk.errors import TrivetError
from trivet_sdk.events import ApprovalRequested

Ask = Callable[[str], Awaitable[str | None]]
"""Put a prompt, and return what is typed in answer; None if nobody is there any more."""
LONG = 2000
"""Characters of a call from which on it is said how long it is: its beginning is not on the screen any more."""
_YES, _NO = frozenset({"y", "yes", "是", "好"}), frozenset({"", "n", "no", "否", "不"})


class Rules(Protocol):
    """Where a rule is kept, and holds at once."""

    @property
    def rules(self) -> Mapping[str, ApprovalRule]: ...

    async def remember(self, rule: ApprovalRule) -> str:
        """Write it into the settings; returns its name. Raises TrivetError."""
        ...


async def consented(request: ApprovalRequested, ask: Ask, rules: Rules) -> bool | None:
    """Whether the call may be made; None if nobody says anything."""
    known = ruled(rules.rules, request.tool, request.arguments)
    if known is not None and known[1] == "always":
        return True  # they have just said so, to another call
    exact = rule_for_exactly(request.tool, request.arguments)
    choices = {"a": "always exactly this", "t": "always this tool, whatever the arguments"}
    offered = {"a": exact, "t": ApprovalRule(tool=request.tool)}
    if exact is None:
        del choices["a"], offered["a"]
    keys = f"[y/N/{'/'.join(choices)}]: "
    legend = ", ".join(f"{key}: {meaning}" for key, meaning in choices.items())
    _show(request)
    while True:
        echo(f"y: this once, n: no, {legend}", err=True)
        while (said := await ask(keys)) is not None and (said := said.lower()) not in {*_YES, *_NO, *choices}:
            echo(f"Say y, n{', a' if exact else ''} or t.", err=True)
        if said is None:
            return None
        if said in _YES | _NO:
            return said in _YES
        rule = offered[said]
        assert rule is not None
        if await _remembered(rule, ask, rules):
            return True


def _show(request: ApprovalRequested) -> None:
    call = wording.exact_call(request.tool, request.arguments)
    why = f" ({request.reason})" if request.reason else ""
    echo(f"May it do this{why}?", err=True)
    echo(call, err=True)
    if len(call) > LONG:
        echo(f"That is all of it, {len(call):,} characters: a call of '{request.tool}'{why}.", err=True)


async def _remembered(rule: ApprovalRule, ask: Ask, rules: Rules) -> bool:
    """Once the person has seen what will stand in the settings."""
    import tomlkit

    echo(tomlkit.dumps({"approvals": {"NAME": as_table(rule)}}).strip(), err=True)
    echo("This rule would stand in settings.toml, and hold for all runs, after text from outside as well.", err=True)
    if (await ask("Keep it? [y/N]: ") or "").lower() not in _YES:
        return False
    try:
        name = await rules.remember(rule)
    except TrivetError as error:
        failure.say(str(error))
        return False
    echo(f"Rule '{name}' is kept; `trivet config explain approvals.{name}` shows it.", err=True)
    return True
