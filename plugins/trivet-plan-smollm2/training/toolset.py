"""The default tools as the planner is shown them: names and arguments are fixed, summaries come in several wordings."""

from collections.abc import Mapping
from random import Random
from typing import Any

FUNCTIONS = ("count", "sum", "mean", "min", "max", "median", "distinct")
WHERE: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
TEXT = {"type": "string"}
SPAN = {"type": "string", "format": "span"}
FILE = {"type": "string", "format": "workspace-path"}
FOLDER = {"type": "string", "format": "workspace-folder"}
NEW = {"type": "string", "format": "new-path"}
COLUMN = {"type": "string", "format": "column"}
COLUMNS = {"type": "array", "items": COLUMN}
FLAG = {"type": "boolean"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
DATE = {"type": "string", "format": "date"}
UNIT = {"type": "string", "format": "unit"}
FUNCTION = {"type": "string", "enum": list(FUNCTIONS)}


def schema(required: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON Schema object; `required` names are separated by spaces."""
    return {"type": "object", "properties": dict(properties), "required": required.split()}


PARAMETERS: dict[str, dict[str, Any]] = {
    "files.list": schema("", folder=FOLDER, pattern=TEXT),
    "files.find": schema("query", query=SPAN, path=FILE, limit=WHOLE),
    "files.read": schema("path", path=FILE, start_line=WHOLE, lines=WHOLE),
    "files.write": schema("path text", path=NEW, text=TEXT, overwrite=FLAG),
    "files.summarize": schema("path", path=FILE, max_characters=WHOLE),
    "table.describe": schema("path", path=FILE),
    "table.select": schema(
        "path", path=FILE, columns=COLUMNS, where=WHERE, sort_by=COLUMN, descending=FLAG, limit=WHOLE, distinct=FLAG
    ),
    "table.aggregate": schema(
        "path function", path=FILE, function=FUNCTION, column=COLUMN, group_by=COLUMN, where=WHERE, descending=FLAG,
        limit=WHOLE,
    ),
    "table.compare": schema(
        "path function by first second", path=FILE, function=FUNCTION, column=COLUMN, by=COLUMN, first=TEXT, second=TEXT,
        where=WHERE,
    ),
    "table.write": schema("rows path", rows={"type": "array"}, path=NEW, columns=COLUMNS),
    "table.convert": schema("path to", path=FILE, to=NEW),
    "table.join": schema(
        "path other on", path=FILE, other=FILE, on=COLUMN, other_on=COLUMN, columns=COLUMNS, where=WHERE, sort_by=COLUMN,
        descending=FLAG, limit=WHOLE,
    ),
    "table.sql": schema("query paths", query=TEXT, paths={"type": "array", "items": FILE}),
    "calculate.evaluate": schema("expression", expression=TEXT, values={"type": "object"}),
    "calculate.convert": schema("value unit to", value=NUMBER, unit=UNIT, to=UNIT),
    "calculate.days_between": schema("start end", start=DATE, end=DATE),
    "calculate.add_to_date": schema(
        "start amount unit", start=DATE, amount=WHOLE,
        unit={"type": "string", "enum": ["days", "weeks", "months", "years"]},
    ),
    "calculate.weekday": schema("day", day=DATE),
}  # fmt: skip

SUMMARIES: dict[str, tuple[str, ...]] = {
    "files.list": ("List files", "List the files of a folder", "Which files there are", "Show the names of files"),
    "files.find": ("Find passages in text files", "Search the words of text files", "Find where files speak of something",
                   "Look for passages that match words"),
    "files.read": ("Read a file's text", "Show the text of a file", "Return what a text file says", "Read a text file"),
    "files.write": ("Write text to a file", "Save a text as a file", "Write a text file", "Store text in a new file"),
    "files.summarize": ("Summarize a text file", "Pick the main sentences of a file", "Shorten a file to its main points"),
    "table.describe": ("Columns of a table", "Describe a table's columns", "Show columns, types and number of rows"),
    "table.select": ("Select rows of a table", "Filter, sort and list rows", "Rows that match conditions, sorted",
                     "Look up rows and cells of a table"),
    "table.aggregate": ("Aggregate a column, by group if asked", "Count, add up or average a column",
                        "Count rows or compute a figure over a column", "Figures over rows, also per group"),
    "table.compare": ("Compare two groups of a table", "Compare a figure between two values of a column"),
    "table.write": ("Write rows to a table file", "Save rows as a table file", "Write a table file"),
    "table.convert": ("Convert a table file to another format", "Write a table file in another format"),
    "table.join": ("Join two tables", "Join two tables on a column", "Combine rows of two tables"),
    "table.sql": ("Run a read-only SQL query over tables", "Query tables with SQL"),
    "calculate.evaluate": ("Evaluate an arithmetic expression", "Do arithmetic", "Compute an expression"),
    "calculate.convert": ("Convert between units", "Turn a value into another unit", "Unit conversion"),
    "calculate.days_between": ("Days between two dates", "Count the days from one date to another"),
    "calculate.add_to_date": ("Add time to a date", "Date some days, weeks, months or years later"),
    "calculate.weekday": ("Weekday of a date", "Which day of the week a date is"),
}  # fmt: skip


def spec(name: str, rng: Random) -> dict[str, Any]:
    """The tool as one context shows it, with one of its summaries."""
    wordings = SUMMARIES[name]
    summary = wordings[0] if rng.random() < 0.4 else rng.choice(wordings)
    return {"name": name, "summary": summary, "parameters": PARAMETERS[name]}
