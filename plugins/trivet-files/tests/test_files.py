import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_files.kinds import kind_of
from trivet_files.sentences import sentences_of
from trivet_files.summary import summary_of
from trivet_sdk import ToolError, ToolResult

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]


def refusal(call: Call, name: str, **arguments: Any) -> str:
    with pytest.raises(ToolError) as caught:
        call(name, **arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.csv", b"", "table"),
        ("a.parquet", b"PAR1\0", "table"),
        ("a.json", b'[\n {"a": 1}]', "table"),
        ("a.json", b'{"items": [{"a": 1}]}', "table"),
        ("a.json", b'{"title": "x", "items": [{"a": 1}]}', "table"),
        ("a.json", b'{"port": 1}', "data"),
        ("a.txt", b"a\tb\n1\t2\n3\t4\n5\t6\n7\t8\n", "table"),
        ("a.txt", b"One.\nTwo; three.\nFour.\nFive.\nSix.\n", "text"),
        ("a.yaml", b"a: 1", "data"),
        ("a.yaml", b"# by hand\n- name: Heron\n  seats: 4\n- name: Teal\n  seats: 2\n", "table"),
        ("a.yml", b"boats:\n  - name: Heron\n  - name: Teal\n", "table"),
        ("a.yaml", b"boats:\n  - name: Heron\n  - name: Teal\nport: 1\n", "data"),
        ("a.yaml", b"days:\n  - Monday\n  - Friday\n", "data"),
        ("a.toml", b'[[boat]]\nname = "Heron"\n\n[[boat]]\nname = "Teal"\n', "table"),
        ("a.toml", b'[[boat]]\nname = "Heron"\n\n[[boat]]\nname = "Teal"\n[port]\nno = 1\n', "data"),
        ("a.md", b"# x", "text"),
        ("LICENSE", b"The text", "text"),
        ("a.log", b"x", "log"),
        ("a.txt", b"2024-01-01 10:00:00 x\n2024-01-01 10:00:01 y\n2024-01-01 10:00:02 z\n", "log"),
        ("a.txt", "Grüße".encode("utf-16"), "text"),
        ("a.PNG", b"\x89PNG", "image"),
        ("a.bin", b"\0\1\2", "binary"),
    ],
)
def test_kinds_are_told_from_suffix_and_first_bytes(name: str, head: bytes, kind: str) -> None:
    assert kind_of(name, head) == kind


def test_list_names_files_by_folder_and_pattern(put: Put, call: Call) -> None:
    for name in ("b.csv", "notes/a.md", "notes/2024/c.md", "图 表/d.csv", ".git/config"):
        put(name, "x\n")
    assert call("list").text == "4 files: b.csv, notes/a.md, notes/2024/c.md, 图 表/d.csv"
    assert call("list", pattern="*.csv").text == "2 files that fit *.csv: b.csv, 图 表/d.csv"
    assert (
        call("list", folder="notes", pattern="**/*.MD").text
        == "2 files in notes that fit **/*.MD: notes/a.md, notes/2024/c.md"
    )
    assert call("list", pattern="*.pdf").text == "0 files that fit *.pdf"
    assert call("list", folder="notes").value["files"][0] == {"path": "notes/a.md", "size": 2, "kind": "text"}


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Grüße 你好"),
        ("utf-16", "Grüße 你好"),
        ("utf-8-sig", "x"),
        ("cp1252", "Déjà vu, çà et là"),
        ("gb18030", "你好，世界"),
    ],
)
def test_read_tells_the_text_in_any_encoding(put: Put, call: Call, encoding: str, text: str) -> None:
    put("t.txt", text.encode(encoding))
    found = call("read", path="t.txt")
    assert (found.text, found.value["encoding"]) == (text, encoding)


def test_read_can_start_anywhere_also_from_the_end(put: Put, call: Call) -> None:
    put("t.txt", "".join(f"line {n}\n" for n in range(1, 10)))
    assert call("read", path="t.txt", start_line=3, lines=2).text == "line 3\nline 4"
    assert call("read", path="t.txt", start_line=-1).text == "line 9"
    assert call("read", path="t.txt", start_line=99).value == {
        "text": "",
        "encoding": "utf-8",
        "lines": 9,
        "words": 0,
        "characters": 0,
    }


def test_read_shortens_the_text_of_a_long_file_but_not_its_data(put: Put, call: Call) -> None:
    put("t.txt", "a" * 5000)
    found = call("read", path="t.txt")
    assert found.text.endswith("\n… 3500 more characters")
    assert len(found.value["text"]) == 5000


def test_what_is_no_text_cannot_be_read(put: Put, call: Call) -> None:
    put("p.png", b"\x89PNG\0")
    put("folder/a.md", "x")
    assert refusal(call, "read", path="p.png") == "'p.png' is not a text file."
    assert refusal(call, "read", path="folder") == "'folder' is a folder. Name a file in it: folder/a.md."


