"""What trivet itself costs, as ratios to a named reference that is measured in the same run.

    python -m tests.bench.run                       all phases
    python -m tests.bench.run steps long            some: see PHASES
    PEERS_ROOT=DIR python -m tests.bench.run peers  against other frameworks: see peers.py

From the repository's root. CPU time is what other work on the machine touches least; wall times are medians.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.bench import disturbance, journal, makespan, micro_bus, micro_hooks, peers, startup, workers

ROUNDS = 3


@contextmanager
def endpoint() -> Iterator[str]:
    """Address of a scripted endpoint without its version, for as long as the scope is open."""
    command = [sys.executable, "-m", "tests.bench.fake_endpoint"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{json.loads(server.stdout.readline())['port']}"
        finally:
            server.terminate()


def measured(name: str, phase: str, url: str, **options: object) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.conversation", name, phase, url]
    command += [f"{key}={value}" for key, value in options.items()]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def compared(title: str, names: tuple[str, ...], phase: str, path: str, *, best: str, **options: object) -> None:
    """Rounds of all, interleaved, so that a busy moment falls on each; the round with the least CPU or wall time is shown."""
    print(f"\n{title}")
    with endpoint() as address:
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(ROUNDS):
            for name in names:
                rounds[name].append(measured(name, phase, f"{address}{path}", **options))
    shown = {name: min(found, key=lambda each: each[best]) for name, found in rounds.items()}
    reference = shown[names[0]]
    for name, figures in shown.items():
        ratio = figures[best] / reference[best]
        words = "  ".join(f"{key} {value:.2f}" for key, value in figures.items())
        print(f"  {name:<12} {words}  {best} is {ratio:.2f} of {names[0]}")


def steps() -> None:
    names = ("floor", "ours:memory", "ours:base")
    compared("20 turns, a tool call each, a model that answers at once", names, "turns", "/v1", best="cpu_ms", turns=20)


def long() -> None:
    names = ("floor", "ours:memory", "ours:base")
    compared("200 turns", names, "turns", "/v1", best="cpu_ms", turns=200, repeats=2)


def throughput() -> None:
    names = ("floor", "ours:base")
    compared(
        "200 runs of 5 turns at once, a model of 50 ms", names, "runs", "/wait-50/v1", best="cpu_ms", turns=5, runs=200
    )


def parallel() -> None:
    for kind in ("async", "sync"):
        title = f"8 calls of 100 ms in one turn, {'coroutines' if kind == 'async' else 'blocking functions'}"
        compared(title, ("floor", "ours:base"), "calls", "/v1", best="wall_ms", turns=1, calls=8, tool=kind)


PHASES: dict[str, Callable[[], None]] = {
    "steps": steps,
    "long": long,
    "throughput": throughput,
    "parallel": parallel,
    "makespan": makespan.main,
    "journal": journal.main,
    "bus": micro_bus.main,
    "hooks": micro_hooks.main,
    "startup": startup.main,
    "workers": workers.main,
    "disturbance": disturbance.main,
}

if __name__ == "__main__":
    for phase in sys.argv[1:] or PHASES:
        if phase == "peers":
            peers.main()
        elif phase in PHASES:
            PHASES[phase]()
        else:
            sys.exit(f"there is no phase '{phase}'; there are {', '.join(PHASES)} and peers")
