"""What a tool holds during one call."""

import asyncio
import math
import threading
from collections.abc import Callable, Mapping

from trivet.journal.blobs import BlobStore
from trivet.journal.events import readable
from trivet_sdk.events import ToolProgressed
from trivet_sdk.tool import ToolCall
from trivet_sdk.workspace import Workspace


class CallContext:
    """Fulfils `trivet_sdk.ToolContext`."""

    def __init__(
        self,
        call: ToolCall,
        workspace: Workspace,
        blobs: BlobStore,
        secrets: Callable[[], Mapping[str, str]],
        deadline: float | None,
        tell: Callable[[ToolProgressed], None],
        typed_origins: tuple[str, ...] = (),
    ) -> None:
        self.run = call.run
        self.step = call.step
        self.key = call.key
        self.workspace = workspace
        self.blobs = blobs
        self._secrets = secrets
        self.deadline = deadline
        self.typed_origins = typed_origins
        self._tool = call.tool
        self._tell = tell
        self._cancelled = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    @property
    def secrets(self) -> Mapping[str, str]:
        return self._secrets()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        self._cancelled.set()

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        if self._cancelled.is_set():
            return
        told = ToolProgressed(
            step=self.step or None,
            tool=self._tool,
            done=_number(done) or 0.0,
            total=_number(total),
            message=readable(str(message)),
        )
        if threading.get_ident() == self._thread:
            self._tell(told)
        else:
            self._loop.call_soon_threadsafe(self._tell, told)


def _number(value: object) -> float | None:
    """A report of what is no number is not worth failing the call."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
