"""The loop that writes a completion: one forward pass for each token that is a choice."""

from collections.abc import Generator, Hashable, Iterator, Sequence
from typing import Any

import msgspec
import torch
from tokenizers import Tokenizer

from trivet_sdk import Delta, TokenLogprob
from trivet_sdk.model import FinishReason
from trivet_transformers.constraint import Constraint
from trivet_transformers.network import Network
from trivet_transformers.prefixes import CHUNK, Prefixes
from trivet_transformers.sampling import Sampler
from trivet_transformers.text_stream import TextStream


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """One completion to write."""

    prompt: tuple[int, ...]
    limit: int
    """Completion tokens at most."""
    ends: frozenset[int]
    """Tokens that end a turn."""
    stop: tuple[str, ...] = ()
    sampler: Sampler
    constraint: Constraint | None = None
    logprobs: bool = False
    owner: Hashable = None
    """Whose kept prefixes may be used."""
    reuse: bool = True
    widest: int | None = None
    """Tokens in one forward pass at most, behind the prompt; None is no limit. One is the plain way, to compare with."""


class Reading(msgspec.Struct, frozen=True):
    """Where a prompt stands: `cache` holds its first `done` tokens, `cached` of them from an earlier prompt."""

    cache: Any
    done: int
    cached: int


def read_prompt(
    network: Network, prefixes: Prefixes, prompt: Sequence[int], owner: Hashable, reuse: bool
) -> Generator[Delta, None, Reading]:
    """Read all of the prompt but its last 1 to CHUNK tokens. Yields an empty delta a chunk, so that a reader may leave in
    between; returns where it stands."""
    taken = prefixes.take(owner, prompt) if reuse else None
    cache, cached = taken or (network.new_cache(), 0)
    done = cached
    while len(prompt) - done > CHUNK:
        network.read(prompt[done : done + CHUNK], cache)
        done += CHUNK
        yield Delta()
    if reuse:
        prefixes.keep(owner, prompt[:done], cache)
    return Reading(cache, done, cached)


def write(network: Network, tokenizer: Tokenizer, prefixes: Prefixes, task: Writing) -> Iterator[Delta]:
    """The completion's deltas, about one a forward pass, an empty one where there is nothing to say yet.

    Tokens that the constraint forces are not decoded one by one: they are read together with the token before them.
    Log-probabilities are the model's own, before constraint and temperature.
    """
    reading = yield from read_prompt(network, prefixes, task.prompt, task.owner, task.reuse)
    completion = _Completion(tokenizer, task)
    pending = list(task.prompt[reading.done :])
    while True:
        ahead = task.constraint.forced() if task.constraint is not None else []
        forced = ahead[: completion.room]
        is_whole = len(forced) == len(ahead)
        waits = task.logprobs and bool(forced)  # their log-probabilities are known only after the pass
        if forced and not waits:
            yield completion.take(forced)
        if not waits and completion.ends_here(is_whole=is_whole):
            break
        logits = _read(network, reading.cache, pending + forced, len(forced) + 1 if waits else 1, task.widest)
        if waits:
            yield completion.take(forced, logits, is_forced=True)
            if completion.ends_here(is_whole=is_whole):
                break
        token = _choose(logits[-1], task)
        if token in task.ends:
            completion.finish = "stop"
            break
        if task.constraint is not None:
            task.constraint.advance(token)
        yield completion.take([token], logits[-1:] if task.logprobs else None)
        pending = [token]
    yield completion.last(reading.cached)


def _read(network: Network, cache: Any, tokens: list[int], last: int, widest: int | None) -> torch.Tensor:
    if widest is None:
        return network.read(tokens, cache, last)
    rows = [network.read(tokens[at : at + widest], cache, 0) for at in range(0, len(tokens), widest)]
    return torch.cat(rows)[-last:]


def _choose(logits: torch.Tensor, task: Writing) -> int:
    if task.constraint is not None:
        # masked_fill, since llguidance's own function compiles itself on first use, for ten seconds
        logits = logits.masked_fill(~task.constraint.allowed(), float("-inf"))
    return task.sampler.choose(logits)


class _Completion:
    """What has been written so far."""

    def __init__(self, tokenizer: Tokenizer, task: Writing) -> None:
        self._tokenizer, self._task = tokenizer, task
        self._stream = TextStream(tokenizer, task.stop)
        self._count = 0
        self.finish: FinishReason | None = None

    @property
    def room(self) -> int:
        return self._task.limit - self._count

    def take(self, tokens: list[int], logits: torch.Tensor | None = None, *, is_forced: bool = False) -> Delta:
        """Add tokens up to a stop string; `logits` has a row for each, those it was chosen from."""
        texts: list[str] = []
        logprobs: list[TokenLogprob] = []
        chances = None if logits is None else logits.log_softmax(-1)
        for place, token in enumerate(tokens):
            texts.append(self._stream.push(token))
            self._count += 1
            if chances is not None:
                logprobs.append(TokenLogprob(self._tokenizer.decode([token]), float(chances[place, token]), is_forced))
            if self._stream.is_over:
                self.finish = "stop"
                break
        return Delta(text="".join(texts), logprobs=tuple(logprobs))

    def ends_here(self, *, is_whole: bool) -> bool:
        """Whether nothing follows; `is_whole` says that all the constraint had forced found room."""
        constraint = self._task.constraint
        if self.finish is None and constraint is not None and constraint.is_finished and is_whole:
            self.finish = "stop"
        if self.finish is None and self.room <= 0:
            self.finish = "length"
        return self.finish is not None

    def last(self, cached: int) -> Delta:
        return Delta(
            text=self._stream.finish(),
            prompt_tokens=len(self._task.prompt),
            cached_tokens=cached,
            completion_tokens=self._count,
            finish=self.finish,
        )
