"""Does a plan use what the goal says? A file, number, date, quotation or value that is said and not used is a sign that the
model misread the goal; such a plan is not run.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from trivet_plan_smollm2.grounding import content_score, mentioned, new_paths
from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.requests.wishes import (
    uncomposed,
    undiscounted,
    unsummarised,
    untimed,
    without_names,
    years_reckoned,
)
from trivet_plan_smollm2.tables.other_units import unconverted
from trivet_plan_smollm2.tables.per_piece import grouped_by_pieces
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.cues import unheard_bounds, unheard_functions
from trivet_plan_smollm2.words.measures import measures_said
from trivet_plan_smollm2.words.periods import periods_in, relative
from trivet_plan_smollm2.words.similarity import STOP, stem_words
from trivet_plan_smollm2.words.spans import NUMBER_WORDS, Spans, has_cjk
from trivet_plan_smollm2.words.units import told_otherwise, unit_of
from trivet_sdk.plan import refs_in

SMALL = frozenset({"zero", "one", "hundred", "thousand"})
"""Number words that seldom are a number of the matter, or only a part of one."""


def unused(goal: Spans, calls: Sequence[Call], files: Sequence[FileCard], listing: Sequence[str]) -> list[str]:
    """What the goal says and the plan does not use, each as a few words; empty if all is used."""
    text = "\n".join(text for call in calls for text in strings_in(call.arguments)).lower()
    matter = [value for call in calls for value in without_paths(call, listing, goal)]
    words = "\n".join(text for text in strings_in(matter)).lower()
    numbers = set(numbers_in(matter))
    missing = [f"file {name}" for name, paths in by_name(mentioned(goal, listing)).items() if not used(paths, text)]
    missing += [f"new file {path}" for path in new_paths(goal, listing) if path.lower() not in text]
    missing += [f"'{quoted}'" for quoted in goal.quoted if quoted.lower() not in text and quoted not in goal.paths]
    for digits in goal.digits:
        is_period = any(digits in period for period in (*goal.dates, *goal.periods))
        is_told = bool(numbers & in_other_units(digits, goal.goal))
        if float(digits) not in numbers and digits not in words and not is_period and not is_told:
            missing.append(f"number {digits}")
    missing += [
        f"number {word}"
        for word in goal.number_words
        if word not in SMALL and NUMBER_WORDS[word] not in numbers and not numbers & in_other_units(word, goal.goal)
    ]
    missing += [f"date {day}" for day in goal.dates if day not in words]
    missing += [
        f"period {period}"
        for period in goal.periods
        if period not in words
        and not (len(period) == 4 and float(period) in numbers)
        and not in_dates(period, goal, text)
    ]
    missing += [
        f"period {goal.goal[each.start : each.end]}"
        for each in periods_in(without_names(goal))
        if each.value.startswith("-") and each.value not in words and uses_rows(calls)
    ]
    if (when := relative(goal.goal)) and uses_rows(calls):
        missing.append(f"the time '{when}'")
    if new_paths(goal, listing):
        missing += [f"the column {name}" for name in columns_said(goal.goal) if name.lower() not in words]
    touched = {path for path in listing if path.lower() in text}
    said = said_values(goal, [card for card in files if card.path in touched])
    missing += [f"value '{value}'" for value in said if value.lower() not in words]
    return [
        *missing,
        *unheard_functions(goal, calls),
        *dangling(calls),
        *narrowed_groups(calls),
        *misfits(calls, files),
        *unheard_bounds(goal, calls),
        *beside_the_matter(goal, calls, files),
        *unsummarised(goal, calls),
        *untimed(goal, calls, files),
        *uncomposed(goal, calls),
        *undiscounted(goal, calls),
        *years_reckoned(goal, calls),
        *unconverted(goal, calls, files),
        *grouped_by_pieces(goal, calls, files),
        *hours_of_days(calls, files),
        *neglected(goal, calls, files, listing),
    ]


def columns_said(goal: str) -> list[str]:
    """Those that a file shall have and that are no words of everyday, as in `columns stand, hives, descending`."""
    return [name for name in columns_listed(goal) if name.lower() not in lexicon.GENERIC | STOP]


def columns_listed(goal: str) -> list[str]:
    """Not what stands behind them of their order: `, biggest on top`."""
    name = r"(?!\w+est (?:first|on top|at (?:the )?top|last|to|down)\b)\w+"
    match = re.search(rf"\bcolumns?:?\s+(\w+(?:(?:,\s*(?:and\s+)?|\s+and\s+){name})*)", goal, re.IGNORECASE)
    return re.split(r",\s*(?:and\s+)?|\s+and\s+", match[1]) if match else []


def in_other_units(written: str, goal: str) -> set[float]:
    """What the number is in the other units of its kind: 120 of `two hours`, for a column of minutes."""
    unit = re.search(rf"(?<![\w.]){re.escape(written)}\s*([^\W\d_]+)", goal, re.IGNORECASE)
    number = NUMBER_WORDS.get(written.lower(), None) if not written[0].isdigit() else float(written)
    return told_otherwise(number, unit_of(unit[1])) if unit and number is not None else set()


def uses_rows(calls: Sequence[Call]) -> bool:
    return any("path" in call.arguments and {"where", "function", "columns"} & call.arguments.keys() for call in calls)


def neglected(goal: Spans, calls: Sequence[Call], files: Sequence[FileCard], listing: Sequence[str]) -> list[str]:
    """Columns of the used tables that the goal calls by their whole name, and a file whose name it says in words, where no
    call makes use of them."""
    text = "\n".join(text for call in calls for text in strings_in(call.arguments)).lower()
    found = []
    for card in (card for card in files if card.columns and card.path.lower() in text):
        for column in card.columns:
            name = column.name.lower()
            said = re.sub(r"[_\-]+", " ", name)
            if has_cjk(name) and len(name) > 1 and name in goal.goal and name not in text:
                other = any(name in each.name for each in card.columns if each is not column)
                found += [] if other or name in card.path else [f"the column {column.name}"]
                continue
            if column.distinct is not None and column.distinct == card.rows:
                continue  # what the rows are called
            is_telling = len(said) >= 4 and said not in lexicon.GENERIC | STOP
            is_used = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
            if is_telling and not is_used and re.search(rf"(?<!\w){re.escape(said)}(?!\w)", goal.goal.lower()):
                found.append(f"the column {column.name}")
    words = set(stem_words(goal.goal))
    for path in () if mentioned(goal, listing) else listing:
        stems = set(stem_words(re.sub(r"[_\-./]+", " ", path.rpartition("/")[2].rpartition(".")[0])))
        if len(stems) >= 2 and stems <= words and path.lower() not in text and "path" in str(calls):
            found.append(f"file {path}")
    return found


def beside_the_matter(goal: Spans, calls: Sequence[Call], files: Sequence[FileCard]) -> list[str]:
    """Tables whose columns or values the goal names, where the plan looks at nothing: it tells a day's weekday, say."""
    if any({"path", "query", "expression"} & call.arguments.keys() for call in calls):
        return []
    return [f"the table {card.path}" for card in files if content_score(goal, card) >= 1]


