"""The words of a goal, one by one: each is heard when it has found its place, and what is not heard is not understood."""

import re
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import FileCard
from trivet_plan_smollm2.tables.writing_words import writing_words
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans, without_form

_WORD = re.compile(r"[^\W_](?:[\w'’-]*\w)?")


class Word(msgspec.Struct):
    text: str
    start: int
    end: int
    is_heard: bool = False

    @property
    def stem(self) -> str:
        return stem(re.sub(r"['’]s$|(?<=s)['’]$", "", self.text.lower()))


class Words:
    """A goal that is being heard out. `where`: the conditions that were said; `at`: where each column is said, by name."""

    def __init__(self, goal: Spans, card: FileCard) -> None:
        self.goal, self.card = goal, card
        text = goal.goal
        for path in (*goal.paths, *goal.urls):
            text = text.replace(path, " " * len(path))
        self.text = text = without_form(text)
        self.words = [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
        self.where: list[dict[str, Any]] = []
        self.measured: list[str] = []
        """Number columns that are spoken of, in the order in which they are meant."""
        self.is_flow = False
        """What is measured adds up: money, pieces sold."""
        self.compared_columns: tuple[str, ...] = ()
        """Two that are held against each other."""
        self.limit = 0
        """How many rows or groups are wanted; 0 for all."""
        self.limit_at = 0
        """Where that is said."""
        self.at: dict[str, int] = {}
        """Where each column is said first, by name."""
        self.rows_called: set[str] = set()
        """Keys that are said by what their rows are called: `orders`, of `order_id`."""
        self.valued: list[tuple[int, int]] = []
        """Where values stand, whose words mean nothing else."""
        self.flag_at: dict[str, int] = {}
        """Where a column of yes and no is said."""
        self.last_at: dict[str, int] = {}
        """Where it is said last, if by its very name."""
        for start, end in writing_words(goal, text, card.path):
            self.hear(start, end)

    def hear(self, start: int, end: int) -> None:
        for word in self.words:
            if word.start < end and start < word.end:
                word.is_heard = True

    def is_heard(self, place: int) -> bool:
        return any(word.is_heard for word in self.words if word.start <= place < word.end)

    def said(self, words: str) -> list[re.Match[str]]:
        """Where such words stand, but within a value: `The Last Mountains` ranks nothing."""
        return [
            match
            for match in lexicon.found(words, self.text)
            if not any(start <= match.start() < end for start, end in self.valued)
        ]

    def heard(self, words: str) -> list[re.Match[str]]:
        matches = self.said(words)
        for match in matches:
            self.hear(match.start(), match.end())
        return matches

    def is_negated(self, place: int) -> bool:
        before = self.text[max(0, place - 24) : place]
        match = re.search(rf"(?<![\w])(?:{lexicon.NEGATED}|\w+n['’]t)\s+(?:\w+\s+){{0,2}}$", before, re.IGNORECASE)
        if match:
            self.hear(max(0, place - 24) + match.start(), place)
            return True
        behind = re.match(rf"\w+(?:['’]s)?,?\s+(?:{lexicon.LEFT_OUT})(?!\w)", self.text[place:], re.IGNORECASE)
        if behind:
            self.hear(place, place + behind.end())
        return behind is not None
