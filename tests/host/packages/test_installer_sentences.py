"""What installers print becomes one sentence with its cure."""

import sys
from pathlib import Path

import pytest

from trivet.errors import InstallError
from trivet.packages import installer
from trivet.packages.installer import explained, installing_command, told_sizes
from trivet.packages.request import parsed


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "error: externally-managed-environment\n× This environment is externally managed",
            "trivet's own environment belongs to the system's package manager, which lets pip change nothing there. Give the "
            "plugin an environment of its own with --isolation venv, or install trivet itself in one.",
        ),
        ("OSError: [Errno 28] No space left on device", "the disk is full. Make room and try again."),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'",
            "trivet's own environment cannot be written. Give the plugin an environment of its own with --isolation venv.",
        ),
        (
            "ERROR: Cannot install a and b\n\nThe conflict is caused by:\n    a 1.0 depends on lib<2\n    b 1.0 depends on lib>=2"
            "\n\nTo fix this you could try to:\n",
            "its requirements contradict each other: a 1.0 depends on lib<2; b 1.0 depends on lib>=2.",
        ),
        (
            "ERROR: Package 'late' requires a different Python: 3.11.7 not in '>=3.14'",
            "it needs Python >=3.14, and this is Python 3.11.7.",
        ),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError': Failed to establish a new connection",
            "the package index cannot be reached. Check the network and pip's settings (PIP_INDEX_URL, PIP_PROXY), or point "
            "PIP_FIND_LINKS at a folder that holds the wheel.",
        ),
        (
            "ERROR: Could not find a version that satisfies the requirement nix>=2 (from versions: 1.0)\n"
            "ERROR: No matching distribution found for nix>=2",
            "the package index has no wheel of nix>=2 for this machine. Check the name; where there are only sources, "
            "--allow-build builds them, which runs their code at once.",
        ),
        ("Collecting x\nERROR: something new", "the installer says: ERROR: something new"),
        ("", "the installer says: it gave no reason"),
    ],
)
def test_output_of_pip_is_explained(said: str, sentence: str) -> None:
    assert explained(said) == sentence


def test_sizes_are_read_from_what_pip_tells() -> None:
    said = "  Downloading Big_Thing-2.0-cp311-none-any.whl (17.6 MB)\n  Using cached small-1-py3-none-any.whl (12 kB)\n"
    assert told_sizes(said) == {"big-thing": 17_600_000, "small": 12_000}


def test_machine_without_any_installer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "pip_command", lambda: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InstallError) as caught:
        installing_command("trivet-search", Path(sys.executable))
    assert str(caught.value) == (
        f"'trivet-search': installing needs pip or uv, and this Python ({sys.executable}) has neither. Install one of them."
    )


def test_pip_works_on_an_environment_that_has_none() -> None:
    command = installing_command("x", Path("/other/bin/python"))
    assert command[-2:] == ["--python", "/other/bin/python"]
    assert "--python" not in installing_command("x", Path(sys.executable))


def test_requests_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "search").mkdir()
    (tmp_path / "search" / "pyproject.toml").touch()
    assert parsed("search", tmp_path).kind == "requirement"  # as pip does: a path has a separator
    assert parsed("./search", tmp_path).kind == "folder"
    assert parsed("search[web] >=0.2", tmp_path).text == "search[web]>=0.2"
    assert parsed("search @ https://example.org/search-1-py3-none-any.whl", tmp_path).kind == "requirement"
    with pytest.raises(InstallError) as caught:
        parsed("git+https://example.org/search", tmp_path)
    assert str(caught.value) == (
        "'git+https://example.org/search': write it with the package's name in front: "
        "'NAME @ git+https://example.org/search'."
    )
