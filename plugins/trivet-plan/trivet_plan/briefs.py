"""What stays the same over all requests of a run, kept by identity so that a backend encodes it once."""

from collections import OrderedDict

import msgspec

from trivet_sdk import Message, PlanRequest, ToolSpec
from trivet_sdk.prompting import render_earlier

from .prompt import opening

NATIVE_LEAVES_OUT = frozenset({"answer", "think"})
"""A model that calls tools answers in plain text, and thinks by itself."""


class Brief(msgspec.Struct):
    given: tuple[ToolSpec, ...]
    is_native: bool
    tools: tuple[ToolSpec, ...]
    opening: tuple[Message, ...]
    earlier: tuple[tuple[Message, ...], ...]
    """What was said before in the conversation, an exchange each."""
    prompt_tokens: int = 0
    """Of the newest request."""


class Briefs:
    """Of the `capacity` runs that planned last."""

    def __init__(self, instructions: str, capacity: int = 1024) -> None:
        self._instructions = instructions
        self._capacity = capacity
        self._kept: OrderedDict[str, Brief] = OrderedDict()

    def of(self, request: PlanRequest, *, is_native: bool) -> Brief:
        run = request.transcript.run
        brief = self._kept.pop(run, None)
        if brief is None or brief.given is not request.tools or brief.is_native is not is_native:
            brief = self._made(request, is_native=is_native)
        self._kept[run] = brief
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return brief

    def _made(self, request: PlanRequest, *, is_native: bool) -> Brief:
        left_out = NATIVE_LEAVES_OUT if is_native else frozenset()
        tools = tuple(tool for tool in request.tools if tool.name not in left_out)
        messages = opening(request, tools, is_native=is_native, instructions=self._instructions)
        return Brief(request.tools, is_native, tools, messages, render_earlier(request.transcript.earlier))
