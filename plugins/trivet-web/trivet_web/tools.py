"""The tools. Whatever comes back, text or complaint, is text from outside."""

import hashlib
from pathlib import PurePosixPath
from typing import Annotated, Any

import anyio
import anyio.to_thread
import msgspec
from msgspec import Meta

from trivet_sdk import Tool, ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import NewPath, Url
from trivet_sdk.origin import mark_origin
from trivet_sdk.provenance import untrusted
from trivet_web.document import MAX_VALUE, Document, document_of
from trivet_web.plain_text import plain
from trivet_web.reply import Reply, bounded
from trivet_web.visitor import Page, Visitor


def tools_of(visitor: Visitor) -> tuple[Tool, ...]:
    return (_fetch(visitor), _download(visitor))


def _fetch(visitor: Visitor) -> Tool:
    @tool(effect="pure", egress=True, untrusted_output=True)
    async def fetch(
        url: Url,
        ctx: ToolContext,
        start: Annotated[int, Meta(ge=0)] = 0,
        characters: Annotated[int, Meta(ge=100, le=200_000)] = 12_000,
        links: bool = False,
    ) -> ToolResult:
        """Read a web page, a JSON answer, a text or a PDF by its address.

        A page comes as Markdown with its links and tables, without menus and advertisements; a PDF page by page.

        Args:
            url: Where it is; https:// is supposed if nothing is said.
            start: Where in the text to begin, to go on with a long one.
            characters: How much of the text at most.
            links: List all links of the page, too, menus included.
        """
        page = await visitor.page(url, ctx.typed_origins)
        found = await document_of(page)
        return _read(page, found if links else msgspec.structs.replace(found, links=()), start, characters)

    return fetch


def _read(page: Page, document: Document, start: int, characters: int) -> ToolResult:
    text = document.text[start : start + characters]
    end = start + len(text)
    left = len(document.text) - end
    value: dict[str, Any] = {
        "url": page.url,
        "title": document.title,
        "kind": document.kind,
        "text": text,
        "start": start,
        "next": end if left > 0 else None,
        "characters": len(document.text),
        "encoding": document.encoding,
        "is_from_cache": page.is_kept,
    }
    if document.value is not None and len(page.content) <= MAX_VALUE:
        value["data"] = document.value
    if document.links:
        value["links"] = [{"text": plain(text), "url": plain(target)} for text, target in document.links]
    if document.pages:
        value["pages"] = document.pages
    said = text or (f"{page.url} has only {len(document.text)} characters." if start else f"{page.url} is empty.")
    if document.title and not start:
        said = f"{document.title}\n{page.url}\n\n{said}"
    if left > 0:
        said += f"\n… {left} more characters, from start = {end}"
    if document.links:
        said += "\n\nLinks:\n" + "\n".join(f"{link['text']}: {link['url']}" for link in value["links"])
    return untrusted(result(said, value))


def _download(visitor: Visitor) -> Tool:
    @tool(effect="idempotent", egress=True, untrusted_output=True)
    async def download(
        url: Url,
        path: NewPath,
        ctx: ToolContext,
        sha256: Annotated[str, Meta(pattern="^([0-9a-fA-F]{64})?$")] = "",
    ) -> ToolResult:
        """Download a file from the web into the workspace.

        Args:
            url: Where it is; https:// is supposed if nothing is said.
            path: The file to write; a file that is there already is replaced once all has arrived.
            sha256: The checksum it must have, if one is known; else nothing is written.
        """
        if path.endswith("/"):
            raise ToolError(f"'{path}' is a folder. Name the file to be written in it.")
        ctx.workspace.writable(path)  # nothing is loaded that could not be written
        async with visitor.download(url, ctx.typed_origins) as reply:
            size, digest = await _saved(reply, path, ctx, visitor.settings.download_max_bytes, sha256.lower())
        name = ctx.workspace.relative(ctx.workspace.writable(path))
        media = reply.headers.get("content-type", "").partition(";")[0].strip()[:100]
        value = {"path": name, "bytes": size, "sha256": digest, "content_type": media, "url": reply.location.url}
        text = f"saved {reply.location.url} as {name}, {size:,} bytes"
        return untrusted(result(text, value, artifacts=(name,)))

    return download


async def _saved(reply: Reply, path: str, ctx: ToolContext, most: int, wanted: str) -> tuple[int, str]:
    """Size and SHA-256 of what was written. Whatever breaks off, the file is then as it was."""
    announced = reply.headers.get("content-length", "")
    total = float(announced) if announced.isascii() and announced.isdigit() and len(announced) < 16 else None
    digest, size = hashlib.sha256(), 0
    writing = ctx.workspace.writing(path)
    file = await anyio.to_thread.run_sync(writing.__enter__)
    try:
        mark_origin(file, reply.location.url)
        async for piece in bounded(reply, most, "download_max_bytes"):
            digest.update(piece)
            size += len(piece)
            await anyio.to_thread.run_sync(file.write, piece)
            ctx.progress(size, total, f"downloading {PurePosixPath(path).name}")
        if wanted and digest.hexdigest() != wanted:
            raise ToolError(
                f"{reply.location.url} has the SHA-256 {digest.hexdigest()}, not the one that was given. Nothing was written."
            )
    except BaseException as error:  # cancellation too: what was begun must not stay
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(writing.__exit__, type(error), error, error.__traceback__)
        raise
    await anyio.to_thread.run_sync(writing.__exit__, None, None, None)
    return size, digest.hexdigest()
