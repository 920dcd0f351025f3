"""Does a plan use what the goal says? A file, number, date, quotation or value that is said and not used is a sign that the
model misread the goal; such a plan is not run.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from trivet_sdk.plan import refs_in

from .grounding import mentioned, new_paths
from .prompt import Call, FileCard
from .similarity import stem_words
from .spans import NUMBER_WORDS, Spans

_FUNCTIONS = (
    ("mean", re.compile(r"\b(?:average|averages|mean|on average)\b|平均", re.IGNORECASE)),
    ("median", re.compile(r"\bmedian\b|中位数", re.IGNORECASE)),
)
"""Words that name a function outright; where one is said, some call must compute it."""
_OPERATIONS = (
    ("/", re.compile(r"\bdivided by\b|除以", re.IGNORECASE)),
    ("*", re.compile(r"\bmultipl(?:y|ied|ying)\b|\btimes the\b|乘", re.IGNORECASE)),
)
SMALL = frozenset({"zero", "one", "hundred", "thousand"})
"""Number words that seldom are a number of the matter, or only a part of one."""


def unused(goal: Spans, calls: Sequence[Call], files: Sequence[FileCard], listing: Sequence[str]) -> list[str]:
    """What the goal says and the plan does not use, each as a few words; empty if all is used."""
    strings = [text for call in calls for text in strings_in(call.arguments)]
    text = "\n".join(strings).lower()
    numbers = {number for call in calls for number in numbers_in(call.arguments)}
    missing = [f"file {name}" for name, paths in by_name(mentioned(goal, listing)).items() if not used(paths, text)]
    missing += [f"new file {path}" for path in new_paths(goal, listing) if path.lower() not in text]
    missing += [f"'{quoted}'" for quoted in goal.quoted if quoted.lower() not in text and quoted not in goal.paths]
    for digits in goal.digits:
        is_period = any(digits in period for period in (*goal.dates, *goal.periods) if period in text)
        if float(digits) not in numbers and digits not in text and not is_period:
            missing.append(f"number {digits}")
    missing += [
        f"number {word}" for word in goal.number_words if word not in SMALL and NUMBER_WORDS[word] not in numbers
    ]
    missing += [f"date {day}" for day in goal.dates if day not in text]
    missing += [
        f"period {period}" for period in goal.periods if period not in text and float(period[:4]) not in numbers
    ]
    touched = {path for path in listing if path.lower() in text}
    missing += [
        f"value '{value}'"
        for value in said_values(goal, [card for card in files if card.path in touched])
        if value.lower() not in text
    ]
    return missing + unheard_functions(goal, calls) + dangling(calls)


def by_name(paths: Sequence[str]) -> dict[str, list[str]]:
    """Paths by their last part: `a/x.csv` and `b/x.csv` are one file to who says x.csv."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(path.rpartition("/")[2], []).append(path)
    return found


def used(paths: Sequence[str], text: str) -> bool:
    return any(path.lower() in text for path in paths)


def unheard_functions(goal: Spans, calls: Sequence[Call]) -> list[str]:
    functions = {call.arguments.get("function") for call in calls if "function" in call.arguments}
    text = " ".join(str(call.arguments.get(name, "")) for call in calls for name in ("expression", "column"))
    divides = "/" in text or "mean" in text
    uses_table = any("path" in call.arguments and "query" not in call.arguments for call in calls)
    return [
        f"the word for '{name}'"
        for name, words in _FUNCTIONS
        if uses_table and words.search(goal.goal) and name not in functions and not divides
    ] + [
        f"the word for '{sign}'"
        for sign, words in _OPERATIONS
        if uses_table and words.search(goal.goal) and sign not in text
    ]


def dangling(calls: Sequence[Call]) -> list[str]:
    """Earlier calls whose results no later call uses: a plan that falls apart was not understood."""
    refs = {ref.step for call in calls for ref in refs_in(call.arguments)}
    return [f"the result of {call.tool}" for place, call in enumerate(calls[:-1], 1) if f"s{place}" not in refs]


def said_values(goal: Spans, files: Sequence[FileCard]) -> Iterator[str]:
    """Values of text columns that stand in the goal as whole words and are not also the name of a column or a file."""
    names = {word for card in files for column in card.columns for word in stem_words(column.name)}
    names |= {word for card in files for word in stem_words(re.sub(r"[_\-./]+", " ", card.path))}
    seen: set[str] = set()
    for card in files:
        for column in card.columns:
            if column.type != "text":
                continue
            for value in column.examples:
                if not isinstance(value, str) or len(value) < 3 or value.lower() in seen:
                    continue
                if (
                    re.search(rf"(?<!\w){re.escape(value.lower())}(?!\w)", goal.goal.lower())
                    and not set(stem_words(value)) & names
                ):
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
