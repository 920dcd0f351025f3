"""Our own parsers under inputs that grow towards branches nothing has reached yet; only in a long run, and where atheris is."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trivet_sdk.testing.fuzzing import LONG

ROOT = Path(__file__).parents[2]
TARGETS = (
    "markdown", "code", "html", "mail", "mailbox", "csv", "json", "json-lines", "yaml", "markdown-table", "log", "charset",
    "address", "robots",
)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
def test_no_input_breaks_the_parser(target: str, tmp_path: Path, skip_without: Callable[[str, str], None]) -> None:
    if importlib.util.find_spec("atheris") is None:
        skip_without("atheris", "atheris is not installed here (`pip install atheris`)")
    command = [sys.executable, "-m", "tests.fuzz.guided", target, f"-max_total_time={LONG:.0f}", "-timeout=20"]
    command += ["-rss_limit_mb=3000", f"-artifact_prefix={tmp_path}/", "-max_len=4000"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{[each.read_bytes() for each in tmp_path.iterdir()]}\n{done.stderr[-3000:]}"
