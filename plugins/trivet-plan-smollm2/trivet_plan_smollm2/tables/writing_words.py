"""Words that say that something shall be written, and as what: `create …`, `turn … into a CSV file`, `as a list of records`."""

import re

from trivet_plan_smollm2.words.spans import Spans

_START = r"(?:^|[.!?;:,]\s+|\b(?:and|then|please|you|to|just)\s+)"
_MAKING = re.compile(
    rf"{_START}(?P<said>create|make|produce|generate|build|prepare|compile|draw up|turn|convert|transform|change|rewrite|copy"
    r"|transfer|dump|filter)(?!\w)",
    re.IGNORECASE,
)
_FORM = r"(?:csv|tsv|json(?: lines)?|jsonl|parquet|markdown|plain text|text|excel|spreadsheet|comma[ -]separated(?: values)?)"
_AS = re.compile(
    rf"(?<!\w)(?:(?:into|to|as|in|an?|the|of|it)\s+)+(?:new\s+)?{_FORM}(?:\s+(?:file|table|format|document|list|array|records))*(?!\w)"
    rf"|(?<!\w){_FORM}\s+(?:file|table|format|document|version)(?!\w)"
    r"|(?<!\w)as (?:a )?(?:table|list|file|(?:list|array) of (?:records|objects|rows))(?!\w)"
    r"|,?\s*(?:with (?:a )?header(?: row)?|including (?:a |the )?header(?: row)?)(?!\w)",
    re.IGNORECASE,
)


def writing_words(goal: Spans, text: str, read: str) -> list[tuple[int, int]]:
    """Where in `text` they stand; none if the goal names no file but `read`, the one that is read."""
    if not any(path != read and not read.endswith(f"/{path}") for path in goal.paths):
        return []
    return [match.span("said") for match in _MAKING.finditer(text)] + [match.span() for match in _AS.finditer(text)]
