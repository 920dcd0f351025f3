"""A folder of the project as a site on this machine, for plugins whose tools talk to a server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from ..plan import Json
from .given import Given


@contextmanager
def served(given: Given) -> Iterator[Given]:
    """The same with `{site}` filled in and nothing left to serve; the site is open for as long as the block lasts."""
    if not given.site:
        yield given
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=given.site)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield msgspec.structs.replace(
                given, samples=_filled(given.samples, address), settings=_filled(given.settings, address), site=""
            )
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """What is printed belongs to the report."""


def _filled(value: Json, address: str) -> Any:
    match value:
        case dict():
            return {name: _filled(each, address) for name, each in value.items()}
        case list():
            return [_filled(each, address) for each in value]
        case str():
            return value.replace("{site}", address)
        case _:
            return value
