"""The tool's body, and what a conversation is about: shared by all adapters, as the peers' harness has it in `common`."""

import asyncio
import time

TIMES: list[float] = []
"""`perf_counter` at each call."""
SLEEP = 0.0
"""Seconds that a call takes."""
COUNT = 0
SYSTEM = "You are a calculator. Use the tool."
PROMPT = "Add the numbers, one step at a time."


def hook(a: int, b: int) -> int:
    _enter()
    if SLEEP:
        time.sleep(SLEEP)
    return a + b


async def ahook(a: int, b: int) -> int:
    _enter()
    if SLEEP:
        await asyncio.sleep(SLEEP)
    return a + b


def _enter() -> None:
    global COUNT
    TIMES.append(time.perf_counter())
    COUNT += 1