def test_write_makes_folders_and_is_the_same_twice(call: Call, tmp_path: Path) -> None:
    for _ in range(2):
        written = call("write", path="out/结果.txt", text="总计 42")
    assert (tmp_path / "out/结果.txt").read_text("utf-8") == "总计 42\n"
    assert (written.text, written.artifacts) == ("wrote 10 bytes to out/结果.txt", ("out/结果.txt",))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["结果.txt"]


def test_write_spares_a_file_when_told_to(put: Put, call: Call, tmp_path: Path) -> None:
    put("a.txt", "old\n")
    assert refusal(call, "write", path="a.txt", text="new", overwrite=False) == (
        "'a.txt' is there already. Choose another name, or set overwrite."
    )
    assert (tmp_path / "a.txt").read_text() == "old\n"


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/trivet-out.txt", "link/out.txt"])
def test_nothing_is_read_or_written_outside_of_the_workspace(
    call: Call, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "out.txt").write_text("secret badge")
    os.symlink(outside, tmp_path / "link")
    assert "lies outside the workspace" in refusal(call, "write", path=name, text="x")
    assert "lies outside the workspace" in refusal(call, "read", path=name)
    assert call("find", query="secret badge").value["matches"] == []
    assert (outside / "out.txt").read_text() == "secret badge"


REPORT = """# Harbour report

Present: Ana, Bo, Cy

The harbour wall was inspected in May, and two cracks were found below the waterline. Repair of the harbour wall costs
12,000 euro and starts in June. Somebody sneezed.

Visitors: the harbour had 4,310 visiting boats, a tenth more than last year. Most visiting boats stayed for two nights.

Coffee was served.
"""


def test_a_summary_takes_the_telling_sentences_of_each_part_in_order(put: Put, call: Call) -> None:
    put("report.md", REPORT)
    text = call("summarize", path="report.md", max_characters=260).text
    assert text.startswith("Harbour report: ")
    assert text.index("12,000 euro") < text.index("4,310 visiting boats")
    assert "sneezed" not in text
    assert "Present" not in text


def test_chinese_sentences_are_told_apart() -> None:
    assert sentences_of("今天开会。“好！”他说。费用为5.5元；请准时。") == [
        "今天开会。",
        "“好！”",
        "他说。",
        "费用为5.5元；请准时。",
    ]


def test_abbreviations_and_numbers_do_not_end_a_sentence() -> None:
    text = 'Dr. Ho paid 3.5 euro. 1.2. Ask J. Smith first. "Now go." Done.'
    assert sentences_of(text) == ["Dr. Ho paid 3.5 euro.", "1.2. Ask J. Smith first.", '"Now go."', "Done."]


def test_an_empty_file_cannot_be_summarized(put: Put, call: Call) -> None:
    put("e.txt", "")
    assert refusal(call, "summarize", path="e.txt") == "'e.txt' is empty: there is nothing to summarize."


def test_one_section_is_summarized(put: Put, call: Call) -> None:
    put(
        "rules.md",
        "# Rules\n\n## 1. Boats\n\nBoats are washed.\n\n## 2. Lost keys\n\nA lost key costs 35 euro. Tell the board.\n",
    )
    assert (
        call("summarize", path="rules.md", section="the lost keys").text == "A lost key costs 35 euro. Tell the board."
    )
    assert refusal(call, "summarize", path="rules.md", section="oars") == (
        "no heading of 'rules.md' speaks of 'oars'. It has 1. Boats, 2. Lost keys."
    )
    put("plain.txt", "It rained.")
    assert refusal(call, "summarize", path="plain.txt", section="oars") == (
        "no heading of 'plain.txt' speaks of 'oars'. It has no headings."
    )


@given(st.text(max_size=800), st.integers(1, 300))
def test_a_summary_is_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(summary_of("a.md", text, limit)) <= limit


def test_what_is_no_regular_file_is_passed_over(call: Call, put: Put, tmp_path: Path) -> None:
    import socket

    put("note.md", "the ferry leaves at nine")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "sock"))
        assert [file["path"] for file in call("list").value["files"]] == ["note.md"]
        assert [match["path"] for match in call("find", query="when does the ferry leave").value["matches"]] == [
            "note.md"
        ]
        assert (
            refusal(call, "read", path="pipe") == "'pipe' is neither a file nor a folder, but a device, pipe or socket."
        )


def test_a_file_nested_too_deeply_does_not_stop_a_search(call: Call, put: Put) -> None:
    put("deep.json", '{"a":' * 50_000)
    put("note.md", "the ferry leaves at nine")
    assert call("find", query="when does the ferry leave").value["matches"][0]["path"] == "note.md"


def test_what_cannot_be_written_is_told_in_a_sentence(call: Call, put: Put) -> None:
    put("a.csv", "x\n1\n")
    assert refusal(call, "write", path="a.csv/x.txt", text="y") == "'x.txt' cannot be written: 'a.csv' is a file."
    assert refusal(call, "write", path="b.txt", text="\ud800") == (
        "the text cannot be written as UTF-8: '\\ud800' is half a character."
    )
