"""Whether a client's call may be made: approvals, where the only person is behind the client."""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from trivet.approval_rules import ApprovalRule, ruled, setting_for
from trivet.runs.approvals import Mode, digest_of, exactly
from trivet.runs.permission import permission
from trivet_sdk.plan import Json
from trivet_sdk.tool import ToolSpec

_KEY = "approval"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"allow": {"type": "boolean", "title": "Allow this call", "default": False}},
    "required": ["allow"],
}


class Question(msgspec.Struct, frozen=True):
    """The user must be asked first: `answer` is what the client gets in place of a result."""

    answer: dict[str, Any]


class Consent:
    """`ask` puts a question to the user of a client of the older era."""

    def __init__(
        self,
        mode: Mode,
        rules: Mapping[str, ApprovalRule],
        ask: Callable[[dict[str, Any]], Awaitable[Mapping[str, Any]]],
    ) -> None:
        self._mode = mode
        self._rules = rules
        self._ask = ask
        self._is_tainted = False
        self._secret = secrets.token_bytes(32)
        self._used: set[str] = set()

    def taint(self) -> None:
        """Text from outside has gone to the client: from now on it may be behind what is asked for."""
        self._is_tainted = True

    async def to(
        self, spec: ToolSpec, arguments: dict[str, Json], params: Mapping[str, Any], *, can_ask: bool, is_modern: bool
    ) -> str | Question:
        """Empty if the call may be made, a Question to be answered first, or a sentence that says why not."""
        found = permission(
            spec, arguments, mode=self._mode, ruling=partial(ruled, self._rules), is_tainted=self._is_tainted
        )
        why = found.why
        if found.verdict == "granted":
            return ""
        if found.verdict == "refused":
            by = (
                f"rule '{found.rule}' of the settings forbids it"
                if found.rule
                else "trivet was started with --approve never"
            )
            return f"the call was refused: {why}, and {by}"
        if not can_ask:
            return f"the call was refused: {why}, and this client cannot ask its user. {self._cure(spec)}"
        message = f"May trivet call {spec.name} ({why})?\n{exactly(arguments)}"
        asked = {"mode": "form", "message": message, "requestedSchema": _SCHEMA}
        if not is_modern:
            reply = await self._ask({key: value for key, value in asked.items() if key != "mode"})
            return self._judged(reply, why)
        digest = digest_of(spec.name, arguments)
        replies = params.get("inputResponses") or {}
        if _KEY in replies and self._is_ours(str(params.get("requestState", "")), digest):
            return self._judged(replies[_KEY], why)
        requests = {_KEY: {"method": "elicitation/create", "params": asked}}
        state = self._state(digest, secrets.token_hex(8))
        return Question({"resultType": "input_required", "inputRequests": requests, "requestState": state})

    def _cure(self, spec: ToolSpec) -> str:
        if self._mode == "always":
            return f"Only a rule that names the tool allows it: trivet config set {setting_for(spec.name)}"
        return "Start the server with `trivet mcp --approve always` to allow such calls."

    def _judged(self, reply: Any, why: str) -> str:
        accepted = isinstance(reply, Mapping) and reply.get("action") == "accept"
        content = reply.get("content") if accepted else None
        if isinstance(content, Mapping) and content.get("allow") is True:
            return ""
        return f"the call was refused: {why}, and the user did not approve it"

    def _state(self, digest: str, nonce: str) -> str:
        """Binds an approval to exactly this call, once."""
        return f"{nonce}.{hmac.digest(self._secret, f'{nonce}.{digest}'.encode(), 'sha256').hex()}"

    def _is_ours(self, state: str, digest: str) -> bool:
        nonce = state.partition(".")[0]
        if nonce in self._used or not hmac.compare_digest(state.encode(), self._state(digest, nonce).encode()):
            return False
        self._used.add(nonce)
        return True
