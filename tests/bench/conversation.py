"""One adapter in one phase, in a process of its own; prints one line of JSON.

python -m tests.bench.conversation ours:base turns http://127.0.0.1:8999/v1 turns=20 repeats=5
"""

import asyncio
import gc
import importlib
import json
import resource
import statistics
import sys
import time
from typing import Any

from tests.bench import body

WINDOW = 20
"""Turns at each end of a conversation that are compared."""


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def converse(adapter: Any, turns: int) -> None:
    answer = await adapter.run()
    if answer != f"done {turns}":
        raise AssertionError(f"a wrong answer: {answer!r}")


async def in_turns(adapter: Any, turns: int, repeats: int) -> dict[str, float]:
    """Milliseconds of one turn: CPU and wall, medians over the repeats; and how much slower the last turns are."""
    await converse(adapter, turns)
    cpus, walls, slowdowns = [], [], []
    for _ in range(repeats):
        body.TIMES.clear()
        spent, begun = cpu(), time.perf_counter()
        await converse(adapter, turns)
        walls.append((time.perf_counter() - begun) / turns * 1e3)
        cpus.append((cpu() - spent) / turns * 1e3)
        lengths = [later - earlier for earlier, later in zip(body.TIMES, body.TIMES[1:], strict=False)]
        slowdowns.append(statistics.median(lengths[-WINDOW:]) / statistics.median(lengths[:WINDOW]))
    return {
        "cpu_ms": statistics.median(cpus),
        "wall_ms": statistics.median(walls),
        "late_to_early": statistics.median(slowdowns),
    }


async def at_once(adapter: Any, turns: int, runs: int) -> dict[str, float]:
    """Many runs at the same time."""
    await converse(adapter, turns)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent, begun = cpu(), time.perf_counter()
    await asyncio.gather(*(converse(adapter, turns) for _ in range(runs)))
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "runs_per_s": runs / seconds,
        "cpu_ms": (cpu() - spent) / runs * 1e3,
        "rss_mb": after / 1024,
        "growth_kb_per_run": (after - before) / runs,
    }


async def side_by_side(adapter: Any, calls: int, repeats: int, seconds: float) -> dict[str, float]:
    """Calls of one turn, each of which takes so long."""
    await converse(adapter, 1)
    body.SLEEP = seconds
    walls = []
    for _ in range(repeats):
        body.COUNT = 0
        begun = time.perf_counter()
        await converse(adapter, 1)
        walls.append((time.perf_counter() - begun) * 1e3)
        assert calls == body.COUNT
    return {"wall_ms": statistics.median(walls)}


async def main(name: str, phase: str, url: str, options: dict[str, str]) -> dict[str, float]:
    module, _, variant = name.partition(":")
    turns, calls = int(options.get("turns", 20)), int(options.get("calls", 1))
    model = f"turns-{turns}x{calls}" if calls > 1 else f"turns-{turns}"
    make = importlib.import_module(f"tests.bench.{module}").make
    adapter = make(variant or "base", url, model, options.get("tool", "async"))
    repeats = int(options.get("repeats", 5))
    try:
        if phase == "turns":
            return await in_turns(adapter, turns, repeats)
        if phase == "runs":
            return await at_once(adapter, turns, int(options.get("runs", 200)))
        return await side_by_side(adapter, calls, repeats, float(options.get("seconds", 0.1)))
    finally:
        await adapter.close()


if __name__ == "__main__":
    name, phase, url, *rest = sys.argv[1:]
    print(json.dumps(asyncio.run(main(name, phase, url, dict(each.split("=", 1) for each in rest)))))
