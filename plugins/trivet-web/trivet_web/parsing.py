"""The side that parses what strangers wrote: run as a process of its own, which may be killed, and which can neither
write a file nor grow without bound.

In: a msgpack `Task`. Out: a msgpack `Parsed`. See `parser` for the other side.
"""

import copy
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

import msgspec

MEMORY = 2 * 1024**3
"""Bytes of address space."""
CPU_SECONDS = 20
MAX_PAGES = 2000
MAX_CHARACTERS = 5_000_000
MAX_LINKS = 500


class Task(msgspec.Struct, frozen=True):
    kind: str
    """`html` or `pdf`."""
    url: str
    text: str = ""
    content: bytes = b""


class Parsed(msgspec.Struct, frozen=True):
    text: str = ""
    title: str = ""
    pages: int = 0
    links: tuple[tuple[str, str], ...] = ()
    """Text and address of each link, in order."""
    failure: str = ""
    """What to tell, instead of the rest; it reads on after the address."""


def main() -> None:
    _limit()
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    sys.stdout.buffer.write(msgspec.msgpack.encode(understood(task)))


def understood(task: Task) -> Parsed:
    """Never raises."""
    try:
        return read_html(task.text, task.url) if task.kind == "html" else read_pdf(task.content)
    except MemoryError:
        return Parsed(failure="needs more memory to be read than it gets")
    except RecursionError:
        return Parsed(failure="is nested too deeply to be read")
    except Exception as error:  # a parser's own trouble with a stranger's bytes: the kind says enough
        return Parsed(failure=f"cannot be read as {task.kind.upper()} ({type(error).__name__})")


def _limit() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        with suppress(ValueError, OSError):  # macOS does not limit address space
            resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard),) * 2)


_HIDDEN = (
    "//*[@hidden]", "//*[@aria-hidden='true']", "//template", "//noscript",
    "//*[contains(translate(@style, ' ', ''), 'display:none')]", "//*[contains(translate(@style, ' ', ''), 'visibility:hidden')]",
    "//*[contains(translate(@style, ' ', ''), 'font-size:0')]", "//*[contains(translate(@style, ' ', ''), 'opacity:0;')]",
)  # fmt: skip
"""What a page keeps from its readers is kept from ours: such places are where orders to machines are put."""


def read_html(text: str, url: str) -> Parsed:
    """The main text as Markdown, with links and tables; all text where no main one is found."""
    import trafilatura
    from lxml import etree, html

    tree = trafilatura.load_html(text)
    if tree is None:
        return Parsed(failure="holds no text")
    for path in _HIDDEN:
        for element in tree.xpath(path):
            if element.getparent() is not None:
                element.drop_tree()
    etree.strip_elements(tree, etree.Comment, with_tail=False)
    titles = tree.xpath("//head/title//text()") or tree.xpath("//h1//text()")
    title = " ".join(" ".join(titles).split())
    whole: str = html.tostring(tree, encoding="unicode")  # type: ignore[no-untyped-call]
    found = trafilatura.extract(
        whole,
        url=url,
        output_format="markdown",
        include_links=True,
        include_tables=True,
        include_comments=False,
        favor_recall=True,
        config=_extraction(),
    )
    if not found:
        found = "\n".join(line for line in (" ".join(t.split()) for t in tree.itertext()) if line)
    return Parsed(found[:MAX_CHARACTERS], title[:300], links=tuple(_links(tree, url)))


def _extraction() -> Any:
    """A short page is no reason to give up on telling its text from its menus."""
    from trafilatura.settings import DEFAULT_CONFIG

    found = copy.deepcopy(DEFAULT_CONFIG)
    found["DEFAULT"].update({"MIN_EXTRACTED_SIZE": "10", "MIN_OUTPUT_SIZE": "1", "EXTRACTION_TIMEOUT": "0"})
    return found


def _links(tree: Any, url: str) -> Iterator[tuple[str, str]]:
    seen = set[str]()
    for element in tree.iter("a"):
        try:
            target = urljoin(url, element.get("href", "").strip()).partition("#")[0]
        except ValueError:
            continue
        text = " ".join("".join(element.itertext()).split())[:200]
        if text and target.startswith(("http://", "https://")) and len(target) < 2000 and target not in seen:
            seen.add(target)
            yield text, target
            if len(seen) == MAX_LINKS:
                return


def read_pdf(content: bytes) -> Parsed:
    """Page by page under a heading each."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(content)  # type: ignore[no-untyped-call]
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).casefold():
            return Parsed(failure="is a PDF that is locked with a password")
        raise
    texts: list[str] = []
    left = MAX_CHARACTERS
    for number in range(min(len(pdf), MAX_PAGES)):
        try:
            page = pdf[number]
            text = page.get_textpage().get_text_bounded()
            page.close()
        except pypdfium2.PdfiumError:
            continue  # one broken page costs nothing but itself
        text = "\n".join(text.replace("\ufffe", "").splitlines()).strip()[:left]
        left -= len(text)
        if text:
            texts.append(f"## Page {number + 1}\n\n{text}")
        if left <= 0:
            break
    if not texts:
        return Parsed(failure="is a PDF without text, perhaps of scanned pages")
    return Parsed("\n\n".join(texts), _title(pdf), len(pdf))


def _title(pdf: Any) -> str:
    return str(pdf.get_metadata_value("Title"))[:300]
