"""A home goes into one file while it is written to, and comes back only if every byte is what it was."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec
import pytest

from tests.host.journal.test_collection import referring
from tests.host.journal.test_journal import begun, everything
from trivet.errors import FileRefused, JournalUnusable
from trivet.journal import BlobStore, open_journal
from trivet.journal.backup import back_up, restore
from trivet.journal.examination import examine

pytestmark = pytest.mark.anyio

WRITER = """
import sys
from pathlib import Path
import anyio
from tests.host.journal.test_journal import begun, record
from tests.host.journal.test_collection import referring
from trivet.journal import open_journal
from trivet_sdk.events import ContextPacked

async def main():
    home = Path(sys.argv[1])
    async with open_journal(home) as journal:
        number = 0
        while not (home / "stop").exists():
            run = f"w{number}"
            await referring(journal, run, f"blob {number}".encode() * 1000)
            packed = ContextPacked(messages=1, tokens=1)
            await journal.append(run, [record(run, seq, packed) for seq in range(3, 9)], durable=True)
            if number == 20:
                print("ready", flush=True)
            number += 1
anyio.run(main)
"""


async def home_with_a_run(home: Path) -> str:
    async with open_journal(home) as journal:
        blob = await referring(journal, "r", "内容".encode())
    (home / "settings.toml").write_text('[roles]\nmodel = "大"\n', encoding="utf-8")
    (home / "plugins.toml").write_text("")
    (home / "data" / "notes").mkdir(parents=True)
    (home / "data" / "notes" / "索引.json").write_text("{}")
    (home / "cache").mkdir()
    (home / "cache" / "big").write_text("not kept")
    return blob


async def test_backup_of_a_home_at_work_is_whole_and_of_one_moment(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(home)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        told: list[tuple[int, int]] = []
        done = back_up(home, tmp_path / "b.tar", lambda done, total: told.append((done, total)))
    finally:
        (home / "stop").touch()
        writer.communicate(timeout=30)
    assert writer.returncode == 0
    assert done.runs >= 20
    assert done.missing == ()
    assert told[-1][0] >= told[-1][1] > 0
    restore(tmp_path / "b.tar", other)
    found = examine(other)
    assert found.problems == ()
    assert found.runs == done.runs
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


async def test_what_a_plugin_keeps_comes_back_and_what_can_be_had_again_stays_out(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "其他"
    await home_with_a_run(home)
    back_up(home, tmp_path / "b.tar")
    done = restore(tmp_path / "b.tar", other)
    assert done.aside is None
    assert (other / "settings.toml").read_bytes() == (home / "settings.toml").read_bytes()
    assert (other / "data" / "notes" / "索引.json").read_text() == "{}"
    assert not (other / "cache").exists()
    async with open_journal(home) as before, open_journal(other) as after:
        assert await everything(before, "r") == await everything(after, "r")


async def test_home_with_a_journal_is_replaced_only_if_told_and_then_moved_aside(tmp_path: Path) -> None:
    home = tmp_path / "home"
    await home_with_a_run(home)
    back_up(home, tmp_path / "b.tar")
    async with open_journal(home) as journal:
        await begun(journal, "later", claim=False)
        with pytest.raises(FileRefused) as open_now:
            restore(tmp_path / "b.tar", home, replaces=True)
    assert str(open_now.value) == (
        f"{tmp_path / 'b.tar'} cannot be used: another trivet has {home} open. End it, then restore again. "
        "Nothing has changed."
    )
    with pytest.raises(FileRefused) as refused:
        restore(tmp_path / "b.tar", home)
    assert str(refused.value) == (
        f"{tmp_path / 'b.tar'} cannot be used: {home} has a journal already. `--replace` moves it aside; `--to` restores "
        "elsewhere. Nothing has changed."
    )
    done = restore(tmp_path / "b.tar", home, replaces=True)
    assert done.aside is not None
    async with open_journal(home) as journal:
        assert [run.id for run in await journal.runs()] == ["r"]
    async with open_journal(done.aside) as journal:
        assert {run.id for run in await journal.runs()} == {"r", "later"}
    assert (home / "cache" / "big").exists()


def retold(
    source: Path, target: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]
) -> None:
    with tarfile.open(source) as before, tarfile.open(target, "w") as after:
        for head in before:
            file = before.extractfile(head)
            changed = change(head, file.read() if file else b"")
            if changed is not None:
                changed[0].size = len(changed[1])
                after.addfile(changed[0], io.BytesIO(changed[1]))


def _renamed(name: str) -> Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes]]:
    def change(head: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        head.name = name if head.name == "settings.toml" else head.name
        return head, content

    return change


def _linked(head: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    if head.name == "settings.toml":
        head.type, head.linkname, content = tarfile.SYMTYPE, "/etc/passwd", b""
    return head, content


def _device(head: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    if head.name == "settings.toml":
        head.type, content = tarfile.CHRTYPE, b""
    return head, content


def _flipped(head: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    return head, content[:-1] + b"x" if head.name == "settings.toml" else content


def _newer(head: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    if head.name == "manifest.json":
        content = msgspec.json.encode({**msgspec.json.decode(content), "format": 9})
    return head, content


def _without_manifest(head: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes] | None:
    return None if head.name == "manifest.json" else (head, content)


def _without_settings(head: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes] | None:
    return None if head.name == "settings.toml" else (head, content)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_renamed("../outside"), "'../outside' does not belong into it"),
        (_renamed("/etc/trivet"), "'/etc/trivet' does not belong into it"),
        (_renamed("data/../../outside"), "'data/../../outside' does not belong into it"),
        (_linked, "'settings.toml' in it is no plain file"),
        (_device, "'settings.toml' in it is no plain file"),
        (_flipped, "'settings.toml' in it is not what was put there"),
        (_newer, "a newer trivet wrote it (format 9; this one knows 1)"),
        (_without_manifest, "it has no manifest, so it was cut short or is something else"),
        (_without_settings, "'settings.toml' is missing in it"),
    ],
)
async def test_hostile_or_damaged_backups_are_refused_with_nothing_touched(
    tmp_path: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes]], reason: str
) -> None:
    home, other, bad = tmp_path / "home", tmp_path / "other", tmp_path / "bad.tar"
    await home_with_a_run(home)
    back_up(home, tmp_path / "good.tar")
    retold(tmp_path / "good.tar", bad, change)
    with pytest.raises(FileRefused) as refused:
        restore(bad, other)
    assert str(refused.value) == f"{bad} cannot be used: {reason}. Nothing has changed."
    assert list(other.iterdir()) == []
    assert not (tmp_path / "outside").exists()


async def test_backup_that_was_cut_short_or_is_none_is_refused(tmp_path: Path) -> None:
    await home_with_a_run(tmp_path / "home")
    back_up(tmp_path / "home", tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    for size in (0, 100, 512, 5000, len(whole) // 2):
        (tmp_path / "short.tar").write_bytes(whole[:size])
        with pytest.raises(FileRefused):
            restore(tmp_path / "short.tar", tmp_path / "other")
    with pytest.raises(FileRefused) as absent:
        restore(tmp_path / "无.tar", tmp_path / "other")
    assert str(absent.value) == f"{tmp_path / '无.tar'} cannot be used: there is no such file. Nothing has changed."


async def test_examination_finds_what_is_missing_damaged_or_lost(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        missing = await referring(journal, "a", b"one")
        damaged = await referring(journal, "b", b"two")
        await referring(journal, "c", b"three")
        await referring(journal, "d", b"four")
    blobs = BlobStore(tmp_path / "blobs")
    assert examine(tmp_path).problems == ()
    blobs.path(missing).unlink()
    blobs.path(damaged).write_bytes(b"tWo")
    blobs.write(b"nobody's")
    db = apsw.Connection(str(tmp_path / "journal.sqlite"))
    db.execute("UPDATE events SET seq=5 WHERE run='c' AND seq=2; UPDATE events SET payload='{' WHERE run='d' AND seq=2")
    db.close()
    found = examine(tmp_path)
    assert found.unreferenced == 1
    lost, unreadable, hurt, gone = found.problems
    assert lost == ("events 2 to 4 of run c are missing. Other runs are not touched by this; restore it from a backup")
    assert unreadable.startswith("event 2 of run d cannot be read: it is damaged")
    assert hurt == f"the file {blobs.path(damaged)} is damaged, to which run b refers"
    assert gone == f"the file {blobs.path(missing)} is missing, to which run a refers"


KILLED = """
import os, sys
from pathlib import Path
from trivet.journal.backup import restore