def without_paths(call: Call, listing: Sequence[str], goal: Spans) -> list[Any]:
    """The call's arguments but for the names of files, whose words and numbers are not the matter."""
    files = {*listing, *new_paths(goal, listing)}
    return [value for value in call.arguments.values() if not (isinstance(value, str) and value in files)]


def narrowed_groups(calls: Sequence[Call]) -> list[str]:
    """Calls that group by a column of which they keep one value only: one of the two was misread."""
    return [
        f"the groups of {call.arguments['group_by']}"
        for call in calls
        for condition in call.arguments.get("where") or ()
        if condition.get("column") == call.arguments.get("group_by") and condition.get("op") == "="
    ]


def misfits(calls: Sequence[Call], files: Sequence[FileCard]) -> list[str]:
    """Calls that ask a column for what it cannot tell: a mean of words, a comparison with what is none of its values, the
    very column that a condition has fixed."""
    columns = {(card.path, column.name): column for card in files for column in card.columns}
    found = []
    for call in calls:
        path = str(call.arguments.get("path", ""))
        computed = columns.get((path, str(call.arguments.get("column", ""))))
        if computed and call.arguments.get("function") in ("mean", "sum", "median") and computed.type == "text":
            found.append(f"a {call.arguments['function']} of {computed.name}")
        told_apart = columns.get((path, str(call.arguments.get("by", ""))))
        sides = [str(call.arguments[name]).lower() for name in ("first", "second") if name in call.arguments]
        if call.arguments.get("function") == "count" and "group_by" not in call.arguments:
            found += [f"a count of {name}" for name in uncountable(call, path, files)]
        if told_apart and (len(set(sides)) < len(sides) or not all(is_value(side, told_apart) for side in sides)):
            found.append(f"a comparison by {told_apart.name}")
        fixed = {test.get("column") for test in call.arguments.get("where") or () if test.get("op") == "="}
        chosen = call.arguments.get("columns") or ()
        if chosen and set(chosen) <= fixed:
            found.append(f"the column {chosen[0]}")
    return found


