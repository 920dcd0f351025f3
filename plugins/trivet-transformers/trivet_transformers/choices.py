"""How likely each of some given continuations is."""

from collections.abc import Hashable, Iterator

import msgspec

from trivet_sdk import Delta
from trivet_transformers.decoding import read_prompt
from trivet_transformers.network import Network
from trivet_transformers.prefixes import Prefixes

WIDTH = 16
"""Continuations scored in one pass."""


class Scoring(msgspec.Struct, frozen=True, kw_only=True):
    """Continuations to score behind a prompt, as texts and as tokens."""

    prompt: tuple[int, ...]
    texts: tuple[str, ...]
    tokens: tuple[tuple[int, ...], ...]
    owner: Hashable = None
    reuse: bool = True


def score(network: Network, prefixes: Prefixes, task: Scoring) -> Iterator[Delta]:
    """Empty deltas while working, at last one with the likeliest text and all log-likelihoods, in nats.

    A log-likelihood is the sum over the continuation's own tokens, not divided by their number, and says nothing about
    what would come behind it.
    """
    reading = yield from read_prompt(network, prefixes, task.prompt, task.owner, task.reuse)
    first = network.read(task.prompt[reading.done :], reading.cache)[0].log_softmax(-1)
    scores = [float(first[tokens[0]]) if tokens else 0.0 for tokens in task.tokens]
    # of like length together, so that little is padding
    longer = sorted((len(tokens), place) for place, tokens in enumerate(task.tokens) if len(tokens) > 1)
    for start in range(0, len(longer), WIDTH):
        yield Delta()
        places = [place for _, place in longer[start : start + WIDTH]]
        logprobs = network.score([task.tokens[place][:-1] for place in places], reading.cache)
        for row, place in enumerate(places):
            scores[place] += sum(float(logprobs[row, at, token]) for at, token in enumerate(task.tokens[place][1:]))
    best = max(range(len(scores)), key=scores.__getitem__)
    yield Delta(
        text=task.texts[best],
        scores=tuple(scores),
        prompt_tokens=len(task.prompt),
        cached_tokens=reading.cached,
        completion_tokens=len(task.tokens[best]),
        finish="stop",
    )
