"""What a search finds, and how it says where."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trivet_sdk import ToolError, ToolResult, Workspace
from trivet_sdk.testing import StandaloneCall

Open = Callable[..., Any]
Put = Callable[[str, str | bytes], Path]


def paths(found: ToolResult) -> list[str]:
    value = found.value
    assert isinstance(value, dict)
    return [match["place"] for match in value["matches"]]


HANDBOOK = """# Handbook

## Leave

Everybody has 28 days of leave a year. Unused days expire on 31 March.

## Keys

A lost badge costs 15 euro.
"""
CODE = """import time


class RetryPolicy:
    def nextDelay(self, attempt):
        return min(60, 2 ** attempt)
"""


def matches(found: ToolResult) -> list[dict[str, Any]]:
    value = found.value
    assert isinstance(value, dict)
    return list(value["matches"])


async def test_a_passage_is_quoted_with_file_lines_and_titles(put: Put, opened: Open) -> None:
    put("handbook.md", HANDBOOK)
    async with opened() as ask:
        found = await ask("search", query="what does a lost badge cost?")
    assert found.text == (
        "handbook.md:9 (Keys): A lost badge costs 15 euro.\n"
        "(by words only, since no enabled plugin provides an embedder)"
    )
    best = matches(found)[0]
    assert best["heading"] == "Handbook > Keys"
    assert HANDBOOK[best["start"] : best["end"]] == best["text"] == "A lost badge costs 15 euro."
    assert not found.is_untrusted


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("年假有几天？", "制度/假期.md:3"),
        ("遗失工牌要付多少钱", "制度/工牌.txt:1"),
        ("休暇の申請", "休暇.txt:1"),
        ("next delay of the retry", "retry.py:5-6"),
        ("RetryPolicy", "retry.py:4"),
        ("cafe in Muenchen", "umlaut.txt:1"),
        ("Okafor", "people.csv:1-3"),
    ],
)
async def test_words_of_any_script_encoding_and_kind_of_file_are_found(
    put: Put, opened: Open, query: str, place: str
) -> None:
    put("制度/假期.md", "# 假期\n\n员工每年有二十八天年假，未用完的年假于三月三十一日作废。\n")
    put("制度/工牌.txt", "遗失工牌须支付十五欧元。办理时间为每周一。".encode("gb18030"))
    put("休暇.txt", "休暇の申請は三日前までに提出してください。".encode("utf-16"))
    put("retry.py", CODE)
    put("umlaut.txt", "Das Café in Muenchen öffnet um sieben Uhr.".encode("cp1252"))
    put("people.csv", "name,role\nOkafor,front desk\nLi,库房\n")
    async with opened() as ask:
        assert paths(await ask("search", query=query))[0] == place


async def test_a_line_of_a_million_characters_becomes_passages_with_exact_offsets(put: Put, opened: Open) -> None:
    line = "x" * 400_000 + " The needle lies here. " + "字" * 100_000
    put("one.txt", line)
    async with opened() as ask:
        best = matches(await ask("search", query="needle lies"))[0]
    assert line[best["start"] : best["end"]] == best["text"]
    assert "needle" in str(best["text"])
    assert (best["line"], best["end_line"]) == (1, 1)


async def test_what_means_the_same_is_found_without_a_word_in_common(put: Put, opened: Open, concepts: Any) -> None:
    put("a.txt", "The automobile stands in the yard.\n")
    put("b.txt", "A hound barked all night.\n")
    embedder = concepts()
    async with opened(embedder) as ask:
        found = await ask("search", query="puppy", limit=1)
        assert found.text == "b.txt:1: A hound barked all night."
        assert matches(found)[0]["by"] == ["meaning"]
        assert paths(await ask("search", query="car", limit=1)) == ["a.txt:1"]
        assert (await ask("search", query="puppy", mode="words")).text.startswith("nothing found for 'puppy'")
        assert paths(await ask("similar", text="invoice for the sedan", limit=1)) == ["a.txt:1"]
    assert sorted(embedder.seen)[:2] == ["A hound barked all night.", "The automobile stands in the yard."]


async def test_passages_like_one_of_a_file_leave_that_one_out(put: Put, opened: Open, concepts: Any) -> None:
    put("a.md", "# Cars\n\nA sedan.\n\n# Dogs\n\nA puppy.\n")
    put("b.txt", "The vehicle.\n")
    async with opened(concepts()) as ask:
        assert paths(await ask("similar", path="a.md", line=3)) == ["b.txt:1", "a.md:7"]
        with pytest.raises(ToolError) as neither:
            await ask("similar")
        assert str(neither.value) == "give either a text or the path of a file with the passage."
        put("empty.txt", " \n")
        with pytest.raises(ToolError) as nothing:
            await ask("similar", path="empty.txt")
        assert str(nothing.value) == ("'empty.txt' is not in the index: it may hold no text. search.index tells why.")


async def test_chinese_is_left_to_words_unless_the_embedder_is_said_to_read_it(
    put: Put, opened: Open, concepts: Any
) -> None:
    put("天气.txt", "明天有雨，请带伞。\n")
    embedder = concepts()
    async with opened(embedder) as ask:
        assert paths(await ask("search", query="storm")) == []
        assert paths(await ask("search", query="明天有雨")) == ["天气.txt:1"]
    assert embedder.seen == ["storm"]
    async with opened(embedder, meaning="always") as ask:
        assert paths(await ask("search", query="storm")) == ["天气.txt:1"]


async def test_a_path_narrows_the_search_and_roots_widen_it(put: Put, opened: Open, tmp_path: Path) -> None:
    put("in/a.txt", "the red kite\n")
    put("out/b.txt", "the red fox\n")
    notes = tmp_path / "笔记"
    notes.mkdir()
    (notes / "c.txt").write_text("the red door\n")
    async with opened(roots=[str(notes)]) as ask:
        assert sorted(paths(await ask("search", query="red"))) == sorted(
            [f"{notes}/c.txt:1", "in/a.txt:1", "out/b.txt:1"]
        )
        assert paths(await ask("search", query="red", path="in")) == ["in/a.txt:1"]
        assert paths(await ask("search", query="red", path="out/b.txt")) == ["out/b.txt:1"]
        assert paths(await ask("search", query="red", path=str(notes))) == [f"{notes}/c.txt:1"]
        with pytest.raises(ToolError) as outside:
            await ask("search", query="red", path="../own")
        assert "lies outside the workspace" in str(outside.value)


async def test_attachments_are_searched_too(put: Put, opened: Open, folder: Path, tmp_path: Path) -> None:
    stored = tmp_path / "blob"
    stored.write_text("The attached clause.\n")
    async with opened(attachments={"clause.txt": stored}) as ask:
        assert paths(await ask("search", query="clause")) == ["attachments/clause.txt:1"]
        assert paths(await ask("search", query="clause", path="attachments/clause.txt")) == ["attachments/clause.txt:1"]


async def test_progress_tells_files_and_passages(put: Put, opened: Open, concepts: Any, folder: Path) -> None:
    put("a.txt", "car\n")
    ctx = StandaloneCall(Workspace(folder))
    async with opened(concepts()) as ask:
        told = await ask("index", ctx)
    assert told.text == "1 file with 1 passage can be searched"
    assert ctx.reports == [(1, 1, "read 1 of 1 files"), (1, 1, "compared 1 of 1 passages by meaning")]


async def test_without_an_embedder_like_passages_are_found_by_their_words(put: Put, opened: Open) -> None:
    put("a.md", "The tenant pays for small repairs.\n\nRent is due on the first.\n")
    put("b.md", "Small repairs are paid by whoever rents: the tenant.\n")
    async with opened() as ask:
        found = await ask("similar", path="a.md", line=1)
    assert found.text == (
        "b.md:1: Small repairs are paid by whoever rents: the tenant.\n"
        "(by words only, since no enabled plugin provides an embedder)"
    )


async def test_meaning_that_was_asked_for_is_not_replaced(put: Put, opened: Open) -> None:
    put("a.md", "The tenant pays.\n")
    async with opened() as ask:
        with pytest.raises(ToolError) as refused:
            await ask("search", query="tenant", mode="meaning")
    assert str(refused.value) == (
        "no enabled plugin provides an embedder, so nothing can be compared by meaning. "
        "Search by words instead: leave `mode` out."
    )
