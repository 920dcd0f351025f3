"""Models as a run sees them: every prompt and completion is journaled, counted, and never paid for twice."""

import hashlib
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, NoReturn

import anyio.lowlevel
import msgspec

from trivet.runs.failures import BoundReached, CannotGoOn
from trivet.runs.foreign import cause_of, checked, told
from trivet.runs.log import RunLog
from trivet_sdk.errors import ModelError, TrivetError
from trivet_sdk.events import ModelCalled, ModelDelta, ModelReturned
from trivet_sdk.message import Message, ToolUse
from trivet_sdk.model import Delta, GenerateRequest, Model, TokenLogprob
from trivet_sdk.plan import Json

MOST_TEXT = 4_000_000
"""Characters of one completion. A stream that goes on beyond is broken, and would fill the memory."""
CHARACTERS_A_TOKEN = 8
"""More than texts have on average in any language, so that an estimate from the text is never too high."""
BREATH = 0.05
"""Seconds after which a stream that never waits lets the event loop see to deadlines and signals."""
_IMPOSSIBLE = -1e300
_COUNTS = ("prompt_tokens", "cached_tokens", "completion_tokens")
_CIRCUMSTANCES = frozenset({"deadline", "max_tokens", "device", "kv"})
"""Fields that may differ when the same thing is asked again after a resume, since less of the budget is left."""

