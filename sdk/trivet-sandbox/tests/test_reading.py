"""Files that are left in a workspace, as the host reads them."""

import os
from pathlib import Path

import pytest

from trivet_sandbox import ArtifactRefused, read_file


def test_ordinary_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "图").mkdir()
    (tmp_path / "图" / "结果.txt").write_bytes(b"result")

    assert read_file(tmp_path, "图/结果.txt") == b"result"


def refused(workspace: Path, name: str, largest: int = 1000) -> str:
    with pytest.raises(ArtifactRefused) as raised:
        read_file(workspace, name, largest)
    return str(raised.value)


def test_what_is_no_ordinary_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    work = tmp_path / "work"
    work.mkdir()
    (work / "link").symlink_to("../secret")
    (work / "folder").symlink_to("..")
    os.mkfifo(work / "pipe")
    os.link(tmp_path / "secret", work / "second")
    (work / "large").write_bytes(bytes(1001))

    leaves = "is not read: its path leaves the workspace or leads over a link"
    for name in ("link", "folder/secret", "../secret", os.fspath(tmp_path / "secret")):
        assert refused(work, name) == f"'{name}' {leaves}"
    assert refused(work, "pipe") == "'pipe' is not read: it is no ordinary file"
    assert refused(work, ".") == "'.' is not read: it is no ordinary file"
    assert refused(work, "second") == "'second' is not read: it has 2 names, and one may lie elsewhere"
    assert refused(work, "large") == "'large' is not read: it has more than 1000 bytes"


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        read_file(tmp_path, "none.txt")
    assert str(raised.value) == "there is no file 'none.txt' in the workspace"