def hours_of_days(calls: Sequence[Call], files: Sequence[FileCard]) -> list[str]:
    """Groups by the hour of a column that has days only: `km per hour` is a speed there."""
    days = {(card.path, f"{c.name}.hour") for card in files for c in card.columns if c.type == "date"}
    return [
        "the hours of whole days"
        for call in calls
        if (str(call.arguments.get("path")), str(call.arguments.get("group_by"))) in days
    ]


def uncountable(call: Call, path: str, files: Sequence[FileCard]) -> list[str]:
    """Counts that say nothing: the rows of a file that is one record, such as settings; the rows that bear a key."""
    card = next((card for card in files if card.path == path), None)
    if card is None or card.rows is None or not card.columns:
        return []
    if card.rows == 1:
        return ["the one record"]
    keys = {column.name for column in card.columns if column.distinct is not None and column.distinct == card.rows}
    moments = {column.name for column in card.columns if column.type == "datetime"}
    fixed = [
        str(test["column"])
        for test in call.arguments.get("where") or ()
        if test.get("op") == "="
        and not re.fullmatch(r"\d{4}(?:-\d\d)?", str(test.get("value")))  # of a month, not of one row
        and not (test["column"] in moments and len(str(test.get("value"))) == len("2024-05-01"))
    ]
    return [name for name in fixed if name in keys]


def is_value(text: str, column: Column) -> bool:
    if column.type != "text" or column.distinct is None or column.distinct > len(column.examples):
        return column.type in ("text", "boolean")
    return text in {str(value).lower() for value in column.examples}


def by_name(paths: Sequence[str]) -> dict[str, list[str]]:
    """Paths by their last part: `a/x.csv` and `b/x.csv` are one file to who says x.csv."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(path.rpartition("/")[2], []).append(path)
    return found


def used(paths: Sequence[str], text: str) -> bool:
    return any(path.lower() in text for path in paths)


def in_dates(period: str, goal: Spans, text: str) -> bool:
    """Whether the period is only a part of a whole date, or a month that a used file bears in its name."""
    return (len(period) == 7 and period in text) or any(day.startswith(period) for day in goal.dates)


def dangling(calls: Sequence[Call]) -> list[str]:
    """Earlier calls whose results no later call uses: a plan that falls apart was not understood."""
    refs = {ref.step for call in calls for ref in refs_in(call.arguments)}
    return [f"the result of {call.tool}" for place, call in enumerate(calls[:-1], 1) if f"s{place}" not in refs]


def said_values(goal: Spans, files: Sequence[FileCard]) -> Iterator[str]:
    """Values of text columns that stand in the goal, in whatever number, and are not also the name of a column or a file."""
    names = {word for card in files for column in card.columns for word in stem_words(column.name)}
    names |= {word for card in files for word in stem_words(re.sub(r"[_\-./]+", " ", card.path))}
    seen: set[str] = set()
    for card in files:
        text = goal.goal.lower()
        for match in measures_said(text, card.columns):
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
        said = set(stem_words(text))
        for column in card.columns:
            if column.type != "text":
                continue
            for value in column.examples:
                if not isinstance(value, str) or len(value) < 3 or value.lower() in seen:
                    continue
                stems = set(stem_words(value))
                is_whole = re.search(rf"(?<!\w){re.escape(value.lower())}(?!\w)", text) is not None
                is_stem = len(stems) == 1 and len(value) >= 4 and stems <= said
                if (is_whole or is_stem) and not stems & names:
                    seen.add(value.lower())
                    yield value


def invented(goal: Spans, calls: Sequence[Call]) -> list[str]:
    """Numbers in expressions that neither the goal nor everyday arithmetic (0, 1, 2, 100) holds."""
    known = {abs(number) for number in goal.numbers} | {0.0, 1.0, 2.0, 100.0}
    known |= (
        {number / 100 for number in known}
        | {1 + number / 100 for number in known}
        | {1 - number / 100 for number in known}
    )
    found = []
    for call in calls:
        expression = call.arguments.get("expression")
        if isinstance(expression, str):
            for digits in re.findall(r"\d+(?:\.\d+)?", expression):
                if not any(abs(float(digits) - abs(number)) < 1e-9 for number in known):
                    found.append(f"number {digits}")
    return found


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_in(inner)


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield float(value)
    elif isinstance(value, str):
        yield from (float(digits) for digits in re.findall(r"\d+(?:\.\d+)?", value))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from numbers_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner)
