"""Inputs that nobody thought of: some in every run of the tests, and ten minutes of them in a long one."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

LONG = float(os.environ.get("TRIVET_FUZZ_SECONDS", "600"))
"""Seconds for each format in a long run."""

fuzzing = pytest.mark.parametrize(
    "seconds", [pytest.param(0.0, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.long)]
)
"""For a test that hands its `seconds` to `fuzz`."""


def fuzz(check: Callable[..., None], *strategies: Any, seconds: float, examples: int = 60) -> None:
    """Hand drawn arguments to `check` until it raises, or the time is over; with 0 seconds, so many `examples`, the same ones
    in every run. Needs hypothesis, which says with which arguments it failed."""
    from hypothesis import HealthCheck, given, settings

    def rounds(number: int, *, is_same: bool) -> Callable[[], None]:
        bounds = settings(
            max_examples=number,
            derandomize=is_same,
            deadline=10_000,
            database=None,
            suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
        )
        drawn: Callable[[], None] = bounds(given(*strategies)(check))  # type: ignore[no-untyped-call]
        return drawn

    end = time.monotonic() + seconds
    if not seconds:
        rounds(examples, is_same=True)()
    while time.monotonic() < end:
        rounds(100, is_same=False)()
