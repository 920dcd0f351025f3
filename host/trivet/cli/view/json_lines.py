"""One event a line on stdout, and nothing else there."""

import sys

import msgspec

from trivet.cli.screen import escaped_json
from trivet_sdk.events import Record


class JsonLines:
    def show(self, record: Record) -> None:
        sys.stdout.write(escaped_json(msgspec.json.encode(record.flat()).decode("utf-8")) + "\n")
        sys.stdout.flush()

    def pause(self) -> None:
        sys.stdout.flush()

    def resume(self) -> None:
        return

    def close(self) -> None:
        sys.stdout.flush()
