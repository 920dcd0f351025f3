"""Policies against their contract."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anyio
import pytest

from trivet_sdk import Choice, GenerateRequest
from trivet_sdk.conformance import check_policy


class Deciding:
    def __init__(self, decide: Callable[[Sequence[str], Mapping[str, float]], Any]) -> None:
        self.decide = decide

    async def choose(self, request: GenerateRequest, candidates: Sequence[str], feedback: Mapping[str, float]) -> Any:
        return self.decide(candidates, feedback)


class Slow:
    async def choose(self, request: GenerateRequest, candidates: Sequence[str], feedback: Mapping[str, float]) -> Any:
        await anyio.sleep_forever()


async def test_a_policy_that_keeps_its_contract() -> None:
    best = Deciding(lambda names, known: Choice(model=max(names, key=lambda name: known.get(name, 0.0)), reason="best"))
    assert await check_policy(best, name="best") == ()


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (3, "policy 'x' has no `choose`; it needs `async def choose(self, request, candidates, feedback)`"),
        (Deciding(lambda names, known: names[0]), "policy 'x' chooses with a str; return Choice(model=…, reason=…)"),
        (Deciding(lambda names, known: Choice(model="mine")), "policy 'x' chooses 'mine' of only with feedback; it must be one of the candidates"),
        (Deciding(lambda names, known: Choice(model=max(known or names, key=lambda name: known.get(name, 0)))), "policy 'x' chooses 'gone' of only with feedback; it must be one of the candidates"),
        (Deciding(lambda names, known: Choice(model=max(known))), "policy 'x' raises ValueError when it chooses of small, large with no feedback: max() arg is an empty sequence"),
        (Deciding(lambda names, known: Choice(model=names[0], max_steps=0)), "policy 'x' allows 0 steps; a run needs one at least, and None means the run's own bound"),
        (Slow(), "policy 'x' did not choose of only with feedback within 0.05 seconds"),
    ],
)  # fmt: skip
async def test_what_breaks_it_is_said(policy: object, sentence: str) -> None:
    assert sentence in await check_policy(policy, name="x", timeout=0.05)
