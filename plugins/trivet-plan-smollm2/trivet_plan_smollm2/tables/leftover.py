"""What a goal says that has found no place; and what it calls the rows."""

import re
from collections.abc import Iterator

from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.doings import Doings
from trivet_plan_smollm2.tables.goal_words import Word
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.doings import is_done
from trivet_plan_smollm2.words.similarity import STOP, stem, stem_words
from trivet_plan_smollm2.words.units import unit_of

_STATES = "still|already|currently|now|under|over|due|about|out|left|missing|available"


_SUPPOSED = re.compile(
    r"\bif(?= (?!(?:that|this|it|you|possible|any|so|there)\b)\w+)(?=.*\b(?:would|could|should|might)\b)"
    r"|\b(?:would|could|might)\b(?=.*\bif (?:everybody|everyone|all|nobody|no one|we|they|i|he|she|each|every)\b)",
    re.IGNORECASE,
)
"""`what could we collect if everybody paid`."""
_ROWS = frozenset("days times ones things people persons items entries rows records pieces".split())
"""What rows may be called whatever they are: what stands before it says which of them."""


class Leftover(Doings):
    def row_noun(self) -> str:
        """What the goal calls the rows: the first speaking word that is left behind `how many`, `which`, `all`."""
        for match in lexicon.found(f"{lexicon.COUNT}|{lexicon.WHICH}|{lexicon.LISTED}", self.text):
            for word in self.words:
                if word.start >= match.end() and word.text.lower() not in STOP:
                    if not word.is_heard and not self._is_kind(word) and not self._is_measure(word):
                        return word.text
                    break
        return ""

    def _is_measure(self, word: Word) -> bool:
        """`hours`, of `how many hours does the log cover`, and `km`: no row is one, unless each is a day."""
        return unit_of(word.text) not in ("", "day", "people") or word.text.lower() in (
            "euro",
            "euros",
            "francs",
            "yuan",
        )

    def _is_kind(self, word: Word) -> bool:
        """`red`, of `red plants`, and `e-bikes`, of bikes: which rows are meant, and not what rows are called."""
        names = self._file_stems() | {part for c in self.card.columns for part in stem_words(spaced(c.name))}
        if "-" in word.text and set(stem_words(word.text.replace("-", " "))) & names:
            return True
        behind = next((each for each in self.words if each.start > word.start), None)
        if behind is None or not re.fullmatch(r"[ -]", self.text[word.end : behind.start]):
            return False
        return behind.stem in names or behind.text.lower() in _ROWS

    def _file_stems(self) -> set[str]:
        return set(stem_words(re.sub(r"[_\-./]+", " ", self.card.path)))

    def _nouns(self, group: str, function: str) -> None:
        """What rows are called behind what is said of them: `the linden honey` where a named column is reckoned with, `race of
        bees` where that is what groups are made by, and in front of it: `how many of my colonies are calm`."""
        subject = re.search(
            r"\bhow many (?:of (?:my|our|the|these) )?(?P<noun>\w+) (?:are|were|is|was) (?:(?:still|already|currently) )?",
            self.text,
            re.IGNORECASE,
        )
        if subject and any(start == subject.end() for start, _ in self.valued):
            self.hear(subject.start("noun"), subject.end("noun"))
        is_reckoned = function in ("sum", "mean", "median", "max", "min") and any(n in self.at for n in self.measured)
        for word in self.words:
            before = self.text[: word.start]
            is_behind_value = any(before[end:] == " " for _, end in self.valued if end < word.start)
            is_of_group = group in self.at and re.search(
                rf"(?<!\w){re.escape(self.text[self.at[group] :][: len(group)])}s? of (?:the )?$", before
            )
            if (is_reckoned and is_behind_value) or is_of_group:
                word.is_heard |= word.text.lower() not in lexicon.OPERATIVE

    def left(self, group: str, function: str) -> Iterator[str]:
        """Words that have found no place."""
        file_stems = self._file_stems()
        for match in self.said(rf"(?:{lexicon.GROUPED})\s+(\w+)"):
            word = next((word for word in self.words if word.start == match.start(1)), None)
            is_row = word is not None and (
                word.stem in file_stems or word.text.lower() in ("row", "visit", "entry", "line")
            )
            if is_row and function in ("mean", "median"):  # `median amount per visit`: of the rows as they are
                self.hear(match.start(), match.end())
            elif (
                word is not None and not group and not word.is_heard and (is_row or word.text.lower() in lexicon.KINDS)
            ):
                yield word.text  # groups are wanted, and nobody can tell which
        dated = [column for column in self.card.columns if column.type in ("date", "datetime")]
        if len(dated) == 1 and self.card.rows and dated[0].distinct == self.card.rows:
            file_stems.add(stem("days"))  # a row is a day
        self._nouns(group, function)
        state = re.search(
            rf"\b(?:which|what) (?:\w+ ){{1,3}}(?:is|are|was|were) ({_STATES})\b", self.text, re.IGNORECASE
        )
        if state and not self.where and not self.is_heard(state.start(1)):
            yield state[1]  # a state that no condition tells
        if (supposed := _SUPPOSED.search(self.text)) is not None:
            yield supposed[0]  # what would be, and no row tells it
        if lexicon.found("how old", self.text) and not any("age" in n.lower() for n in self.measured):
            yield "old"  # a year is no age
        if self.people():
            self.heard("people|persons|folks")  # whom the rows are of
        has_pieces = any(is_of_pieces(name) for name in self.at)
        for word in self.words:
            lower = re.sub(r"['’]s$", "", word.text.lower())
            if has_pieces and lower in lexicon.SOLD_THINGS:
                continue
            if word.is_heard or (
                lower not in lexicon.OPERATIVE
                and (
                    lower in STOP
                    or lower in lexicon.GENERIC
                    or word.stem in file_stems
                    or is_done(word.stem, file_stems)
                )
            ):
                continue
            if lower in ("s", "t", "re", "ve", "ll", "d", "m", "i", "e", "g"):
                continue
            if not lexicon.is_misspelt(lower):
                yield word.text


def is_of_pieces(name: str) -> bool:
    """`sold`, `seats_booked`: how many of something that happened to."""
    return re.search(r"(?:^|[_ ])(?:sold|\w{3,}ed)$", name.lower()) is not None
