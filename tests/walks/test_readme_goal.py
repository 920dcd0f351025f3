"""The first goal of README, as a new user types it: the embedded planner and model, the default plugins, the real table."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = {"HF_HUB_OFFLINE": "1", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
"""A run needs no network: whoever tries to reach it fails."""


def test_goal_of_the_readme(tmp_path: Path, skip_without: Callable[[str, str], None]) -> None:
    weights = Path(os.environ["TRIVET_TEST_WEIGHTS"])
    if not (weights / "smollm2-135m").exists() or not (weights / "minilm").exists():
        skip_without("weights", f"{weights} lacks smollm2-135m or minilm, which `trivet models pull` brings")
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    (home / "weights").symlink_to(weights)
    shutil.copytree(ROOT / "examples", work / "examples")
    found = re.search(r'\./trivet run "(.*)"', (ROOT / "README.md").read_text())
    assert found is not None

    done = subprocess.run(
        [sys.executable, "-m", "trivet", "run", found[1], "--json"],
        cwd=work,
        env={**os.environ, **SETTINGS, "TRIVET_HOME": os.fspath(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    finished = json.loads(done.stdout.splitlines()[-1])
    assert "Gentoo" in finished["answer"]
    assert finished["artifacts"] == ["out/mass.csv"]
    with (work / "out" / "mass.csv").open(newline="") as table:
        rows = [list(row.values()) for row in csv.DictReader(table)]
    assert [(species, round(float(mass))) for species, mass in rows] == [
        ("Gentoo", 5076),
        ("Chinstrap", 3733),
        ("Adelie", 3701),
    ]
