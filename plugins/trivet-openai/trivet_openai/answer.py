"""A completion put together from what the endpoint sends, in one piece or in many.

Endpoints differ: usage may be missing, null, or come in a chunk of its own; fragments of a call may bear no index, no id, or
the same index for all calls; content may be null or a list of parts; the end may come without a finish reason.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from trivet_sdk import Delta, TokenLogprob, ToolUse
from trivet_sdk.model import FinishReason


class NotUnderstood(Exception):
    """What came is no chat completion."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.content = content


class Trouble(Exception):
    """The endpoint sent an error in place of a chunk."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.body = body


class Withheld(Exception):
    """The endpoint's content filter kept the answer back."""


class UnreadableCall(Exception):
    """The model's arguments for this tool are not a JSON object."""

    def __init__(self, tool: str, written: str) -> None:
        super().__init__(tool, written)
        self.tool, self.written = tool, written


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: Any = None


class _Call(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Token(msgspec.Struct):
    token: str
    logprob: float


class _Logprobs(msgspec.Struct):
    content: list[_Token] | None = None


class _Choice(msgspec.Struct):
    delta: _Message | None = None
    message: _Message | None = None
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    model: str | None = None
    error: Any = None


_DECODER = msgspec.json.Decoder(_Chunk, strict=False)
_LENIENT = json.JSONDecoder(strict=False)
"""Models write line ends into strings as they are."""
_FINISH: dict[str, FinishReason] = {"length": "length", "tool_calls": "tool_calls", "function_call": "tool_calls"}


class _Gathered:
    """A call, as far as it has come."""

    __slots__ = ("arguments", "id", "index", "name")

    def __init__(self, index: int | None, id: str) -> None:
        self.index, self.id = index, id
        self.name = ""
        self.arguments: list[str] = []


class Answer:
    def __init__(self, tool_name: Callable[[str], str]) -> None:
        """`tool_name` turns a name on the wire into the tool's."""
        self._tool_name = tool_name
        self._calls: list[_Gathered] = []
        self._finish: FinishReason | None = None
        self._usage: _Usage | None = None
        self._model = ""
        self.characters = 0
        """Of text, so far."""

    @property
    def is_finished(self) -> bool:
        """A finish reason came; a chunk with the usage may follow."""
        return self._finish is not None

    def add(self, content: bytes) -> Delta | None:
        """What one chunk, or a whole response, brings to show at once. Raises NotUnderstood, Trouble, Withheld."""
        try:
            chunk = _DECODER.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NotUnderstood(content) from None
        if chunk.error or (chunk.choices is None and chunk.usage is None):
            raise Trouble(content)
        self._usage = chunk.usage or self._usage
        self._model = chunk.model or self._model
        if not chunk.choices:
            return None
        choice = chunk.choices[0]
        if choice.finish_reason == "content_filter":
            raise Withheld
        if choice.finish_reason:
            self._finish = _FINISH.get(choice.finish_reason, "stop")
        message = choice.delta or choice.message
        if message is None:
            return None
        for fragment in message.tool_calls or ():
            self._gather(fragment)
        text = _text(message.content) or message.refusal or ""
        self.characters += len(text)
        tokens = (choice.logprobs and choice.logprobs.content) or ()
        if not text and not tokens:
            return None
        return Delta(text=text, logprobs=tuple(TokenLogprob(token.token, token.logprob) for token in tokens))

    def end(self) -> Iterator[Delta]:
        """The calls, the last of them with finish and usage. Raises UnreadableCall."""
        calls = self._uses()
        for call in calls[:-1]:
            yield Delta(tool_call=call)
        usage = self._usage or _Usage()
        finish = self._finish or "stop"
        yield Delta(
            tool_call=calls[-1] if calls else None,
            prompt_tokens=usage.prompt_tokens or 0,
            cached_tokens=(usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens) or 0,
            completion_tokens=usage.completion_tokens or 0,
            finish="tool_calls" if calls and finish == "stop" else finish,
            model=self._model,
        )

    def _uses(self) -> list[ToolUse]:
        uses: list[ToolUse] = []
        seen: set[str] = set()
        for gathered in self._calls:
            id = gathered.id if gathered.id and gathered.id not in seen else f"call_{uuid.uuid4().hex[:16]}"
            seen.add(id)
            name = self._tool_name(gathered.name)
            uses.append(ToolUse(id=id, tool=name, arguments=_arguments(name, "".join(gathered.arguments))))
        return uses

    def _gather(self, fragment: _Call) -> None:
        function = fragment.function or _Function()
        call = self._call_of(fragment, function)
        call.name = call.name or function.name or ""
        arguments = function.arguments
        if isinstance(arguments, str):
            call.arguments.append(arguments)
        elif arguments is not None:  # an object, where a string was due
            call.arguments.append(msgspec.json.encode(arguments).decode())

    def _call_of(self, fragment: _Call, function: _Function) -> _Gathered:
        """The call that the fragment continues, or a new one."""
        same = self._calls[-1:]
        if fragment.index is not None:
            same = [call for call in self._calls if call.index == fragment.index]
        if same and not _begins_another(fragment, function, same[-1]):
            same[-1].id = same[-1].id or fragment.id or ""
            return same[-1]
        self._calls.append(_Gathered(fragment.index, fragment.id or ""))
        return self._calls[-1]


def _begins_another(fragment: _Call, function: _Function, call: _Gathered) -> bool:
    """Some servers give all calls the same index, or send each call whole, with neither index nor id."""
    if not function.name or not call.name:
        return False
    return fragment.id != call.id if fragment.id and call.id else fragment.index is None


def _text(content: str | list[dict[str, Any]] | None) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content)
    return content or ""


def _arguments(tool: str, written: str) -> dict[str, Any]:
    if not written.strip():
        return {}
    try:
        value = _loads(written)
        if isinstance(value, str):  # encoded twice
            value = _loads(value)
    except (ValueError, RecursionError):
        raise UnreadableCall(tool, written) from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnreadableCall(tool, written)
    return value


def _loads(written: str) -> Any:
    try:
        return msgspec.json.decode(written)
    except msgspec.DecodeError:
        return _LENIENT.decode(written)
