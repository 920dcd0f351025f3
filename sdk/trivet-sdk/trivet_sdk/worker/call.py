"""What a tool in a worker holds during one call: fulfils `ToolContext`."""

import itertools
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import anyio

from ..workspace import Workspace
from .channel import Channel
from .requests import GetBlob, Progress, PutBlob, ToolRequest

PIECE = 1024 * 1024
"""Bytes of a blob in one message."""


class RelayedBlobs:
    """Fulfils `trivet_sdk.tool.Blobs`; content goes in pieces, however large it is."""

    def __init__(self, channel: Channel, relay: int) -> None:
        self._channel = channel
        self._relay = relay
        self._uploads = itertools.count(1)

    async def put(self, content: bytes, media_type: str = "application/octet-stream") -> str:
        upload, end, blob = next(self._uploads), len(content), ""
        for start in range(0, max(end, 1), PIECE):
            piece = bytes(content[start : start + PIECE])
            is_last = start + PIECE >= end
            put = PutBlob(self._relay, upload, piece, is_last, media_type)
            blob = await self._channel.request("blobs.put", put, str)
        return blob

    async def get(self, blob: str) -> bytes:
        return b"".join([piece async for piece in self._channel.stream("blobs.get", GetBlob(self._relay, blob), bytes)])


class WorkerCall:
    def __init__(self, request: ToolRequest, channel: Channel) -> None:
        self.run = request.run
        self.step = request.step
        self.key = request.key
        self.blobs = RelayedBlobs(channel, request.relay)
        self.secrets: Mapping[str, str] = request.secrets
        self.typed_origins = request.typed_origins
        self.deadline = None if request.left is None else anyio.current_time() + request.left
        self.is_cancelled = False
        self._relay = request.relay
        self._channel = channel
        self._place = request

    @cached_property
    def workspace(self) -> Workspace:
        """Made when it is first asked for: to resolve its path costs as much as a short call."""
        place = self._place
        attachments = {name: Path(path) for name, path in place.attachments.items()}
        return Workspace(Path(place.workspace), attachments, place.sources, place.origins)

    def cancel(self) -> None:
        self.is_cancelled = True

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        if not self.is_cancelled:
            self._channel.note("progress", Progress(self._relay, done, total, message))
