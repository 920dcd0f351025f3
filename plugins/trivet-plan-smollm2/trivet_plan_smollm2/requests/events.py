"""The days between two things of which the workspace's texts tell the dates: `from the committee's meeting to the regatta`."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

import msgspec

from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.tools import reads_text
from trivet_plan_smollm2.words.periods import periods_in
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk, read_goal
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

_SPAN = (
    r"(?:how (?:many|much) (?:days|weeks|time)|how long|(?:the )?(?:number|count) of (?:days|weeks)"
    r"|(?:the )?(?:days|weeks|time|span))"
)
_VERB = r"(?:was|is|were|are|did|does|will|took|takes|came|comes|happened|happens|began|begins|started|starts)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.DOTALL)
    for form in (
        rf"{_SPAN}\b[^?]{{0,40}}?\bbetween\s+(?P<a>.+?)\s+and\s+(?P<b>[^?]+)",
        rf"{_SPAN}\b[^?]{{0,40}}?\bfrom\s+(?P<a>.+?)\s+(?:to|till|until|up to)\s+(?P<b>[^?]+)",
        rf"{_SPAN}\s+(?:after|before)\s+(?P<a>.+?)\s+{_VERB}\s+(?P<b>[^?]+)",
        rf"{_SPAN}\s+{_VERB}\s+(?P<b>.+?)\s+(?:after|before)\s+(?P<a>[^?]+)",
        r"从(?P<a>.+?)到(?P<b>.+?)(?:之间|中间)?(?:一共|总共|共)?(?:有|隔了?|相隔|过了?)?(?:多少|几)[天日]",
        r"(?P<a>.+?)(?:和|与|跟|距离?)(?P<b>.+?)(?:之间)?(?:相隔|相差|有|隔了?|差)(?:多少|几)[天日]",
    )
)
_DAY = re.compile(r"\bdays?\b|\bweeks?\b|how long|how much time|天|日", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“])|(?<=[。！？])")
_VAGUE = frozenset(stem_words("start begin beginning end day date event place happen take took come go visit time"))
_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])(?!\d+(?:st|nd|rd|th)\b)[A-Za-z]{0,8}-?\d\w*\b")
LEAST = 0.6
"""Share of the words for a thing that must stand where its date is told."""
FILES, CHARACTERS = 40, 60_000


class Telling(msgspec.Struct, frozen=True):
    """A date, and the words that stand with it."""

    day: str
    words: frozenset[str]
    near: frozenset[str]
    """Those of the sentence alone; the others are of the heading and of the file's name."""
    path: str


async def days_between_events(
    goal: Spans, cards: Sequence[FileCard], tools: Sequence[ToolSpec], services: Services
) -> tuple[Call, str] | None:
    """The call, and which day each thing was taken to be on and where that stands; None if the goal asks for no such days,
    or if the date of one is not told, or told in two ways."""
    match = (
        next((found for form in _FORMS if (found := form.search(goal.goal))), None) if _DAY.search(goal.goal) else None
    )
    counter = next((tool for tool in tools if _counts_days(tool)), None)
    reader = next((tool for tool in tools if reads_text(tool)), None)
    if match is None or counter is None or reader is None or len(goal.dates) > 1 or {*goal.digits} - {*goal.periods}:
        return None
    things = [match["a"].strip(), match["b"].strip(" .!")]
    told: list[Telling] | None = None
    days: list[str] = []
    sources: list[str] = []
    for thing in things:
        if said := read_goal(thing).dates:
            days.append(said[0])
            continue
        if told is None:
            told = [each async for each in _tellings(cards, reader, services)]
        telling = told_day(thing, told)
        if telling is None:
            return None
        days.append(telling.day)
        sources.append(f"{thing}: {telling.day} ({telling.path})")
    if not sources:
        return None
    names = counter.parameters["required"]
    return Call(tool=counter.name, arguments=dict(zip(names, days, strict=True))), "; ".join(sources)


async def date_told(
    thing: str, cards: Sequence[FileCard], tools: Sequence[ToolSpec], services: Services
) -> Telling | None:
    """Where a text of the workspace tells the date of this thing; None if none does, or if two tell different ones."""
    reader = next((tool for tool in tools if reads_text(tool)), None)
    if reader is None:
        return None
    told = [each async for each in _tellings(cards, reader, services)]
    found = told_day(thing, told)
    return None if found is None or _has_rival(thing, found, told) else found


def _has_rival(thing: str, found: Telling, told: Sequence[Telling]) -> bool:
    """Whether another text as a whole, such as the minutes of another meeting, could as well be meant."""
    words = _words_for(thing)
    is_whole = found.words == found.near and all(_is_held(word, found.words) for word in words)
    share = 1 if is_whole else 2
    return any(
        each.day != found.day
        and each.words == each.near
        and share * sum(_is_held(word, each.words) for word in words) >= len(words)
        for each in _within(thing, told)
    )


