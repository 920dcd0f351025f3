"""PDF, DOCX, HTML and e-mail, and hostile ones among them."""

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from trivet_sdk import ToolResult

Open = Callable[..., Any]


def paths(found: ToolResult) -> list[str]:
    value = found.value
    assert isinstance(value, dict)
    return [match["place"] for match in value["matches"]]


Put = Callable[[str, str | bytes], Path]
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(*pages: str) -> bytes:
    """A small one, written by hand."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for n, text in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    written, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n"
    )
    return f"{written}{end}startxref\n{len(written)}\n%%EOF\n".encode()


def docx(xml: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml)
    return buffer.getvalue()


def letter(*paragraphs: tuple[str, str]) -> bytes:
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        for style, text in paragraphs
    )
    return docx(f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'.encode())


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana <dana@example.org>", "shop@example.org", "取消订单 4711"
    message.set_content("Dear shop,\n\nplease cancel the order of the kettle.\n")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="order.pdf")
    return message.as_bytes()


@pytest.mark.parametrize(
    ("name", "content", "query", "said"),
    [
        ("plan.pdf", pdf("First the frame.", "Then the wheels turn."), "wheels", "plan.pdf, page 2: Then the wheels turn."),
        (
            "lease.docx",
            letter(("Heading1", "Lease"), ("", "The rent is due monthly."), ("Heading2", "终止"), ("", "通知期为三个月。")),
            "通知期",
            "lease.docx, paragraph 4 (终止): 通知期为三个月。",
        ),
        (
            "page.html",
            "<html><head><title>T</title><style>p{}</style></head>\n<body>"
            "<h1>Opening\nhours</h1>\n<p>From <b>nine</b> &amp; on.</p>\n"
            "<script>var nine = 1</script></body></html>",
            "nine",
            "page.html:4 (Opening hours): From nine & on.",
        ),
    ],
)  # fmt: skip
async def test_a_document_is_quoted_with_page_paragraph_or_line(
    put: Put, opened: Open, name: str, content: str | bytes, query: str, said: str
) -> None:
    put(name, content)
    async with opened() as ask:
        found = await ask("search", query=query)
    assert found.text.splitlines()[0] == said
    assert not found.is_untrusted


async def test_a_letter_is_found_by_its_subject_and_counts_as_text_from_outside(put: Put, opened: Open) -> None:
    put("post/4711.eml", mail())
    async with opened() as ask:
        found = await ask("search", query="who cancels the kettle")
        assert found.text.splitlines()[0] == (
            "post/4711.eml:2-9 (取消订单 4711): From: Dana <dana@example.org> To: shop@example.org "
            "Subject: 取消订单 4711 Attached: order.pdf Dear shop, please cancel the order of the kettle."
        )
        assert found.is_untrusted
        assert paths(await ask("search", query="取消订单"))[0].startswith("post/4711.eml")


async def test_hostile_documents_are_left_out_with_a_reason_and_the_others_are_found(put: Put, opened: Open) -> None:
    put("a-broken.pdf", b"%PDF-1.7\n" + b"\xff\x00garbage" * 500)
    put("b-cut.pdf", pdf("lost")[:200])
    put("c-scan.pdf", pdf(""))
    put("d-bomb.docx", docx(b"<a>" + b"0" * 120_000_000))
    put("e-torn.docx", letter(("", "x"))[:60])
    put("f-other.docx", b"not a zip at all")
    put("g-entities.docx", docx(b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'))
    put("h-bad.eml", b"\x00\x01\x02")
    put("z-good.pdf", pdf("The heron stands."))
    async with opened() as ask:
        told = await ask("index")
        assert paths(await ask("search", query="heron")) == ["z-good.pdf, page 1"]
    value = told.value
    assert isinstance(value, dict)
    assert {each["path"]: each["reason"] for each in value["skipped"]} == {
        "a-broken.pdf": "it is no PDF that can be read",
        "b-cut.pdf": "it is no PDF that can be read",
        "c-scan.pdf": "it holds no text; perhaps its pages are pictures",
        "d-bomb.docx": "its text unpacks to 120,000,003 bytes, which is more than 104,857,600",
        "e-torn.docx": "it is no DOCX file that can be read: File is not a zip file",
        "f-other.docx": "it is no DOCX file that can be read: File is not a zip file",
        "g-entities.docx": "its XML declares entities, which Word never does",
        "h-bad.eml": "it is no e-mail: it has no header",
    }


async def test_a_reader_that_dies_or_hangs_costs_one_document(put: Put, tmp_path: Path) -> None:
    from trivet_search.document import Unreadable
    from trivet_search.reading import Reading

    good = put("good.pdf", pdf("The heron stands."))
    reading = Reading(1_000_000, lambda: False, seconds=0.0)
    with pytest.raises(Unreadable) as late:
        reading.document("good.pdf", good.read_bytes())
    assert str(late.value) == "reading it took longer than 0 seconds"
    reading = Reading(1_000_000, lambda: False)
    try:
        assert reading.document("good.pdf", good.read_bytes()).text == "The heron stands.\n"
        assert reading._process is not None
        reading._process.kill()
        reading._process.wait()
        assert reading.document("good.pdf", good.read_bytes()).text == "The heron stands.\n"
    finally:
        reading.close()


def mailbox() -> bytes:
    plain = b"From: Ines <ines@example.org>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n\r\n"
    plain += b"The ferry leaves.\r\n>From here it is far.\r\n"
    broken = b"Content-Type: text/plain; charset=no-such\r\n\r\nlost\r\n"
    begin = b"From ines@example.org Mon Jan  5 10:00:00 2026\r\n"
    return b"\r\n".join(begin + letter for letter in (plain, broken, mail().replace(b"\n", b"\r\n")))


@pytest.mark.parametrize("name", ["post.mbox", "Inbox"])
async def test_letters_of_a_mailbox_are_found_each_under_its_subject(put: Put, opened: Open, name: str) -> None:
    put(name, mailbox())
    async with opened() as ask:
        found = await ask("search", query="kettle")
        assert found.text.splitlines()[0].startswith(f"{name}:13 (取消订单 4711): From: Dana")
        assert found.is_untrusted
        ferry = await ask("search", query="ferry far")
        assert ferry.text.splitlines()[0] == (
            f"{name}:1 (From: Ines <ines@example.org>): Date: Mon, 05 Jan 2026 10:00:00 +0000 The ferry leaves. "
            "From here it is far."
        )


async def test_a_text_about_mail_is_no_mailbox(put: Put, opened: Open) -> None:
    put("notes.mbox", "From 2024 on: write letters.\n")
    async with opened() as ask:
        found = await ask("search", query="letters")
        assert found.text.startswith("notes.mbox:1: From 2024 on: write letters.")
        assert not found.is_untrusted


async def test_a_mailbox_without_a_letter_says_so(put: Put, opened: Open) -> None:
    put("bad.mbox", b"From x@example.org Mon Jan  5 10:00:00 2026\nX-Odd: 1\n\nlost\n")
    async with opened() as ask:
        told = await ask("index")
    assert "bad.mbox: it is no mailbox that can be read: it holds no letter" in told.text
