"""trivet beside other frameworks, by the peers' own harness: `$PEERS_ROOT/harness` with its virtual environments.

The harness is copied to `$PEERS_ROOT/trivet/harness`, given our adapter, and run there; `PEERS` names the peers (default
langgraph with its SQLite savers, and the floor), `PEERS_PHASES` the phases.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PEERS = "floor:aiohttp,langgraph:base,langgraph:sqlite,langgraph:asqlite"
PHASES = "steps,long,throughput,parallel"
DISTRIBUTIONS = (
    "sdk/trivet-sdk",
    "sdk/trivet-sandbox",
    "host",
    "plugins/trivet-openai",
    "plugins/trivet-plan",
    "plugins/trivet-critic",
)


def prepared(root: Path) -> Path:
    """A copy of the harness that knows trivet; `venvs` of the original are used, and one of ours is added."""
    ours = root / "trivet"
    shutil.rmtree(ours, ignore_errors=True)
    shutil.copytree(root / "harness", ours / "harness", ignore=shutil.ignore_patterns("__pycache__", "raw"))
    shutil.copy(HERE / "ours.py", ours / "harness" / "peers")
    bench = ours / "harness" / "bench.py"
    known = '"ours:base": "ours", "ours:memory": "ours",'
    bench.write_text(re.sub(r"(?m)^PEERS = \{$", f"PEERS = {{\n    {known}", bench.read_text(), count=1))
    python = root / "venvs" / "ours" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", python.parent.parent], check=True)
    # Even if it is there already: it may be of another checkout, and would measure that one.
    places = [argument for place in DISTRIBUTIONS for argument in ("-e", str(ROOT / place))]
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "-q", *places], check=True)
    (ours / "venvs").symlink_to(root / "venvs")
    return ours


def figures(lines: list[dict[str, Any]], phase: str) -> dict[str, float]:
    """Medians over the rounds of one peer in one phase."""
    if phase in ("steps", "long"):
        turns = lines[0]["turns"]
        found = {
            "cpu_ms": statistics.median(cpu for line in lines for cpu in line["cpu"]) / turns * 1e3,
            "wall_ms": statistics.median(total for line in lines for total in line["totals"]) / turns * 1e3,
        }
        if phase == "long":
            ends = [(each[-20:], each[:20]) for line in lines for each in line["diffs"]]
            found["late_to_early"] = statistics.median(
                statistics.median(late) / statistics.median(early) for late, early in ends
            )
        return found
    if phase == "throughput":
        names = ("runs_per_s", "cpu_per_run", "rss_mb", "failed")
        return {name: statistics.median(line[name] for line in lines) for name in names}
    return {"wall_ms": statistics.median(total for line in lines for total in line["totals"]) * 1e3}


def main() -> None:
    if "PEERS_ROOT" not in os.environ:
        sys.exit("set PEERS_ROOT to the folder above the peers' harness, whose README says how to install the peers")
    ours = prepared(Path(os.environ["PEERS_ROOT"]).absolute())
    peers = os.environ.get("PEERS", PEERS)
    rounds = os.environ.get("PEERS_ROUNDS", "3")
    environment = {**os.environ, "PEERS_ROOT": str(ours)}
    for phase in os.environ.get("PEERS_PHASES", PHASES).split(","):
        command = [sys.executable, str(ours / "harness" / "bench.py"), phase, "--rounds", rounds]
        subprocess.run([*command, "--only", f"ours:base,ours:memory,{peers}"], check=True, env=environment)
        lines = [json.loads(line) for line in (ours / "raw" / f"{phase}.jsonl").read_text().splitlines()]
        print(f"\n{phase}")
        for name in dict.fromkeys(f"{line['peer']} {line['tool']}" for line in lines):
            of_peer = [line for line in lines if f"{line['peer']} {line['tool']}" == name and line["proc"]["rc"] == 0]
            if of_peer:
                words = "  ".join(f"{key} {value:.3f}" for key, value in figures(of_peer, phase).items())
                print(f"  {name:<26} {words}")


if __name__ == "__main__":
    main()
