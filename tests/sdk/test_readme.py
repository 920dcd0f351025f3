"""The README's five-minute plugin, made as it is written."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

README = Path(__file__).parents[2] / "sdk" / "trivet-sdk" / "README.md"
FILE = re.compile(r"^`(?P<path>[\w./]+)`[^\n]*\n\n```\w+\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_five_minute_plugin_passes_its_own_tests(tmp_path: Path) -> None:
    for written in FILE.finditer(README.read_text(encoding="utf-8")):
        path = tmp_path / written["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written["content"], encoding="utf-8")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["trivet.plugins"] == {"lines": "trivet_lines"}
    (tmp_path / "conftest.py").write_text(
        'import pytest\n\n\n@pytest.fixture\ndef anyio_backend() -> str:\n    return "asyncio"\n'
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr


def test_every_module_of_the_sdk_is_named() -> None:
    package = README.parent / "trivet_sdk"
    modules = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    named = set(re.findall(r"`(\w+)`", README.read_text(encoding="utf-8")))
    assert modules - named - {"__init__", "docstring", "errors", "parameters"} == set()
