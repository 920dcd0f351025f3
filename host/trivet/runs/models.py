"""Models as a run sees them: every prompt and completion is journaled, counted, and never paid for twice."""

import hashlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from trivet.runs.failures import BoundReached
from trivet.runs.log import RunLog
from trivet_sdk.errors import ModelError
from trivet_sdk.events import ModelCalled, ModelDelta, ModelReturned
from trivet_sdk.message import Message, ToolUse
from trivet_sdk.model import Delta, GenerateRequest, Model
from trivet_sdk.plan import Json

_CIRCUMSTANCES = frozenset({"deadline", "max_tokens", "device", "kv"})
"""Fields that may differ when the same thing is asked again after a resume, since less of the budget is left."""


class Prompts:
    """The prompts of one run, journaled without their common beginnings, so that the journal grows with the conversation
    and not with its square: `options["continues"]` names the call whose prompt comes first, and how many of its messages.
    """

    def __init__(self, kept: Mapping[str, tuple[ModelCalled, ModelReturned]]) -> None:
        """`kept`: completions that an earlier life of this run paid for and did not come to use, by call id."""
        self._kept = dict(kept)
        self._last: dict[str, tuple[str, tuple[Message, ...], list[Any], dict[str, Json] | None]] = {}

    def told(
        self, call: str, purpose: str, request: GenerateRequest
    ) -> tuple[tuple[Message, ...], dict[str, Json], str]:
        """New messages, options, and the digest of the whole request, for a call with this id."""
        before, messages, hashes, schema = self._last.get(purpose, ("", (), [], None))
        same = len(messages)
        if request.messages[:same] != messages:  # compared at C speed, and by identity first
            pairs = enumerate(zip(messages, request.messages, strict=False))
            same = next((place for place, (old, new) in pairs if old != new), min(same, len(request.messages)))
        hashes = hashes[:same]
        running = hashes[-1].copy() if hashes else hashlib.sha256()
        for message in request.messages[same:]:
            running.update(msgspec.json.encode(message))
            hashes.append(running.copy())
        options = _options(request)
        whole = running.copy()
        whole.update(
            msgspec.json.encode({name: value for name, value in options.items() if name not in _CIRCUMSTANCES})
        )
        if request.schema is not None and request.schema == schema:
            options["schema"] = {"as_in": before}
        if same:
            options["continues"] = {"call": before, "messages": same}
        self._last[purpose] = (call, request.messages, hashes, request.schema)
        return request.messages[same:], options, whole.hexdigest()

    def kept(self, digest: str, step: str | None) -> ModelReturned | None:
        """A completion of the very same request that need not be asked for again; each is given out once."""
        for call, (called, returned) in self._kept.items():
            if called.options.get("digest") == digest and called.step == step:
                del self._kept[call]
                return returned
        return None


class JournaledModel:
    """Fulfils `trivet_sdk.Model` around one that a plugin opened."""

    def __init__(
        self,
        model: Model,
        role: str,
        step: str | None,
        log: RunLog,
        prompts: Prompts,
        exhausted: Callable[[], str],
        used: Callable[[Model], None],
    ) -> None:
        self._model = model
        self._role = role
        self._step = step
        self._log = log
        self._prompts = prompts
        self._exhausted = exhausted
        self._used = used

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def window(self) -> int | None:
        return self._model.window

    @property
    def is_small(self) -> bool:
        return self._model.is_small

    @property
    def features(self) -> frozenset[str]:
        return self._model.features

    async def measure(self, messages: Sequence[Message]) -> int:
        return await self._model.measure(messages)

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        """As the model does; the last delta comes once the completion is durable."""
        self._used(self._model)
        log, step = self._log, self._step
        purpose = request.purpose or self._role
        call = f"m{log.fold.seq + 1}"
        messages, options, digest = self._prompts.told(call, purpose, request)
        # Scores and log-probabilities are not in the journal, so a request for them is made again.
        is_whole = not request.choices and not request.logprobs
        if is_whole and (kept := self._prompts.kept(digest, step)) is not None:
            for delta in _again(kept):
                yield delta
            return
        if bound := self._exhausted():
            raise BoundReached(bound)
        await log.write(
            ModelCalled(
                step=step,
                call=call,
                model=self._model.name,
                role=self._role,
                purpose=purpose,
                messages=messages,
                options={**options, "digest": digest},
            )
        )
        texts: list[str] = []
        uses: list[ToolUse] = []
        begun = time.perf_counter()

        def returned(last: Delta, error: str = "", finish: str = "") -> ModelReturned:
            return ModelReturned(
                step=step,
                call=call,
                text="".join(texts),
                tool_calls=[{"id": use.id, "tool": use.tool, "arguments": use.arguments} for use in uses],
                prompt_tokens=last.prompt_tokens,
                cached_tokens=last.cached_tokens,
                completion_tokens=last.completion_tokens,
                seconds=round(time.perf_counter() - begun, 6),
                finish=finish or last.finish or "",
                error=error,
            )

        last = Delta()
        is_told = False
        try:
            deltas = self._model.generate(msgspec.structs.replace(request, run=log.run, purpose=purpose))
            async with _closing(deltas):
                async for delta in deltas:
                    last = delta
                    if delta.text:
                        texts.append(delta.text)
                        log.tell(ModelDelta(step=step, call=call, text=delta.text))
                    if delta.tool_call is not None:
                        uses.append(delta.tool_call)
                    if delta.finish is not None:
                        is_told = True
                        await log.write(returned(delta), durable=True)
                    yield delta
        except ModelError as error:
            is_told = True
            await log.write(returned(last, error=str(error), finish="error"))
            raise
        finally:
            if not is_told:  # cancelled, closed early, or the backend broke; `write` does not wait here
                await log.write(returned(last, error="the completion was cut short", finish="cancelled"))


@asynccontextmanager
async def _closing(deltas: AsyncIterator[Delta]) -> AsyncIterator[None]:
    """Whoever closes our stream closes the backend's at once, and does not leave it to the garbage collector."""
    try:
        yield
    finally:
        if (close := getattr(deltas, "aclose", None)) is not None:
            await close()


def _options(request: GenerateRequest) -> dict[str, Json]:
    """The request's fields that differ from their defaults; of the tools only the names."""
    plain = GenerateRequest(messages=())
    options: dict[str, Json] = {}
    for name in request.__struct_fields__:
        if name not in ("messages", "tools", "run", "purpose") and (value := getattr(request, name)) != getattr(
            plain, name
        ):
            options[name] = value
    if request.tools:
        options["tools"] = [spec.name for spec in request.tools]
    return options


def _again(returned: ModelReturned) -> list[Delta]:
    deltas = [Delta(text=returned.text)] if returned.text else []
    deltas += [Delta(tool_call=ToolUse(**use)) for use in returned.tool_calls]
    finish: Any = returned.finish or "stop"
    return [
        *deltas,
        Delta(
            finish=finish,
            prompt_tokens=returned.prompt_tokens,
            cached_tokens=returned.cached_tokens,
            completion_tokens=returned.completion_tokens,
        ),
    ]
