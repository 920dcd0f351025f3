"""No file breaks a reader: each becomes passages that can be quoted as they stand, or a reason why it does not."""

import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import strategies as st

from trivet_sdk.testing.fuzzing import fuzz, fuzzing
from trivet_search.cutting import LONGEST, passages_of
from trivet_search.document import Document, Unreadable
from trivet_search.reader import read
from trivet_search.reading import Reading

from .test_formats import docx, letter, mail, pdf

LINES = (
    st.text(max_size=30)
    | st.sampled_from(
        ["", "# A", "## 标题", "Title", "===", "---", "```", "~~~", "a,b;c\t1", '"x', "def f():", "class A {"]
    )
    | st.sampled_from(["\x0c", "\u2028", "x" * 1200, "一" * 1100, "句子。" * 400])
)
TEXTS = st.lists(LINES, max_size=30).map("\n".join) | st.lists(LINES, max_size=30).map("\r\n".join)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030", "shift_jis", "latin-1"])
BYTES = st.binary(max_size=600) | st.builds(lambda text, name: text.encode(name, "replace"), TEXTS, ENCODINGS)
TAGS = (
    st.text(max_size=10)
    | st.sampled_from(
        "<p> </p> <h1> </h2> <table><tr><td> <!-- --> <![CDATA[ <script> </script> &#0; &#xD800; <pre> <br>".split()
    )
    | st.sampled_from(["<title>", "<li>", "<svg>", "<p hidden>", "<html xmlns='x'>"])
)
HEADERS = (
    st.sampled_from(
        ["From: a@b.c", "From a@b.c Mon Jan  1 00:00:00 2026", ">From x", "Date: never", "--b", "--b--", ""]
    )
    | st.sampled_from(["Subject: =?utf-8?b?5Y?=", "Subject: =?x?q?=?=", "Content-Type: multipart/mixed; boundary=b"])
    | st.sampled_from(["Content-Type: text/html; charset=nonsense", "Content-Type: text/plain"])
    | st.sampled_from(["Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable"])
)
DAMAGE = st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), max_size=12)


def damaged(content: bytes, places: list[tuple[int, int]]) -> bytes:
    found = bytearray(content)
    for place, value in places:
        found[place % len(found)] = value
    return bytes(found)


def read_and_cut(suffix: str, content: bytes) -> None:
    reading = Reading(largest=1_000_000, is_cancelled=lambda: False)
    with suppress(Unreadable):
        cut_well(reading.document(f"文件{suffix}", content))


def cut_well(document: Document) -> None:
    end = 0
    for passage in passages_of(document):
        assert passage.text == document.text[passage.start : passage.end]
        assert end <= passage.start < passage.end
        assert len(passage.text) <= LONGEST
        assert 1 <= passage.line <= passage.end_line
        end = passage.end


@fuzzing
@pytest.mark.parametrize("suffix", ["", ".txt", ".md", ".csv", ".py"])
def test_any_text_is_cut_into_passages(suffix: str, seconds: float) -> None:
    fuzz(lambda content: read_and_cut(suffix, content), BYTES, seconds=seconds)


@fuzzing
def test_any_html_is_cut_into_passages(seconds: float) -> None:
    pages = st.lists(TAGS, max_size=40).map(lambda tags: "".join(tags).encode("utf-8", "replace")) | BYTES
    fuzz(lambda content: read_and_cut(".html", content), pages, seconds=seconds)


@fuzzing
@pytest.mark.parametrize("suffix", [".eml", ".mbox"])
def test_any_mail_is_cut_into_passages(suffix: str, seconds: float) -> None:
    letters = st.lists(HEADERS | LINES, max_size=25).map(lambda lines: "\n".join(lines).encode("utf-8", "replace"))
    whole = b"From a@b.c Mon Jan  1 00:00:00 2026\n" * (suffix == ".mbox") + mail()
    contents = letters | DAMAGE.map(lambda places: damaged(whole, places)) | BYTES
    fuzz(lambda content: read_and_cut(suffix, content), contents, seconds=seconds)


@fuzzing
@pytest.mark.filterwarnings("ignore")
def test_any_pdf_is_cut_into_passages_or_said_to_be_none(seconds: float) -> None:
    whole = pdf("First of all", "And last")

    def check(places: list[tuple[int, int]]) -> None:
        found = read(".pdf", damaged(whole, places))
        if isinstance(found, str):
            assert found
        else:
            cut_well(found)

    fuzz(check, DAMAGE, seconds=seconds)


@fuzzing
def test_any_docx_is_cut_into_passages_or_said_to_be_none(seconds: float) -> None:
    whole = letter(("Heading1", "标题"), ("", "First of all"), ("2", "And last"))
    with zipfile.ZipFile(BytesIO(whole)) as archive:
        xml = archive.read("word/document.xml")

    def check(places: list[tuple[int, int]], is_outside: bool) -> None:
        found = read(".docx", damaged(whole, places) if is_outside else docx(damaged(xml, places)))
        if isinstance(found, str):
            assert found
        else:
            cut_well(found)

    fuzz(check, DAMAGE, st.booleans(), seconds=seconds)
