"""The process that reads PDF and DOCX: native code and unpacked archives, with bounds on memory and time.

Started by `reading.Reading` as `python -m trivet_search.reader`; takes a path a line, as JSON, and answers each with
a line of JSON: a Document, or a text that says why there is none.
"""

import resource
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import IO

import msgspec

from trivet_search.document import Document, Unreadable

MEMORY = 2 << 30
"""Bytes of address space."""
UNPACKED = 100 << 20
"""Bytes of a DOCX file's text as XML."""
CHARACTERS = 20_000_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_pdf(path: Path) -> Document:
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(path)  # type: ignore[no-untyped-call]
    except pypdfium2.PdfiumError as error:
        reason = (
            "it is locked by a password" if "password" in str(error).casefold() else "it is no PDF that can be read"
        )
        raise Unreadable(reason) from None
    lines: list[str] = []
    places: list[int] = []
    size = 0
    for number in range(len(pdf)):
        try:
            page = pdf[number]
            text = page.get_textpage().get_text_bounded()
            page.close()
        except pypdfium2.PdfiumError:
            continue  # one broken page costs nothing but itself
        for line in text.splitlines():
            lines.append(line.replace("￾", "").replace("\0", ""))
            places.append(number + 1)
        size += len(text)
        if size > CHARACTERS:
            raise Unreadable(f"it holds more than {CHARACTERS:,} characters")
    if not size:
        raise Unreadable("it holds no text; perhaps its pages are pictures")
    return Document(text="".join(f"{line}\n" for line in lines), unit="page", places=tuple(places))


def read_docx(path: Path) -> Document:
    try:
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo("word/document.xml")
            if entry.file_size > UNPACKED:
                raise Unreadable(f"its text unpacks to {entry.file_size:,} bytes, which is more than {UNPACKED:,}")
            with archive.open(entry) as head:
                if b"<!DOCTYPE" in head.read(4096):
                    raise Unreadable("its XML declares entities, which Word never does")
            with archive.open(entry) as source:
                return _paragraphs(source)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, EOFError, RuntimeError) as error:
        raise Unreadable(f"it is no DOCX file that can be read: {str(error).strip(chr(34))}") from None


def _paragraphs(source: IO[bytes]) -> Document:
    lines: list[str] = []
    places: list[int] = []
    headings: dict[int, tuple[int, str]] = {}
    number = size = 0
    for _, element in ElementTree.iterparse(source, events=("end",)):
        if element.tag != f"{_W}p":
            continue
        number += 1
        text = "".join(_said(piece) for piece in element.iter()).strip()
        style = element.find(f"{_W}pPr/{_W}pStyle")
        element.clear()
        if not text:
            continue
        for line in text.split("\n"):
            lines.append(line)
            places.append(number)
        if style is not None and (level := _level(style.get(f"{_W}val", ""))):
            headings[len(lines) - 1] = (level, text.replace("\n", " "))
        size += len(text)
        if size > CHARACTERS:
            raise Unreadable(f"it holds more than {CHARACTERS:,} characters")
        lines.append("")
        places.append(number)
    if not size:
        raise Unreadable("it holds no text")
    text = "".join(f"{line}\n" for line in lines)
    return Document(text=text, unit="paragraph", places=tuple(places), headings=headings)


def _said(piece: ElementTree.Element) -> str:
    if piece.tag == f"{_W}t":
        return piece.text or ""
    return {f"{_W}tab": "\t", f"{_W}br": "\n"}.get(piece.tag, "")


def _level(style: str) -> int:
    """Of `Heading2`, `heading 2`, `berschrift2`, `2`, `Title`; 0 for any other style."""
    if style.casefold() in ("title", "titel", "标题"):
        return 1
    name = style.casefold().replace(" ", "")
    return (
        int(name[-1])
        if name[-1:].isdigit() and name[:-1] in ("heading", "berschrift", "überschrift", "titre", "")
        else 0
    )


_READERS = {".pdf": read_pdf, ".docx": read_docx}


def read(path: Path) -> Document | str:
    try:
        return _READERS[path.suffix.casefold()](path)
    except Unreadable as reason:
        return str(reason)
    except MemoryError:
        return "it needs more memory than a document may take"
    except Exception as error:  # a library's own kinds, about a file that anyone may have made
        return f"it cannot be read: {type(error).__name__}: {error}"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    for line in sys.stdin.buffer:
        answer = read(Path(msgspec.json.decode(line, type=str)))
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
