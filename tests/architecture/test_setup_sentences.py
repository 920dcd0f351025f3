"""What ./trivet and ./test say when a set-up cannot go on. The pip outputs are real ones, shortened."""

import errno
import sys
from pathlib import Path

import pytest

from bootstrap import failure, interpreter

LOG = Path("/house/.venv/setup.log")
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_old_python() -> None:
    assert interpreter.sentence((3, 9), "/usr/bin/python3", (3, 11), "trivet") == (
        "trivet: trivet needs Python 3.11 or newer, but /usr/bin/python3 is Python 3.9."
        " Install a newer one and run it as `python3.12 trivet`."
    )


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        pytest.param(
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(\""
            " Failed to establish a new connection: [Errno 111] Connection refused\")': /simple/rich/\n"
            "ERROR: Could not find a version that satisfies the requirement rich (from versions: none)\n"
            "ERROR: No matching distribution found for rich\n",
            "the package index cannot be reached. Check the network (behind a proxy: HTTPS_PROXY) and run this again:"
            " it goes on where it stopped.",
            id="no network",
        ),
        pytest.param(
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL:"
            " CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in chain'))'\n"
            "ERROR: No matching distribution found for rich\n",
            "pip does not trust the certificate of the package index. Behind a company's proxy, name its certificate file"
            " in PIP_CERT and run this again.",
            id="no certificate",
        ),
        pytest.param(
            "Collecting torch\nERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
            "the disk of /house/.venv (or the one for temporary files) is full. Make room and run this again.",
            id="disk full",
        ),
        pytest.param(
            "ERROR: Could not find a version that satisfies the requirement apsw==3.54.1.0 (from versions: 3.9.2)\n"
            "ERROR: No matching distribution found for apsw==3.54.1.0\n",
            f"the package index has no apsw==3.54.1.0 for Python {PYTHON} on this machine ({sys.platform})."
            " Python 3.11 to 3.14 on Linux and Apple silicon are supported; what pip said is in /house/.venv/setup.log.",
            id="no release",
        ),
        pytest.param(
            "  error: subprocess-exited-with-error\nERROR: Failed building wheel for msgspec\n",
            f"msgspec has no wheel for Python {PYTHON} on this machine and could not be built."
            " Python 3.11 to 3.14 on Linux and Apple silicon are supported; what pip said is in /house/.venv/setup.log.",
            id="no wheel",
        ),
        pytest.param(
            "Collecting rich\nERROR: ResolutionImpossible: for help visit the documentation\n",
            "pip failed: ResolutionImpossible: for help visit the documentation. All that it said is in /house/.venv/setup.log.",
            id="anything else",
        ),
        pytest.param("", "pip failed. All that it said is in /house/.venv/setup.log.", id="silence"),
    ],
)
def test_pip_failed(output: str, sentence: str) -> None:
    assert str(failure.from_pip(output, LOG)) == sentence


def test_debian_without_venv() -> None:
    said = "The virtual environment was not created successfully because ensurepip is not\navailable.\n"

    assert str(failure.no_venv(said, Path("/house/.venv"))) == (
        f"{sys.executable} cannot make a virtual environment, since its venv or ensurepip module is missing."
        f" On Debian and Ubuntu `sudo apt install python{PYTHON}-venv` brings both; then run this again."
    )


def test_environment_without_pip() -> None:
    assert str(failure.no_pip(Path("/house/.venv/bin/python"))) == (
        "/house/.venv/bin/python has no pip and ensurepip cannot bring it. Delete /house/.venv and run this again"
        " with a Python that has pip."
    )


def test_too_little_room_is_told_before_the_download() -> None:
    assert str(failure.no_room(Path("/house"), 512, 1600)) == (
        "/house has 512 MB free, but the set-up needs about 1,600 MB. Make room and run this again."
    )


def test_venv_in_a_folder_of_somebody_else() -> None:
    said = "Error: [Errno 13] Permission denied: '/house/.venv'\n"

    assert str(failure.no_venv(said, Path("/house/.venv"))) == (
        "/house/.venv cannot be written: Permission denied. Make it writable, or clone into a folder of your own."
    )


def test_folder_of_somebody_else() -> None:
    denied = PermissionError(errno.EACCES, "Permission denied")

    assert str(failure.from_os(denied, Path("/house/.venv"))) == (
        "/house/.venv cannot be written: Permission denied. Make it writable, or clone into a folder of your own."
    )
