"""A page as text: Markdown of HTML, the text of a PDF, JSON with its value."""

import re
from typing import Literal, TypeAlias

import msgspec

from trivet_sdk import Json, ToolError
from trivet_web.charset import text_of
from trivet_web.parser import parsed
from trivet_web.parsing import Task
from trivet_web.plain_text import plain
from trivet_web.values import value_of
from trivet_web.visitor import Page

MAX_VALUE = 200_000  # bytes of a document that is handed on as a value

Kind: TypeAlias = Literal["html", "pdf", "json", "text"]

_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*(?:<!doctype\s+html|<html|<head|<body)", re.IGNORECASE)
_TEXTS = tuple(f"application/{kind}" for kind in "xml javascript x-yaml yaml toml sql".split())


class Document(msgspec.Struct, frozen=True):
    kind: Kind
    text: str
    title: str = ""
    encoding: str = ""
    pages: int = 0
    links: tuple[tuple[str, str], ...] = ()
    value: Json = None
    """Of a JSON document; of a text that holds rows or settings, if it is no larger than `MAX_VALUE`."""


async def document_of(page: Page) -> Document:
    """Raises ToolError if the page holds no text that can be read."""
    kind = kind_of(page.content_type, page.content)
    charset = _CHARSET.search(page.content_type)
    declared = charset[1] if charset else ""
    match kind:
        case "pdf":
            found = await parsed(Task("pdf", page.url, content=page.content))
            return Document("pdf", plain(found.text), plain(found.title), pages=found.pages)
        case "html":
            decoded = text_of(page.content, declared, is_markup=True)
            found = await parsed(Task("html", page.url, text=decoded.text))
            return Document("html", plain(found.text), plain(found.title), decoded.encoding, links=found.links)
        case "json":
            return _json(page, declared)
        case "text":
            decoded = text_of(page.content, declared)
            value = value_of(decoded.text, page.url, page.content_type) if len(page.content) <= MAX_VALUE else None
            return Document("text", plain(decoded.text), encoding=decoded.encoding, value=value)
        case None:
            media = page.content_type.partition(";")[0].strip() or "something unknown"
            media = media if re.fullmatch(r"[\w.+/-]{1,60}", media, re.ASCII) else "something unknown"
            raise ToolError(f"{page.url} is {media}, no text. web.download saves it as a file.")


def kind_of(content_type: str, content: bytes) -> Kind | None:
    """Told from the header, and from the first bytes where that says nothing or cannot be true."""
    media = content_type.partition(";")[0].strip().lower()
    if content.startswith(b"%PDF-"):
        return "pdf"
    if media in ("text/html", "application/xhtml+xml"):
        return "html"
    if media == "application/json" or media.endswith("+json"):
        return "json"
    if media.startswith("text/") or media in _TEXTS or media.endswith("+xml"):
        return "text"
    if media in ("", "application/octet-stream", "binary/octet-stream", "application/unknown"):
        if _MARKUP.match(content[:1000]):
            return "html"
        head = content[:4000]
        return "text" if head and b"\0" not in head and _is_utf8(head) else None
    return None


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # the cut went through a character
    return True


def _json(page: Page, declared: str) -> Document:
    decoded = text_of(page.content, declared or "utf-8")
    try:
        value = msgspec.json.decode(decoded.text)
        text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError, ValueError):
        return Document("text", plain(decoded.text), encoding=decoded.encoding)
    return Document("json", plain(text), encoding=decoded.encoding, value=value)