_USUAL = tuple(
    (name, getattr(GenerateRequest(messages=()), name))
    for name in GenerateRequest.__struct_fields__
    if name not in ("messages", "tools", "run", "purpose")
)
"""A request's other fields, with their defaults."""


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
        tokens_left: Callable[[], int | None],
        used: Callable[[Model], None],
    ) -> None:
        self._model = model
        self._role = role
        self._step = step
        self._log = log
        self._prompts = prompts
        self._exhausted = exhausted
        self._tokens_left = tokens_left
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
        try:
            return _counted(await self._model.measure(messages))
        except BaseException as error:  # foreign code
            self._blame(error)

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        """As the model does; the last delta comes once the completion is durable."""
        self._used(self._model)
        log, step = self._log, self._step
        purpose = request.purpose or self._role
        call = f"m{log.fold.seq + 1}"
        messages, options, digest = self._prompts.told(call, purpose, request)
        if (kept := self._prompts.kept(digest, step)) is not None:
            for delta in again(kept):
                yield delta
            return
        if log.is_over:
            raise CannotGoOn("the run is over")
        if bound := self._exhausted():
            raise BoundReached(bound)
        called = ModelCalled(
            step=step,
            call=call,
            model=self._model.name,
            role=self._role,
            purpose=purpose,
            messages=messages,
            options={**options, "digest": digest},
        )
        await log.write(checked(called, ModelCalled))  # raises TypeError for the planner or reflector that made it up
        texts: list[str] = []
        size = 0
        room = self._tokens_left()
        uses: list[ToolUse] = []
        scores: tuple[float, ...] = ()
        logprobs: list[TokenLogprob] = []
        begun = breathed = time.perf_counter()

        def returned(last: Delta, error: str = "", finish: str = "", error_class: str = "") -> ModelReturned:
            return ModelReturned(
                step=step,
                call=call,
                text="".join(texts),
                tool_calls=[{"id": use.id, "tool": use.tool, "arguments": use.arguments} for use in uses],
                prompt_tokens=last.prompt_tokens,
                cached_tokens=last.cached_tokens,
                # One that was cut short has no count; what it wrote was paid for nevertheless.
                completion_tokens=last.completion_tokens or (size // CHARACTERS_A_TOKEN if finish else 0),
                seconds=round(time.perf_counter() - begun, 6),
                finish=finish or last.finish or "",
                error=error,
                error_class=error_class,
                scores=scores,
                logprobs=tuple(logprobs),
            )

        last = Delta()
        is_told = False
        stream: AsyncIterator[Delta] | None = None
        try:
            stream = self._model.generate(msgspec.structs.replace(request, run=log.run, purpose=purpose))
            while True:
                try:
                    piece: Delta = _whole(await anext(stream))
                except StopAsyncIteration:
                    break
                except BaseException as error:  # foreign code
                    self._blame(error)
                last = piece
                if piece.text:
                    texts.append(piece.text)
                    size += len(piece.text)
                    log.tell(ModelDelta(step=step, call=call, text=piece.text))
                if piece.tool_call is not None:
                    uses.append(piece.tool_call)
                if piece.logprobs:
                    logprobs.extend(piece.logprobs)
                scores = piece.scores or scores
                if piece.finish is not None:
                    is_told = True
                    await log.write(returned(piece), durable=True)
                elif size > MOST_TEXT:
                    raise ModelError(self.name, f"wrote {MOST_TEXT:,} characters and came to no end")
                elif room is not None and size > room * CHARACTERS_A_TOKEN:
                    is_told = True
                    await log.write(returned(last, error="the budget cut it short", finish="cancelled"))
                    raise BoundReached(self._exhausted())
                yield piece
                if (now := time.perf_counter()) - breathed > BREATH:
                    breathed = now
                    await anyio.lowlevel.checkpoint()
        except ModelError as error:
            if not is_told:
                is_told = True
                await log.write(returned(last, told(error), "error", type(error).__name__))
            raise
        finally:
            try:  # at once, and not when the garbage collector comes by
                if (close := getattr(stream, "aclose", None)) is not None:
                    await close()
            except BaseException as error:  # foreign code, which has said what it had to say
                cause_of(error)
            finally:
                if not is_told:  # cancelled, closed early, or over the budget; `write` does not wait here
                    await log.write(returned(last, error="the completion was cut short", finish="cancelled"))

    def _blame(self, error: BaseException) -> NoReturn:
        """Raises what the run hears of it; our own cancellation goes on as it is."""
        cause = cause_of(error)
        if isinstance(cause, TrivetError):
            raise cause
        raise ModelError(self.name, f"broke: {told(cause)}") from error


def _whole(delta: Any) -> Any:
    """Raises TypeError for a delta that is not what the contract says. Pieces of text, the many, cost two comparisons."""
    is_plain = type(delta) is Delta and delta.finish is None and delta.tool_call is None and type(delta.text) is str
    is_plain = is_plain and not delta.logprobs and not delta.scores
    if is_plain and not (delta.prompt_tokens or delta.completion_tokens or delta.cached_tokens):
        return delta
    if not isinstance(delta, Delta):
        raise TypeError(f"'generate' yielded {type(delta).__name__} instead of a Delta")
    for name in _COUNTS:
        tokens = getattr(delta, name)
        if type(tokens) is not int or tokens < 0:
            delta = msgspec.structs.replace(delta, **{name: _counted(tokens)})
    if delta.logprobs or delta.scores:
        delta = _with_finite(delta)
    return checked(delta, Delta)


def _with_finite(delta: Delta) -> Delta:
    """An impossible token has the logarithm of zero, which JSON cannot say."""
    return msgspec.structs.replace(
        delta,
        scores=tuple(_finite(score) for score in delta.scores),
        logprobs=tuple(msgspec.structs.replace(each, logprob=_finite(each.logprob)) for each in delta.logprobs),
    )


def _finite(logarithm: Any) -> Any:
    return logarithm if not isinstance(logarithm, float) or math.isfinite(logarithm) else _IMPOSSIBLE


def _counted(tokens: object) -> int:
    """Some endpoints count in fractions, and some broken ones below zero: nothing is given back to the budget."""
    if type(tokens) is int and tokens >= 0:
        return tokens
    if isinstance(tokens, int | float) and math.isfinite(tokens):
        return max(0, int(tokens))
    raise TypeError(f"{tokens!r} is no number of tokens")


def _options(request: GenerateRequest) -> dict[str, Json]:
    """The request's fields that differ from their defaults; of the tools only the names."""
    options: dict[str, Json] = {}
    for name, usual in _USUAL:
        value = getattr(request, name)
        if value is not usual and value != usual:
            options[name] = value
    if request.tools:
        options["tools"] = [spec.name for spec in request.tools]
    return options


def again(returned: ModelReturned) -> list[Delta]:
    """The completion as a stream; the last delta has what only that one has."""
    has_text = returned.text or returned.logprobs
    deltas = [Delta(text=returned.text, logprobs=returned.logprobs)] if has_text else []
    deltas += [Delta(tool_call=ToolUse(**use)) for use in returned.tool_calls]
    finish: Any = returned.finish or "stop"
    return [
        *deltas,
        Delta(
            finish=finish,
            prompt_tokens=returned.prompt_tokens,
            cached_tokens=returned.cached_tokens,
            completion_tokens=returned.completion_tokens,
            scores=returned.scores,
        ),
    ]