left = int(sys.argv[3])
rename = Path.rename

def counted(self, target):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
    return rename(self, target)

Path.rename = counted
restore(Path(sys.argv[1]), Path(sys.argv[2]), replaces=True)
"""


async def test_restore_that_is_killed_anywhere_is_told_and_done_again(tmp_path: Path) -> None:
    source, backup = tmp_path / "source", tmp_path / "备 份.tar"
    await home_with_a_run(source)
    back_up(source, backup)
    deaths = 0
    while True:
        home = tmp_path / f"home{deaths}"
        async with open_journal(home) as journal:
            await begun(journal, "old", claim=False)
        (home / "settings.toml").write_text("")
        child = subprocess.run([sys.executable, "-c", KILLED, str(backup), str(home), str(deaths)], check=False)
        if child.returncode == 0:
            break
        assert child.returncode == -9
        (aside,) = home.glob("replaced-*")
        with pytest.raises(JournalUnusable) as refused:
            async with open_journal(home):
                raise AssertionError
        assert str(refused.value) == (
            f"the journal {home / 'journal.sqlite'} cannot be used: putting back the backup {backup} was cut short, or is under "
            f"way. If it is not, do it again with `trivet home restore '{backup}' --replace`; what was there "
            f"before is in {aside}."
        )
        restore(backup, home, replaces=True)
        async with open_journal(home) as journal:
            assert [run.id for run in await journal.runs()] == ["r"]
        assert examine(home).problems == ()
        assert not list(home.glob(".rest*"))
        found: set[str] = set()
        for folder in home.glob("replaced-*"):
            if (folder / "journal.sqlite").exists():
                async with open_journal(folder) as journal:
                    found |= {run.id for run in await journal.runs()}
        assert "old" in found
        deaths += 1
    assert deaths > 5
