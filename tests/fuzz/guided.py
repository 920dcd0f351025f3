"""One of our own parsers under atheris, which changes inputs by the branches that they reach.

    python -m tests.fuzz.guided TARGET -max_total_time=60 [FOLDER OF INPUTS]

Ends with another status than 0 at the first input that breaks the parser, which it then leaves in this folder. Options are
libFuzzer's.
"""

import importlib
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

atheris: Any = importlib.import_module("atheris")  # optional, and it ships no types

with atheris.instrument_imports(include=["trivet_search", "trivet_table", "trivet_web", "trivet_sdk.decoding"]):
    from trivet_sdk import ToolError
    from trivet_sdk.decoding import decode
    from trivet_search.cutting import passages_of
    from trivet_search.document import Unreadable
    from trivet_search.reading import Reading
    from trivet_table.delimited import NotATable, read_delimited
    from trivet_table.documents import read_document
    from trivet_table.logs import looks_like_log, read_log
    from trivet_table.markdown import read_markdown
    from trivet_table.records import read_json, read_json_lines, records_of, rows_in
    from trivet_web.charset import text_of
    from trivet_web.location import location_of
    from trivet_web.robots import _parsed
    from trivet_web.settings import Settings


def cut(suffix: str) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        reading = Reading(largest=1_000_000, is_cancelled=lambda: False)
        with suppress(Unreadable):
            document = reading.document(f"x{suffix}", content)
            for passage in passages_of(document):
                assert passage.text == document.text[passage.start : passage.end]

    return check


def table(read: Callable[[str], Any]) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        with suppress(NotATable):
            read(decode(content).text)

    return check


def log(text: str) -> None:
    if looks_like_log(text):
        read_log(text)


def address(content: bytes) -> None:
    with suppress(ToolError):
        found = location_of(content.decode("utf-8", "replace"), Settings())
        assert location_of(found.url, Settings()) == found


def rules(content: bytes) -> None:
    rules, _, path = content.partition(b"\0")
    _parsed(rules).can_fetch(f"http://x/{path.decode('utf-8', 'replace')}", "trivet")


def charset(content: bytes) -> None:
    text_of(content, "", is_markup=True).text.encode()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "markdown": cut(".md"),
    "code": cut(".py"),
    "html": cut(".html"),
    "mail": cut(".eml"),
    "mailbox": cut(".mbox"),
    "csv": table(read_delimited),
    "json": table(read_json),
    "json-lines": table(read_json_lines),
    "yaml": table(lambda text: records_of(rows_in(read_document(text, ".yaml")))),
    "markdown-table": table(read_markdown),
    "log": table(log),
    "charset": charset,
    "address": address,
    "robots": rules,
}


def main() -> None:
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
