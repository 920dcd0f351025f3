"""What it costs to run a program in the sandbox, beside a plain subprocess in the same run, in turns.

python -m tests.bench.sandbox
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from trivet_sandbox import Pool, Session, readiness, run

ROUNDS = 40
CALLS = 2000
LOOP = (
    "import time\nt = time.perf_counter()\nn = 0\nfor i in range(6_000_000): n += i * i\nprint(time.perf_counter() - t)"
)


def main() -> None:
    found = readiness()
    if not found.is_usable:
        raise SystemExit(found.reason)
    user = "root" if os.geteuid() == 0 else "an ordinary user"
    print(f"{platform.platform()}, Python {platform.python_version()}, bubblewrap {found.version}, as {user}\n")
    print("| | trivet-sandbox | plain subprocess |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="trivet-bench-") as folder:
        for row in _rows(Path(folder)):
            print(f"| {' | '.join(row)} |", flush=True)


def _rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    ours, theirs = _in_turns(lambda: run("print(1)", folder), lambda: _plain("print(1)"), ROUNDS)
    yield "cold `print(1)`, ms (median)", f"{ours:.1f} (+ {ours - theirs:.1f})", f"{theirs:.1f}"
    with Session(folder) as session:
        session.run("x = 0", 10)
        times = sorted(_seconds(lambda: session.run("x += 1", 10)) for _ in range(CALLS))
    median, late = statistics.median(times), times[int(len(times) * 0.99)]
    yield f"warm call, ms (median, p99 of {CALLS})", f"{1e3 * median:.2f}, {1e3 * late:.2f}", "–"
    yield "first call from the pool, ms (median, worst of 20)", _from_the_pool(folder), "–"
    with Session(folder) as session:
        inside, outside = _in_turns_told(
            lambda: session.run(LOOP, 60).stdout, lambda: _plain(LOOP), max(ROUNDS // 6, 5)
        )
    yield (
        "loop of 6,000,000 multiplications, s (best)",
        f"{inside:.3f} ({inside / outside:.2f} times)",
        f"{outside:.3f}",
    )
    with Session(folder) as session:
        ours_held = sum(_held(each) for each in session.processes)
        with subprocess.Popen([sys.executable, "-I", "-c", "input()"], stdin=subprocess.PIPE) as bare:
            time.sleep(0.5)
            theirs_held = _held(bare.pid)
            bare.kill()
    yield "idle, all its processes, PSS in MB", f"{ours_held:.1f}", f"{theirs_held:.1f}"


def _from_the_pool(folder: Path) -> str:
    times: list[float] = []
    with Pool(lambda: Session(folder)) as pool:
        for _ in range(20):
            assert pool.wait(30)
            begun = time.perf_counter()
            session = pool.take()
            session.run("print(1)", 10)
            times.append(time.perf_counter() - begun)
            session.close()
    return f"{1e3 * statistics.median(times):.2f}, {1e3 * max(times):.2f}"


def _plain(code: str) -> str:
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout


def _in_turns(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> tuple[float, float]:
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    return 1e3 * statistics.median(a for a, _ in pairs), 1e3 * statistics.median(b for _, b in pairs)


def _in_turns_told(ours: Callable[[], str], theirs: Callable[[], str], rounds: int) -> tuple[float, float]:
    pairs = [(float(ours()), float(theirs())) for _ in range(rounds)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _held(process: int) -> float:
    """MB; pages that several processes share count in part."""
    rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()
