"""What the index keeps up with, what it survives, and what it leaves out."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from trivet_sdk import ToolError, ToolResult, Workspace
from trivet_sdk.testing import StandaloneCall
from trivet_search import refreshing
from trivet_search.index import Index
from trivet_search.place import workspace_place
from trivet_search.refreshing import alone
from trivet_search.words import Words

Open = Callable[..., Any]


def paths(found: ToolResult) -> list[str]:
    value = found.value
    assert isinstance(value, dict)
    return [match["place"] for match in value["matches"]]


Put = Callable[[str, str | bytes], Path]


async def test_changes_and_deletions_are_seen_by_the_next_search_and_only_what_changed_is_embedded(
    put: Put, opened: Open, concepts: Any
) -> None:
    put("a.txt", "first car\n")
    put("b.txt", "second dog\n")
    embedder = concepts()
    async with opened(embedder) as ask:
        assert paths(await ask("search", query="first")) == ["a.txt:1", "b.txt:1"]
        put("a.txt", "third invoice\n")
        put("b.txt", "second dog\n")  # written again as it was
        assert paths(await ask("search", query="first", mode="words")) == []
        assert paths(await ask("search", query="third", mode="words")) == ["a.txt:1"]
        await ask("index")
        put("a.txt", "first car\n").unlink()
        assert paths(await ask("search", query="third", mode="words")) == []
        assert paths(await ask("search", query="car")) == ["b.txt:1"]
    passages = [text for text in embedder.seen if " " in text]
    assert passages == ["first car", "second dog", "third invoice"]


async def test_an_index_lives_on_and_one_whose_words_are_damaged_is_made_again(
    put: Put, opened: Open, concepts: Any, tmp_path: Path
) -> None:
    put("a.txt", "the heron\n")
    embedder = concepts()
    async with opened(embedder) as ask:
        await ask("index")
    async with opened(embedder) as ask:
        assert paths(await ask("search", query="heron", mode="words")) == ["a.txt:1"]
    assert embedder.seen == ["the heron"]
    [words] = (tmp_path / "own" / "data").glob("*/words-*")
    (words / "meta.json").write_text("{ broken")
    async with opened(embedder) as ask:
        assert paths(await ask("search", query="heron", mode="words")) == ["a.txt:1"]
    shutil.rmtree(words)
    async with opened(embedder) as ask:
        assert paths(await ask("search", query="heron", mode="words")) == ["a.txt:1"]


async def test_another_embedder_takes_the_place_of_all_vectors(put: Put, opened: Open, concepts: Any) -> None:
    put("a.txt", "a car\n")
    async with opened(concepts()) as ask:
        await ask("index")
    other = concepts()
    other.name = "other"
    async with opened(other) as ask:
        assert paths(await ask("search", query="automobile")) == ["a.txt:1"]
    assert other.seen == ["a car", "automobile"]


async def test_while_another_process_writes_the_index_it_is_read_as_it_was(
    put: Put, opened: Open, tmp_path: Path
) -> None:
    put("a.txt", "the heron\n")
    async with opened() as ask:
        await ask("index")
        put("b.txt", "the heron, too\n")
        [own] = (tmp_path / "own" / "data").iterdir()
        with alone(own):
            found = await ask("search", query="heron")
        assert found.text == (
            "a.txt:1: the heron\n"
            "(another process is indexing, so this is as of before; by words only, since no enabled plugin provides an embedder)"
        )
        assert sorted(paths(await ask("search", query="heron"))) == ["a.txt:1", "b.txt:1"]


async def test_nothing_is_written_into_the_folder(put: Put, opened: Open, concepts: Any, folder: Path) -> None:
    put("a.txt", "x\n")
    async with opened(concepts()) as ask:
        await ask("index")
    assert [path.name for path in folder.rglob("*")] == ["a.txt"]


async def test_what_cannot_be_read_is_left_out_and_told(put: Put, opened: Open, folder: Path) -> None:
    put("good.txt", "fine\n")
    put("empty.txt", "")
    put("binary.dat", bytes(range(256)) * 20)
    put("noise.txt", os.urandom(5000))
    put("picture.png", b"\x89PNG")
    with put("huge.log", "").open("r+b") as file:
        file.truncate(3_000_000)
    put("trap.txt", "x").unlink()
    os.mkfifo(folder / "trap.txt")
    (folder / "away.txt").symlink_to("/etc/passwd")
    put(".hidden/secret.txt", "fine\n")
    put("node_modules/x.js", "fine\n")
    async with opened(largest_megabytes=2) as ask:
        told = await ask("index")
        assert paths(await ask("search", query="fine")) == ["good.txt:1"]
    assert told.text == (
        "1 file with 1 passage can be searched; 5 files left out:\n"
        "binary.dat: it is no text\n"
        "empty.txt: it is empty\n"
        "huge.log: its 3,000,000 bytes are more than the 2,000,000 that are read\n"
        "noise.txt: it is no text\n"
        "picture.png: it is a picture\n"
        "(by words only, since no enabled plugin provides an embedder)"
    )


async def test_a_search_without_time_answers_with_what_it_has_and_says_so(
    put: Put, opened: Open, concepts: Any
) -> None:
    put("a.txt", "a car\n")
    async with opened(concepts(), patience_seconds=0) as ask:
        await ask("search", query="x", mode="words")
        found = await ask("search", query="car", mode="words")
    assert found.text == "a.txt:1: a car\n(1 of 1 passages are not compared by meaning yet; search.index does it)"


class Impatient(StandaloneCall):
    """Leaves as soon as some files have been read."""

    def __init__(self, folder: Path, scope: anyio.CancelScope) -> None:
        super().__init__(Workspace(folder))
        self._scope = scope

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        super().progress(done, total, message)
        if total and 0 < done < total:
            self._scope.cancel()


async def test_an_interrupted_indexing_is_taken_up_where_it_was(put: Put, opened: Open, folder: Path) -> None:
    for number in range(1500):
        path = put(f"{number:04}.txt", f"passage {number} about a car\n" * 40)
        os.utime(path, (1e9, 1e9))  # one written just now would be looked into again
    async with opened() as ask:
        with anyio.CancelScope() as scope:
            await ask("index", Impatient(folder, scope))
        assert scope.cancelled_caught
        rest = StandaloneCall(Workspace(folder))
        told = await ask("index", rest)
    assert told.text.startswith("1500 files with 1500 passages can be searched")
    assert rest.reports[-1][0] < 1500


def test_a_link_that_takes_a_files_place_after_the_look_leads_nowhere(put: Put, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not yours\n")
    path = put("a.txt", "mine\n")
    place = workspace_place(Workspace(folder))
    [(name, _)] = place.files(tmp_path / "own")
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(ToolError) as outside:
        place.open(name)
    assert str(outside.value) == f"'a.txt' lies outside the workspace. Only files under {folder} can be used."


async def test_one_writer_of_words_serves_a_whole_refresh(
    put: Put, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has threads of its own, whose memory stays with the process: 40 of them took 300 MB."""
    begun: list[Words] = []
    writing = Words.writing

    def counted(words: Words) -> Any:
        begun.append(words)
        return writing(words)

    monkeypatch.setattr(Words, "writing", counted)
    monkeypatch.setattr(refreshing, "BATCH", 2)
    for number in range(12):
        put(f"{number}.txt", f"heron {number}\n")
    async with opened() as ask:
        assert len(paths(await ask("search", query="heron", limit=50))) == 12
        await ask("search", query="heron")  # nothing is new
    assert len(begun) == 1


def test_words_that_are_lost_are_written_again_though_whoever_noticed_it_wrote_nothing(
    put: Put, folder: Path, tmp_path: Path
) -> None:
    """As when a new version opens the index, and is ended before it has read anything."""

    def opened_index() -> Index:
        place = workspace_place(Workspace(folder))
        return Index(place, tmp_path / "own", language="english", meaning="never", largest=1000)

    def refreshed(index: Index) -> int:
        assert list(index.refresh(lambda: False))
        found = len(index.by_words("heron").best)
        index.close()
        return found

    put("a.txt", "heron\n")
    assert refreshed(opened_index()) == 1
    (words,) = (tmp_path / "own").glob("words-*")
    words.rename(tmp_path / "own" / "words-0-english")
    opened_index().close()
    assert refreshed(opened_index()) == 1
    assert [each.name for each in (tmp_path / "own").glob("words-*")] == [words.name]
