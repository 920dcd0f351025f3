"""Files are edited exactly, compared, and brought back."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_files.editing import difference, edited
from trivet_sdk import ToolError, ToolResult

from .test_files import refusal

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]

CONFIG = "host: example\nport: 8080\nport_name: http\n名: 旧\n"


def test_an_edit_replaces_one_passage_and_nothing_else(put: Put, call: Call, tmp_path: Path) -> None:
    put("c.yaml", CONFIG)
    os.chmod(tmp_path / "c.yaml", 0o640)
    done = call("edit", path="c.yaml", old="port: 8080\n", new="port: 9090\ntls: true\n")
    assert (tmp_path / "c.yaml").read_text() == CONFIG.replace("port: 8080\n", "port: 9090\ntls: true\n")
    assert (tmp_path / "c.yaml").stat().st_mode & 0o777 == 0o640
    assert done.text == (
        "changed 1 place of c.yaml\n--- c.yaml\n+++ c.yaml\n@@ -1,4 +1,5 @@\n host: example\n-port: 8080\n"
        "+port: 9090\n+tls: true\n port_name: http\n 名: 旧"
    )
    assert done.artifacts == ("c.yaml",)


def test_an_edit_made_twice_is_made_once(put: Put, call: Call, tmp_path: Path) -> None:
    put("a.txt", "one\n")
    for _ in range(2):
        done = call("edit", path="a.txt", old="one", new="one and two")
    assert (tmp_path / "a.txt").read_text() == "one and two\n"
    assert (done.text, done.value["count"]) == ("a.txt reads so already", 0)
    for _ in range(2):
        call("edit", path="a.txt", old=" and two", new="")
        put("a.txt", (tmp_path / "a.txt").read_text() + " and two")
    assert (tmp_path / "a.txt").read_text() == "one\n and two"


@pytest.mark.parametrize(
    ("old", "sentence"),
    [
        (
            "port",
            "'c.yaml' holds this text 2 times, in the lines 2, 3. Quote more of what stands around it, or set `all`.",
        ),
        ("prt: 8080", "'c.yaml' does not hold this text. The nearest is line 2: port: 8080"),
        ("something else entirely", "'c.yaml' does not hold this text. files.read shows what it holds."),
        ("", "`old` is empty. Quote the text that is to be replaced."),
    ],
)
def test_an_edit_that_is_not_clear_changes_nothing(
    put: Put, call: Call, tmp_path: Path, old: str, sentence: str
) -> None:
    put("c.yaml", CONFIG)
    assert refusal(call, "edit", path="c.yaml", old=old, new="x") == sentence
    assert (tmp_path / "c.yaml").read_text() == CONFIG


def test_an_edit_of_all_places_says_how_many(put: Put, call: Call, tmp_path: Path) -> None:
    put("c.yaml", CONFIG)
    assert call("edit", path="c.yaml", old="port", new="Port", all=True).value["count"] == 2
    assert (tmp_path / "c.yaml").read_text() == CONFIG.replace("port", "Port")


@pytest.mark.parametrize(
    ("encoding", "eol"), [("utf-8-sig", "\r\n"), ("utf-16", "\r\n"), ("gb18030", "\n"), ("utf-8", "\r\n")]
)
def test_an_edit_keeps_encoding_and_line_ends(put: Put, call: Call, tmp_path: Path, encoding: str, eol: str) -> None:
    before = f"第一行内容在这里{eol}第二行内容在这里{eol}第三行内容在这里{eol}"
    put("t.txt", before.encode(encoding))
    call("edit", path="t.txt", old="第二行内容在这里\n第三行", new="第二行\n第三行")
    after = before.replace(f"第二行内容在这里{eol}第三行", f"第二行{eol}第三行")
    assert (tmp_path / "t.txt").read_bytes() == after.encode(encoding)


def test_an_edit_that_the_files_encoding_cannot_hold_says_so(put: Put, call: Call) -> None:
    put("t.txt", "Déjà vu, çà et là".encode("cp1252"))
    assert refusal(call, "edit", path="t.txt", old="vu", new="看") == (
        "the file is in cp1252, which has no '看'. Write the whole file anew with files.write."
    )


def test_an_undone_write_brings_back_what_was_there(put: Put, call: Call, tmp_path: Path) -> None:
    put("a.txt", b"old\xff\0")
    call("write", path="a.txt", text="new")
    for _ in range(2):  # done twice, it is done once
        assert call("undo", path="").text == "a.txt is as it was before"
        assert (tmp_path / "a.txt").read_bytes() == b"old\xff\0"


def test_an_undone_new_file_is_gone(call: Call, tmp_path: Path) -> None:
    call("write", path="新/a.txt", text="new")
    assert call("undo", path="新/a.txt").text == "新/a.txt was new, and is gone"
    assert not (tmp_path / "新/a.txt").exists()
    assert call("undo", path="").artifacts == ()


def test_the_last_write_of_all_or_of_one_file_is_undone(put: Put, call: Call, tmp_path: Path) -> None:
    put("a.txt", "a1\n")
    put("b.txt", "b1\n")
    call("write", path="a.txt", text="a2")
    call("edit", path="b.txt", old="b1", new="b2")
    call("undo", path="a.txt")
    assert [(tmp_path / name).read_text() for name in ("a.txt", "b.txt")] == ["a1\n", "b2\n"]
    call("undo", path="")
    assert (tmp_path / "b.txt").read_text() == "b1\n"


def test_a_write_that_is_repeated_is_not_taken_for_what_was_before(put: Put, call: Call, tmp_path: Path) -> None:
    put("a.txt", "old\n")
    first = call("write", path="a.txt", text="new")
    again = call("write", path="a.txt", text="new")
    assert (bool(first.value["before"]), again.value["before"]) == (True, "")
    call("undo", path="")
    assert (tmp_path / "a.txt").read_text() == "old\n"


def test_what_was_changed_since_is_left_alone(put: Put, call: Call, tmp_path: Path) -> None:
    put("a.txt", "old\n")
    call("write", path="a.txt", text="new")
    put("a.txt", "by hand\n")
    assert refusal(call, "undo", path="") == (
        "'a.txt' has been changed since it was written last, so it was left as it is. files.diff shows what differs from before."
    )
    assert (tmp_path / "a.txt").read_text() == "by hand\n"


def test_without_a_write_there_is_nothing_to_undo(call: Call, put: Put) -> None:
    put("a.txt", "x")
    assert refusal(call, "undo", path="") == "nothing was written here by these tools that could be undone."
    assert refusal(call, "undo", path="a.txt") == "nothing was written to 'a.txt' by these tools that could be undone."
    assert refusal(call, "diff", path="a.txt") == "nothing was written to 'a.txt' by these tools that could be undone."


def test_a_comparison_shows_what_differs(put: Put, call: Call) -> None:
    put("a.txt", "".join(f"{n}\n" for n in range(100)))
    put("b.txt", "".join(f"{n if n != 50 else '五十'}\n" for n in range(100)).encode("utf-16"))
    assert call("diff", path="a.txt", other="b.txt").text == (
        "--- a.txt\n+++ b.txt\n@@ -48,7 +48,7 @@\n 47\n 48\n 49\n-50\n+五十\n 51\n 52\n 53"
    )
    assert call("diff", path="a.txt", other="a.txt").text == "a.txt and a.txt hold the same text"
    call("write", path="a.txt", text="all new")
    assert call("diff", path="a.txt").value["diff"].endswith("\n-99\n+all new")


def test_texts_without_likeness_are_not_compared_for_ever() -> None:
    with pytest.raises(ToolError) as refused:
        difference("a\n" * 30_000 + "x", "b\n" * 30_000, ("a.txt", "b.txt"))
    assert str(refused.value) == "a.txt and b.txt differ in more than 20000 lines in a row, too many to compare."


@given(
    st.text(alphabet="ab\n", max_size=30),
    st.text(alphabet="ab\n", min_size=1, max_size=4),
    st.text(alphabet="ab", max_size=4),
)
def test_any_edit_is_the_replacement_or_refused(text: str, old: str, new: str) -> None:
    try:
        found = edited("x", text, old, new, all_places=True)
    except ToolError:
        assert old not in text
        return
    assert (found.text, found.count) == (text.replace(old, new), text.count(old))


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_a_comparison_is_a_patch(before: list[str], after: list[str]) -> None:
    """Its lines, put in place from the end, make one text of the other."""
    lines = difference("\n".join(before), "\n".join(after), ("a", "b")).splitlines()
    made, hunks = list(before), [n for n, line in enumerate(lines) if line.startswith("@@")]
    for start, end in reversed([*zip(hunks, [*hunks[1:], len(lines)][: len(hunks)], strict=True)]):
        place, _, length = lines[start].split()[1][1:].partition(",")
        count = int(length or 1)
        first = int(place) - (count > 0)
        made[first : first + count] = [line[1:] for line in lines[start + 1 : end] if line[0] in " +"]
    assert made == after
