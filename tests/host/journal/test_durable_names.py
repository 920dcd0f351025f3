"""A file is durable only with the entry that leads to it: folders are synced after what is in them, and before anyone relies
on it."""

import os
from pathlib import Path

import pytest

from trivet.errors import HomeUnusable
from trivet.journal.blobs import BlobStore
from trivet.settings_file import make_home, write_setting

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no handle of a directory to flush")


class Disk:
    """Hears which files and folders are synced; refuses one, as a failing disk does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.synced: list[Path] = []
        self.refuses: Path | None = None
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self._hear)

    def _hear(self, handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if path == self.refuses:
            raise OSError(5, "Input/output error")
        self._fsync(handle)
        self.synced.append(path)

    def taken(self) -> list[Path]:
        taken, self.synced = self.synced, []
        return taken


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    if not Path("/proc/self/fd").exists():
        pytest.skip("names synced files through /proc")
    return Disk(monkeypatch)


def test_first_blob_makes_its_name_durable_up_to_the_home(tmp_path: Path, disk: Disk) -> None:
    store = BlobStore(tmp_path / "blobs")
    folder = store.path(store.write(b"x")).parent
    assert disk.taken()[-3:] == [folder, store.root, tmp_path]


def test_blob_that_another_host_left_without_a_durable_name_is_made_durable_once(tmp_path: Path, disk: Disk) -> None:
    """That one was killed between the rename and the folder's fsync."""
    folder = BlobStore(tmp_path / "blobs").path(BlobStore(tmp_path / "blobs").write(b"x")).parent
    disk.taken()
    store = BlobStore(tmp_path / "blobs")
    store.write(b"x")
    assert disk.taken() == [folder, store.root, tmp_path]
    store.write(b"x")
    assert disk.taken() == []


def test_blob_whose_folder_could_not_be_synced_is_no_success_the_second_time_either(tmp_path: Path, disk: Disk) -> None:
    store = BlobStore(tmp_path / "blobs")
    disk.refuses = store.path("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881").parent  # of b"x"
    for _ in range(2):
        with pytest.raises(HomeUnusable) as caught:
            store.write(b"x")
        assert str(caught.value) == (
            f"trivet's home {tmp_path} cannot be used: input/output error. Set TRIVET_HOME to a directory that you can write."
        )
    folder, disk.refuses = disk.refuses, None
    disk.taken()
    store.write(b"x")
    assert disk.taken() == [folder, store.root, tmp_path]


def test_blob_that_was_removed_and_written_again_is_made_durable_again(tmp_path: Path, disk: Disk) -> None:
    store = BlobStore(tmp_path / "blobs")
    path = store.path(store.write(b"x"))
    path.rename(tmp_path / "kept")  # so that its inode is not given to the next file
    BlobStore(store.root).write(b"x")
    disk.taken()
    store.write(b"x")
    assert disk.taken() == [path.parent, store.root, tmp_path]


def test_home_that_is_made_is_durable_with_all_folders_above_it(tmp_path: Path, disk: Disk) -> None:
    make_home(tmp_path / "甲" / "home")
    assert disk.taken() == [tmp_path, tmp_path / "甲"]
    make_home(tmp_path / "甲" / "home")
    assert disk.taken() == []


def test_setting_is_durable_once_it_is_written(tmp_path: Path, disk: Disk) -> None:
    write_setting(tmp_path, "run.max_steps", 7)
    file, folder = disk.taken()
    assert (file.parent, folder) == (tmp_path, tmp_path)
