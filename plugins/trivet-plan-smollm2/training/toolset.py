"""The default tools as the planner is shown them: names and arguments are fixed, summaries come in several wordings."""

import json
from pathlib import Path
from random import Random
from typing import Any

SPAN = {"type": "string", "format": "span"}
FILE = {"type": "string", "format": "workspace-path"}
COLUMN = {"type": "string", "format": "column"}
DATE = {"type": "string", "format": "date"}


def slim(schema: Any) -> Any:
    """The schema without what the prompt never shows: descriptions, defaults, all alternatives but the first."""
    if isinstance(schema, list):
        return [slim(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        return slim(schema["anyOf"][0])
    return {
        key: slim(value)
        for key, value in schema.items()
        if key not in ("description", "default", "title", "items") or (isinstance(value, dict) and key == "items")
    }


PARAMETERS: dict[str, dict[str, Any]] = {
    name: slim(parameters)
    for name, parameters in json.loads(Path(__file__).with_name("specs.json").read_text("utf-8")).items()
}

SUMMARIES: dict[str, tuple[str, ...]] = {
    "files.list": ("List the files of the workspace or of a folder, with their size and kind.", "List files", "List the files of a folder", "Which files there are", "Show the names of files"),
    "files.find": ("Find the passages that best match the words of a question, in all documents or in one file.", "Find passages in text files", "Search the words of text files", "Find where files speak of something",
                   "Look for passages that match words"),
    "files.read": ("Read a text file, whatever its encoding, or some of its lines.", "Read a file's text", "Show the text of a file", "Return what a text file says", "Read a text file"),
    "files.write": ("Write a text file in UTF-8; missing folders are made.", "Write text to a file", "Save a text as a file", "Write a text file", "Store text in a new file"),
    "files.summarize": ("Summarize a document in its own most telling sentences.", "Summarize a text file", "Pick the main sentences of a file", "Shorten a file to its main points"),
    "table.describe": ("Tell a table's columns, their types and typical values, and how many rows it has.", "Columns of a table", "Describe a table's columns", "Show columns, types and number of rows"),
    "table.select": ("Get rows of a table: those that meet the conditions, sorted, with the columns that matter.", "Select rows of a table", "Filter, sort and list rows", "Rows that match conditions, sorted",
                     "Look up rows and cells of a table"),
    "table.aggregate": ("Count rows, or take the sum, mean, min, max or median of a column, as a whole or for each group.", "Aggregate a column, by group if asked", "Count, add up or average a column",
                        "Count rows or compute a figure over a column", "Figures over rows, also per group"),
    "table.compare": ("Compare two groups of a table: the figure of each, the difference, and which is larger.", "Compare two groups of a table", "Compare a figure between two values of a column"),
    "table.write": ("Write rows to a file, as CSV, TSV, JSON, JSON Lines, Parquet or a Markdown table, by its suffix.", "Write rows to a table file", "Save rows as a table file", "Write a table file"),
    "table.convert": ("Write a table file in another format, told by the suffix of the new file.", "Convert a table file to another format", "Write a table file in another format"),
    "table.join": ("Put two tables side by side where a column of each has the same value, and get rows of the result.", "Join two tables", "Join two tables on a column", "Combine rows of two tables"),
    "table.sql": ("Answer a read-only SQL query over table files.", "Run a read-only SQL query over tables", "Query tables with SQL"),
    "calculate.evaluate": ("Work out an arithmetic expression.", "Evaluate an arithmetic expression", "Do arithmetic", "Compute an expression"),
    "calculate.convert": ("Convert a quantity into another unit.", "Convert between units", "Turn a value into another unit", "Unit conversion"),
    "calculate.days_between": ("Count the days from one date to another.", "Days between two dates", "Count the days from one date to another"),
    "calculate.add_to_date": ("Find the date so many days, weeks, months or years after another one.", "Add time to a date", "Date some days, weeks, months or years later"),
    "calculate.weekday": ("Tell which day of the week a date is.", "Weekday of a date", "Which day of the week a date is"),
}  # fmt: skip


def spec(name: str, rng: Random) -> dict[str, Any]:
    """The tool as one context shows it, with one of its summaries."""
    wordings = SUMMARIES[name]
    summary = wordings[0] if rng.random() < 0.6 else rng.choice(wordings)
    return {"name": name, "summary": summary, "parameters": PARAMETERS[name]}
