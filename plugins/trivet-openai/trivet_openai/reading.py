"""One response, read piece by piece to its end."""

from contextlib import suppress

import aiohttp
import anyio

from trivet_openai import failures
from trivet_openai.answer import Answer, NotUnderstood, Trouble, UnreadableCall, Withheld
from trivet_openai.definition import Definition
from trivet_openai.endpoint import capped
from trivet_openai.event_stream import DONE, EventStream
from trivet_openai.failures import Failure
from trivet_sdk import Delta, UnreadableAnswer

MOST = 64 << 20
"""Bytes of one answer, decompressed, after which it is no answer any more."""
LINGER = 0.05
"""Seconds for the end of a response after its last event, so that its connection serves the next request."""


class Reading:
    def __init__(self, response: aiohttp.ClientResponse, answer: Answer, model: str, definition: Definition) -> None:
        self._response = response
        self._answer = answer
        self._model = model
        self._definition = definition
        self._stream = EventStream() if response.content_type == "text/event-stream" else None
        self._is_done = False
        self.has_begun = False
        """Something was passed on, so the request cannot be repeated in silence."""
        self.is_ended = False

    async def more(self, key: str) -> list[Delta]:
        """What the next piece brings, perhaps nothing; with the last piece the calls, usage and finish.

        Raises Failure, UnreadableAnswer, and what the HTTP library raises.
        """
        content = b""
        try:
            if self._stream is None:
                content = await capped(self._response, MOST)
                if len(content) >= MOST:
                    raise failures.too_much(self._definition, MOST)
                events = self._events_of(content)
                self.is_ended = True
            else:
                piece = await self._response.content.readany()
                self.is_ended = not piece
                events = self._stream.feed(piece) if piece else self._stream.end()
                if self._stream.size > MOST:
                    raise failures.too_much(self._definition, MOST)
            deltas = self._deltas(events)
            self.is_ended = self.is_ended or self._is_done
            if self.is_ended:
                deltas += self._end()
        except Trouble as trouble:
            if not self.has_begun:
                raise failures.trouble(self._model, self._definition, key, trouble.body) from None
            words, _ = failures.said(trouble.body, key)
            raise self.cut(f"{self._definition.base_url} said '{words}'") from None
        except NotUnderstood as misread:
            raise failures.no_json(self._model, self._definition, content or misread.content) from None
        except Withheld:
            raise failures.withheld(self._definition) from None
        self.has_begun = self.has_begun or bool(deltas)
        return deltas

    def cut(self, why: str = "") -> Failure:
        return failures.cut(self._definition, self._answer.characters, why)

    async def close(self) -> None:
        """Give the connection back if the response came to its end, else abort the request."""
        try:
            if self._is_done and not self._response.content.is_eof():
                with anyio.move_on_after(LINGER), suppress(aiohttp.ClientError, OSError):
                    await capped(self._response, MOST)
        finally:
            self._response.close()

    def _events_of(self, content: bytes) -> list[bytes]:
        """A stream that does not call itself one is told by its first word."""
        if content.lstrip().startswith(b"data:"):
            stream = EventStream()
            return stream.feed(content.lstrip()) + stream.end()
        return [content, DONE]

    def _deltas(self, events: list[bytes]) -> list[Delta]:
        deltas: list[Delta] = []
        for event in events:
            if event.startswith(DONE):
                self._is_done = True
                break
            if (delta := self._answer.add(event)) is not None:
                deltas.append(delta)
        return deltas

    def _end(self) -> list[Delta]:
        if not self._is_done and not self._answer.is_finished:
            raise self.cut() if self.has_begun else failures.lost(self._definition)
        try:
            return list(self._answer.end())
        except UnreadableCall as call:
            reason = f"called '{call.tool}' with arguments that are not a JSON object: {call.written[:200]}"
            raise UnreadableAnswer(self._model, reason) from None
