"""Where the words, figures and days of a model's answer stand; an answer with others is not used."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.comprehension.line import Answer, Entry, Reckoned, Said
from trivet_plan_smollm2.passages import days_without_year
from trivet_plan_smollm2.words.spans import NUMBER_WORDS, Spans, read_goal

SAME = 0.85
"""Share of the words of an answer that must stand in one passage."""
EVERYDAY = frozenset({0.0, 1.0, 2.0, 7.0, 12.0, 24.0, 60.0, 100.0, 365.0, 1000.0, 3600.0})
"""Figures that need no source."""

Passage = Mapping[str, Any]


def sources(answer: Answer, goal: Spans, passages: Sequence[Passage]) -> list[Passage] | None:
    """The passages that tell what the answer has and the goal has not; None if something stands nowhere."""
    if isinstance(answer, Said):
        held = [(_held(answer.text, _text(each)), each) for each in passages]
        best = max(held, key=lambda pair: pair[0], default=(0.0, {}))
        return [best[1]] if best[0] >= SAME else None
    if isinstance(answer, Entry):
        return entries if len(entries := with_words(answer.words, passages)) == 1 else None
    if not answer.days and not _numbers(goal.goal) & set(answer.numbers) and not answer.words:
        return None  # a sum of nothing but what the texts say is seldom what is asked
    found: list[Passage] = []
    for needed in _needed(answer, goal):
        if needed(goal.goal):
            continue
        holding = [each for each in passages if needed(_text(each))]
        if not holding:
            return None
        if not any(each in found for each in holding):
            found.append(holding[0])
    return found


def with_words(words: Iterable[str], passages: Sequence[Passage]) -> list[Passage]:
    return [each for each in passages if all(word.lower() in _text(each).lower() for word in words)]


def figure_of(words: Iterable[str], passages: Sequence[Passage]) -> float | None:
    """The value of the one entry that has these words, if it is a figure."""
    entries = with_words(words, passages)
    value = entries[0].get("value") if len(entries) == 1 else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _needed(answer: Reckoned, goal: Spans) -> Iterable[Any]:
    for number in answer.numbers:
        if number not in EVERYDAY:
            yield lambda text, number=number: number in _numbers(text)
    for day in answer.days:
        yield lambda text, day=day: _tells_day(day, text, goal)


def _numbers(text: str) -> set[float]:
    said = read_goal(text)
    digits = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text))
    return {
        *(abs(float(each)) for each in said.numbers),
        *(float(NUMBER_WORDS[word]) for word in said.number_words),
        *map(float, digits),
    }


def _tells_day(day: str, text: str, goal: Spans) -> bool:
    """Whether it has the day, or the day without a year and the year."""
    if day in text or day in read_goal(text).dates:
        return True
    return day[5:] in days_without_year(text) and day[:4] in f"{text} {goal.goal}"


def _held(words: str, text: str) -> float:
    wanted, there = _words(words), set(_words(text))
    if any(word not in there for word in wanted if word.isdigit()):
        return 0.0
    return sum(word in there for word in wanted) / len(wanted) if wanted else 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"[\u3400-\u9fff]|[^\W_]+", text.lower())


def _text(passage: Passage) -> str:
    return " ".join(str(passage.get(name, "")) for name in ("path", "heading", "text"))
