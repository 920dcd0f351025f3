"""Bring one file over HTTPS."""

import http.client
import threading
import urllib.error
import urllib.request
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from trivet.errors import WeightsError
from trivet.packages.wheel_download import Progress

CHUNK = 1 << 20
SILENCE = 30.0
"""Seconds without a byte after which a server is given up."""


def download(name: str, address: str, file: Path, size: int, progress: Progress, patience: float = SILENCE) -> None:
    """`name` is for sentences, `patience` the seconds until the answer must begin. Raises WeightsError."""
    try:
        with _answer(address, patience) as answer, file.open("wb") as written:
            total = size or int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(CHUNK):
                written.write(chunk)
                progress(written.tell(), total)
    except urllib.error.HTTPError as error:
        raise WeightsError(name, f"{address} answered {error.code} {error.reason}") from None
    except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise WeightsError(name, f"{address} cannot be reached: {reason}. Check the network and try again.") from None


def _answer(address: str, patience: float) -> Any:
    """Asked in a thread, since nothing else bounds the time in which a name is looked up."""
    request = urllib.request.Request(address, headers={"User-Agent": "trivet"})
    answers: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urllib.request.urlopen(request, timeout=SILENCE))
        except Exception as error:  # carried over to the thread that waits, which raises it
            answers.put(error)

    threading.Thread(target=ask, name="download", daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except Empty:
        raise TimeoutError(f"no answer within {patience:g} seconds") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
