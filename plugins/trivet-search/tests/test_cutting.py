"""Whatever a document is, its passages quote it exactly and leave nothing out."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivet_search.cutting import LONGEST, passages_of
from trivet_search.document import Document, Unreadable
from trivet_search.mail import mail_document, mailbox_document
from trivet_search.markup import html_document
from trivet_search.words import asked, indexed

MARKS = ["# 标题", "## Two", "---", "", "```", "def f():", "a,b"]
LINES = st.lists(st.one_of(st.text(max_size=300), st.sampled_from(MARKS)), max_size=40)


@settings(deadline=None)  # a busy machine is no fault of the reader
@given(LINES, st.sampled_from(["prose", "markdown", "code", "table"]))
def test_passages_quote_the_text_exactly_and_in_order(lines: list[str], form: str) -> None:
    document = Document(text="\n".join(lines), form=form)  # type: ignore[arg-type]
    passages = list(passages_of(document))
    numbers = document.text.count("\n") + len(document.text.splitlines()) + 1
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text == passage.text.strip() != ""
        assert len(passage.text) <= LONGEST
        assert 1 <= passage.line <= passage.end_line <= numbers
    assert all(a.end <= b.start for a, b in pairwise(passages))
    if form in ("prose", "table"):
        whole = "".join("".join(passage.text.split()) for passage in passages)
        assert whole == "".join(document.text.split())


@settings(deadline=None)  # a busy machine is no fault of the reader
@given(st.text(max_size=2000))
def test_any_text_can_be_indexed_and_asked_for(text: str) -> None:
    assert isinstance(indexed(text), str)
    assert len(asked(text)) <= 64
    html_document(text)


@settings(deadline=None)  # a busy machine is no fault of the reader
@given(st.binary(max_size=2000))
def test_any_bytes_are_an_e_mail_or_say_why_not(content: bytes) -> None:
    letter = b"From: a@b.example\nContent-Type: text/html; charset=" + content
    try:
        document = mail_document(letter)
    except Unreadable:
        return
    assert document.is_foreign
    assert "a@b.example" in document.text


PARTS = st.sampled_from(
    [
        b"From x 2026\n",
        b"From: a@b.example\n",
        b"Subject: =?utf-8?q?",
        b"\n",
        b"\r\n",
        b">From here\n",
        b"Content-Type: x;",
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS | st.binary(max_size=30), max_size=30).map(b"".join))
def test_any_bytes_are_a_mailbox_or_say_why_not(content: bytes) -> None:
    try:
        document = mailbox_document(b"From x 2026\nFrom: a@b.example\n" + content)
    except Unreadable:
        return
    assert len(document.places) == document.text.count("\n")
    assert sorted(document.places) == list(document.places)
    list(passages_of(document))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where is the lease kept?", ["lease", "kept"]),
        ("to be or not to be", ["not"]),
        ("what is it", ["what", "is", "it"]),
        ("读书会 nextDelay", ["读书", "书会", "nextdelay"]),
        ("猫", ["猫"]),
        ('a"b AND (c:*', ["b", "c"]),
    ],
)
def test_a_question_is_looked_up_by_the_words_that_matter(text: str, words: list[str]) -> None:
    assert asked(text) == words
