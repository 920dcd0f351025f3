"""A model that says what a test tells it to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeAlias

from ..message import Message, Text, ToolAnswer, ToolUse
from ..model import Delta, GenerateRequest
from .script import Line, Script

Said: TypeAlias = str | ToolUse | Sequence[str | ToolUse]
"""A text, a native call, or both in a list."""
FEATURES = frozenset("tools schema grammar choices logprobs adapter seed images".split())


class ScriptedModel:
    """A Model that replies from a script, and the ModelBackend that opens it.

        model = ScriptedModel('{"steps": []}', ToolUse(id="c1", tool="files.list", arguments={}), ModelUnavailable("m", "is off"))

    A line is a text, a call, a list of both, an exception to raise, or a function of the request that makes one of
    these. Texts arrive a word at a time; stop strings and `max_tokens` are honoured, a word counting as a token. To a
    request with `choices` the line names the likeliest. `requests` are those received, `definitions` the tables that the
    backend was asked to open.
    """

    def __init__(
        self,
        *lines: Line[Said, GenerateRequest],
        name: str = "scripted",
        window: int | None = None,
        is_small: bool = False,
        features: frozenset[str] = FEATURES,
        repeats: bool = False,
    ) -> None:
        self._script: Script[GenerateRequest, Said] = Script(lines, repeats=repeats)
        self.name = name
        self.window = window
        self.is_small = is_small
        self.features = features
        self.definitions: dict[str, dict[str, Any]] = {}

    @property
    def requests(self) -> list[GenerateRequest]:
        return self._script.requests

    async def open(self, name: str, definition: Mapping[str, Any]) -> "ScriptedModel":
        """As a backend: every definition opens this very model."""
        self.definitions[name] = dict(definition)
        return self

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        said = await self._script.next(request)
        parts = [said] if isinstance(said, (str, ToolUse)) else list(said)
        calls = [part for part in parts if isinstance(part, ToolUse)]
        text = "".join(part for part in parts if isinstance(part, str))
        words, finish = _spoken(text, request)
        for word in words:
            yield Delta(text=word, model=self.name)
        for call in calls:
            yield Delta(tool_call=call, model=self.name)
        yield Delta(
            scores=tuple(0.0 if choice == text else -10.0 for choice in request.choices),
            prompt_tokens=await self.measure(request.messages),
            completion_tokens=len(words),
            finish="tool_calls" if calls else finish,
            model=self.name,
        )

    async def measure(self, messages: Sequence[Message]) -> int:
        """Words."""
        texts = (part.text for m in messages for part in m.parts if isinstance(part, (Text, ToolAnswer)))
        return sum(len(text.split()) for text in texts)


def _spoken(text: str, request: GenerateRequest) -> tuple[list[str], Any]:
    """The words, each with the space before it, that remain within stop strings and the limit, and why it ends there."""
    if request.choices and text not in request.choices:
        raise AssertionError(f"the script says {text!r}, which is none of the choices {request.choices}")
    ends = [end for stop in request.stop if (end := text.find(stop)) >= 0]
    text = text[: min(ends, default=len(text))]
    words: list[str] = []
    for piece in text.split(" "):
        words.append(f" {piece}" if words else piece)
    words = [word for word in words if word]
    if request.max_tokens is not None and len(words) > request.max_tokens:
        return words[: request.max_tokens], "length"
    return words, "stop"