def _words_for(thing: str) -> set[str]:
    """What it is called, without the time that is said with it."""
    text = thing
    for each in reversed(periods_in(thing)):
        text = f"{text[: each.start]} {text[each.end :]}"
    words = stem_words(re.sub(r"\d+", " ", _without_months(text)))
    return {word for word in words if word not in _VAGUE and (len(word) > 1 or has_cjk(word))}


def _within(thing: str, told: Sequence[Telling]) -> list[Telling]:
    """The tellings of the time that is said with the thing: `the November meeting`, `the regatta of 2025`."""
    periods = read_goal(thing).periods
    months = [each.value for each in periods_in(thing) if each.value.startswith("-")]
    return [
        each
        for each in told
        if all(each.day.startswith(period) for period in periods)
        and all(each.day[4:].startswith(month) for month in months)
    ]


def told_day(thing: str, told: Sequence[Telling]) -> Telling | None:
    """Where the date of this thing is told; None if nowhere, or if two places tell different ones equally well."""
    said = read_goal(thing)
    words = _words_for(thing)
    within = _within(thing, told)
    is_dated = len(within) < len(told) and bool(said.periods or periods_in(thing))
    if not words or _CODE.search(thing):
        return None  # a code such as R031 names a row of a table, whatever other words stand with it
    scored = []
    for each in within:
        held = {word for word in words if _is_held(word, each.words)}
        near = {word for word in words if _is_held(word, each.near)}
        if len(held) >= (0.5 if is_dated else LEAST) * len(words) and (near or is_dated or len(held) == len(words)):
            scored.append((len(held) + 0.5 * len(near), each))
    if not scored:
        return None
    best = max(score for score, _ in scored)
    first = [each for score, each in scored if score == best]
    return first[0] if len({each.day for each in first}) == 1 else None


async def _tellings(cards: Sequence[FileCard], reader: ToolSpec, services: Services) -> AsyncIterator[Telling]:
    name = reader.parameters["required"][0]
    for card in [card for card in cards if card.kind == "text" and not card.columns][:FILES]:
        try:
            value = (await services.call(reader.name, {name: card.path})).value
        except (ToolError, PluginError):
            continue
        text = value.get("text") if isinstance(value, Mapping) else None
        if isinstance(text, str) and len(text) <= CHARACTERS:
            for each in tellings(card.path, text):
                yield each


def tellings(path: str, text: str) -> Iterator[Telling]:
    """The dates of a text: those of its sentences; else that of the paragraph's first line, as in a diary; else that of the
    first lines, or of the file's name."""
    name = re.sub(r"[_./]+", " ", path.rpartition(".")[0])
    head = "\n".join(text.strip().splitlines()[:4])
    day_of_file = next(iter([*read_goal(name).dates, *_whole_dates(head)]), "")
    about = frozenset(stem_words(_letters(name))) | frozenset(stem_words(_letters(text.strip().partition("\n")[0])))
    heading = ""
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in paragraph.strip().splitlines() if line.strip()]
        if lines and lines[0].startswith("#"):
            heading, lines = lines[0].lstrip("# "), lines[1:]
        if not lines:
            continue
        own = _whole_dates(lines[0])
        own = own if own and len(lines[0]) < 60 else []
        for sentence in _SENTENCE.split(" ".join(lines)):
            words = frozenset(stem_words(_letters(sentence)))
            whole = words | about | frozenset(stem_words(_letters(heading)))
            days = _whole_dates(sentence) or own or ([day_of_file] if day_of_file else [])
            for day in days[:3]:
                yield Telling(day, whole, words, path)
    if day_of_file:
        yield Telling(day_of_file, about, about, path)


def _whole_dates(text: str) -> list[str]:
    return [*read_goal(re.sub(r"\s+", " ", text)).dates]


def _letters(text: str) -> str:
    return re.sub(r"\d+", " ", _without_months(text)).replace("’s", " ").replace("'s", " ")


def _without_months(text: str) -> str:
    months = "january|february|march|april|may|june|july|august|september|october|november|december"
    return re.sub(
        rf"\b(?:{months})\b(?=\s+\d|,)|(?<=\d )\b(?:{months})\b|(?<=in )\b(?:{months})\b",
        " ",
        text,
        flags=re.IGNORECASE,
    )


def _is_held(word: str, words: frozenset[str]) -> bool:
    """In whatever form: `installation`, of `installed`."""
    return word in words or (len(word) > 6 and any(len(each) > 5 and (each[:6] == word[:6]) for each in words))


def _counts_days(tool: ToolSpec) -> bool:
    required = tool.parameters.get("required", ())
    properties = tool.parameters.get("properties", {})
    return len(required) == 2 == len(properties) and all(properties[name].get("format") == "date" for name in required)
