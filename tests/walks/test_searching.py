"""Passages found through the command line: the real plugin, in this process and in a worker, with the real encoder where it is."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def called(home: Path, work: Path, tool: str, **arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trivet", "tools", "call", tool, json.dumps(arguments), "--workspace", os.fspath(work)],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "TRIVET_HOME": os.fspath(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def work(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    (made / "lease.md").write_text(
        "# Lease\n\n## Ending it\n\nEither side may end the lease with three months of notice.\n"
    )
    (made / "garden.md").write_text("# Garden\n\nThe tomatoes are watered every morning.\n")
    (made / "通知.md").write_text("# 读书会\n\n读书会于五月三日下午两点在图书馆举行。\n")
    return made


def home_with(tmp_path: Path, isolation: str, more: str = "") -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text(f'[plugins.search]\nenabled = true\nisolation = "{isolation}"\n{more}')
    return home


@pytest.mark.parametrize("isolation", ["inprocess", "process"])
def test_passages_are_found_by_words(tmp_path: Path, work: Path, isolation: str) -> None:
    home = home_with(tmp_path, isolation, '[plugins.search.config]\nmeaning = "never"\n')
    done = called(home, work, "search.search", query="读书会在哪里举行")
    assert done.returncode == 0, done.stderr
    assert "通知.md:3 (读书会): 读书会于五月三日下午两点在图书馆举行。" in done.stdout
    assert sorted(path.name for path in work.iterdir()) == ["garden.md", "lease.md", "通知.md"]


@pytest.mark.parametrize("isolation", ["inprocess", "process"])
def test_passages_are_found_by_meaning_through_the_encoder_of_another_plugin(
    tmp_path: Path, work: Path, isolation: str, skip_without: Callable[[str, str], None]
) -> None:
    weights = Path(os.environ["TRIVET_TEST_WEIGHTS"])
    if not (weights / "minilm").exists():
        skip_without("weights", f"{weights} lacks minilm, which `trivet models pull` brings")
    home = home_with(tmp_path, isolation)
    (home / "weights").symlink_to(weights)
    done = called(home, work, "search.similar", text="terminating a rental contract", limit=1)
    assert done.returncode == 0, done.stderr
    assert "lease.md:5 (Ending it): Either side may end the lease with three months of notice." in done.stdout
