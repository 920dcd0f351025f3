"""How a goal wants rows arranged: grouped by a column or a part of the date, ranked, in an order."""

import re

from trivet_plan_smollm2.prompt import Column, FileCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.timing import Timing
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.similarity import stem, stem_words

_SOURCES = (
    r"process|processes|device|component|part|service|module|machine|unit|subsystem|system|program|source|daemon|application|app"
    r"|sensor|station|place|node|host|server|area"
)
"""What a log's sources may be called."""
_PLACES = frozenset(
    stem(word)
    for word in "part place component area device source module section system service machine spot location point unit kind "
    "type thing category station room item".split()
)
"""What may be asked for whatever the column is called."""


class Arrangement(Timing):
    """Hears it out of the same words; `ordered` is the order that was said: a column, and whether the largest comes first."""

    singular = False
    """One thing is ranked highest or lowest, and not several."""
    ordered: tuple[str, bool] | None = None
    order_at = -1
    """Where the order is said."""
    is_one = False
    """One group is wanted, though no `which` says so: the `best selling item`."""
    is_span = False
    """Groups are months, years or the like."""

    def age(self, descending: bool) -> bool | None:
        """`oldest` is the smallest year or date, but the largest age, and `brightest` the smallest magnitude; None if the
        goal speaks of neither."""
        measure = self.measured[0] if self.measured else ""
        shine = re.search(r"\b(?:(bright)|faint|dim(?:m)?)est\b", self.text, re.IGNORECASE)
        if shine and re.search(r"(?<![a-z])mag(?:nitude)?(?![a-z])", measure.lower()):
            return shine[1] is None
        quick = re.search(r"\b(?:(fast|quick)|slow)est\b", self.text, re.IGNORECASE)
        if quick and re.search(
            r"(?<![a-z])(?:duration|minutes?|min|seconds?|sec|s|hours?|time|pace)(?![a-z])", measure.lower()
        ):
            return quick[1] is None  # the fastest takes the least time
        match = re.search(r"\b(?:old|young)est\b", self.text, re.IGNORECASE) or re.search(
            r"\b(?:old|young|new|recent|earl|lat|first|last)(?:est|iest)?\b|\bmost recent\b", self.text, re.IGNORECASE
        )
        if match is None or not re.match(r"(?:old|young)est", match[0], re.IGNORECASE):
            return None
        is_old = match[0].lower() == "oldest"
        if re.search(r"age\b|alter\b", measure, re.IGNORECASE):
            return is_old
        return not is_old

    def first_said(self) -> bool | None:
        """`smallest magnitude first`, which says more than any `brightest`: whether the largest comes first."""
        for words, descending in ((lexicon.LOWEST, False), (lexicon.HIGHEST, True)):
            for match in re.finditer(rf"(?<!\w)(?:{words})(?: \w+){{0,3}} first(?!\w)", self.text, re.IGNORECASE):
                if not match[0].lower().startswith("first"):
                    names = {part for column in self.card.columns for part in stem_words(spaced(column.name))}
                    for word in self.words:
                        if match.start() <= word.start < match.end() and word.stem in {*names, "first"}:
                            word.is_heard = True
                    return descending
        return None

    def ranks(self, words: str) -> list[re.Match[str]]:
        """Words that rank, but for those of a bound: `at least 40` ranks nothing."""
        return [
            match
            for match in self.said(words)
            if not re.search(r"\bat\s+(?:the\s+)?$", self.text[: match.start()], re.I)
        ]

    def compared(self, words: str) -> list[re.Match[str]]:
        """`more` behind `which`, where nothing is said of what it is more than: the most, then."""
        which = re.search(r"\b(?:which|who|whose)\b", self.text, re.IGNORECASE)
        rest = self.text[which.end() :] if which else ""
        if which is None or re.search(r"\bthan\b|\d|\bor (?:more|less|fewer)\b", rest):
            return []
        return [match for match in self.said(words) if match.start() > which.end()]

    def is_which(self) -> bool:
        return bool(re.search(r"\b(?:which|what|who|whose)\b", self.text, re.IGNORECASE)) or bool(
            re.search(r"\bwith the\b", self.text, re.IGNORECASE)
        )

    def group(self, is_ranked: bool) -> str:
        if self.both:
            return self.both
        if part := self.part_of_date(is_ranked):
            return part
        if self.limit and (self.measured or self.ranks("most|fewest|least")) and (name := self.limited()):
            return name
        if name := self.commonest():
            return name
        for match in re.finditer(r"\b(\w+) by (\w+)\b", self.text):
            name = next(
                (c.name for c in self.card.columns if c.name in self.at and self.at[c.name] == match.start()), ""
            )
            if name and match[1].lower() == match[2].lower():
                self.hear(match.start(), match.end())
                return name
        for match in lexicon.found(lexicon.GROUPED, self.text):
            doers = re.match(
                r"\s+(?:people|persons|those|someone|somebody)(?!\w)", self.text[match.end() :], re.IGNORECASE
            )
            if doers and self.people():  # `done by people of grade senior`
                self.hear(match.start(), match.end() + doers.end())
                continue
            near = [
                (self.at[column.name], column.name)
                for column in self.card.columns
                if column.name in self.at
                and not (self.ordered and self.ordered[0] == column.name)
                and 0 <= self.at[column.name] - match.end() <= 22
                and groups(column, self.card)
                and not lexicon.found(lexicon.GROUPED, self.text[match.end() : self.at[column.name]])
            ]
            if near:
                self.hear(match.start(), match.end())
                self.heard(r"group(?= (?:\w+ ){0,3}by(?!\w))")
                return min(near)[1]
            if (name := self.numbered(match.end())) and not near:
                self.hear(match.start(), match.end())
                return name
        if is_ranked and (name := self.superlative()):
            return name
        if is_ranked:
            for match in lexicon.found(rf"{lexicon.WHICH}|the(?= \w+ (?:that|who|which|with)(?!\w))", self.text):
                near = [
                    (self.at[column.name], column.name)
                    for column in self.card.columns
                    if column.name in self.at and 0 <= self.at[column.name] - match.end() <= 16
                    and groups(column, self.card) and column.type not in MEASURABLE
                ]  # fmt: skip
                if near:
                    return min(near)[1]
        return ""

    def is_of_each(self, group: str) -> bool:
        """`the highest pH in each basin`: of every group, and not of the one that has the highest of all."""
        before = self.text[: self.at.get(group, 0)]
        return re.search(r"\b(?:in|of|for|at|on|by) (?:each|every)\s+$", before, re.IGNORECASE) is not None

    def numbered(self, place: int) -> str:
        """`errors per till`, of a column that holds till-1 and till-2."""
        word = next((word for word in self.words if word.start >= place), None)
        if word is None or word.start > place + 5 or len(word.text) < 3:
            return ""
        for column in self.card.columns:
            begins = [re.fullmatch(r"([^\W\d_]+)[ _-]?\w{1,4}", str(value)) for value in column.examples]
            if column.type == "text" and len(begins) > 1 and all(m and stem(m[1].lower()) == word.stem for m in begins):
                word.is_heard = True
                return column.name
        return ""

    def superlative(self) -> str:
        """`best selling item`: the column right behind the rank, if many rows share its values and something is added up."""
        near = [
            (self.at[column.name], column.name)
            for match in self.ranks(f"{lexicon.HIGHEST}|{lexicon.LOWEST}")
            for column in self.card.columns
            if 0 <= self.at.get(column.name, -1) - match.end() <= 12
            and column.type == "text"
            and groups(column, self.card)
        ]
        self.is_one = bool(near and self.measured and self.is_flow and self.singular and self.first_said() is None)
        return max(near)[1] if near and self.measured and self.is_flow else ""

    def commonest(self) -> str:
        """`the most common work`: what each value of the column right behind is counted for."""
        said = self.ranks(r"(?:most|least) (?:common|frequent|popular)|commonest|rarest")
        near = [
            (self.at[c.name], c.name)
            for match in said
            for c in self.card.columns
            if 0 <= self.at.get(c.name, -1) - match.end() <= 12 and groups(c, self.card)
        ]
        self.is_one |= bool(near) and self.singular
        return min(near)[1] if near else ""

    def limited(self) -> str:
        """`top 3 items by pieces sold`: what is behind the number, if many rows share it."""
        near = [
            (self.at[column.name], column.name)
            for column in self.card.columns
            if 0 <= self.at.get(column.name, -1) - self.limit_at <= 24
            and column.type not in MEASURABLE
            and groups(column, self.card)
        ]
        return min(near)[1] if near else ""

    def group_counted(self) -> str:
        """`how often did I use which eyepiece`: the column behind `which`, whatever its type."""
        said = self.heard(lexicon.EACH_COUNTED)
        near = [
            (self.at[column.name], column.name)
            for match in said
            for column in self.card.columns
            if column.name in self.at and self.at[column.name] >= match.start() and groups(column, self.card)
        ]
        return min(near)[1] if near else ""

    def implied_group(self, is_ranked: bool, says_rows: bool) -> str:
        """`which part has the most errors`: what `part` is called in the table, if only one column can tell rows apart."""
        most = re.search(r"\b(?:most|fewest|least)\b", self.text, re.IGNORECASE)
        which = re.search(r"\b(?:which|what)\s+(\w+)", self.text, re.IGNORECASE)
        if not (is_ranked and says_rows and most and which) or self.measured:
            return ""
        word = next((word for word in self.words if word.start == which.start(1)), None)
        if word is None or word.is_heard or not (self.card.kind == "log" or word.stem in _PLACES):
            return ""
        names = {column.name for column in self.card.columns}
        if (
            {"time", "source", "message"} <= names
            and self.has_few("source")
            and re.fullmatch(_SOURCES, word.text, re.I)
        ):
            word.is_heard = True  # who writes into a log
            return "source"
        fixed = {test["column"] for test in self.where}
        texts = [c.name for c in self.card.columns if c.type == "text" and c.name not in fixed and groups(c, self.card)]
        few = [name for name in texts if self.has_few(name)]
        if len(few) != 1:
            return ""
        word.is_heard = True
        return few[0]

    def who(self) -> str:
        """`who earned the most`: the only column of people that rows share."""
        if not re.search(r"\bwho\b", self.text, re.IGNORECASE):
            return ""
        fixed = {test["column"] for test in self.where}
        shared = {c.name for c in self.card.columns if groups(c, self.card) and self.has_few(c.name)} - fixed
        people = [name for name in self.people() if name in shared]
        return people[0] if len(people) == 1 else ""

    def people(self) -> list[str]:
        """Columns that hold people, by their name."""
        named = re.compile(rf"(?:^|[ _])(?:{lexicon.PERSONS})s?(?:$|[ _])", re.IGNORECASE)
        return [c.name for c in self.card.columns if c.type == "text" and named.search(spaced(c.name))]

    def has_few(self, name: str) -> bool:
        column = next(column for column in self.card.columns if column.name == name)
        return column.distinct is not None and column.distinct <= 60

    def order(self) -> tuple[str, bool] | None:
        """`sorted by joined, newest first`: the column, and whether the largest comes first."""
        match = re.search(
            r"\b(?:sort(?:ed)?|order(?:ed)?|arranged?|ranked)\b(?:\s+\w+){0,2}?\s+by\s+(?:the\s+)?|\bin order of (?:the )?",
            self.text,
            re.IGNORECASE,
        )
        if match is None:
            return None
        near = [(self.at[n], n) for n in self.at if 0 <= self.last_at.get(n, self.at[n]) - match.end() <= 2]
        if not near:
            return None
        self.hear(match.start(), match.end())
        way = re.search(
            r"\b(?:desc(?:ending)?|(?:highest|largest|biggest|longest|newest|latest|most|dearest|most \w+)(?: \w+)?"
            r" (?:first|(?:at|on) (?:the )?top)|downwards|from (?:high|most|new)\w* to)\b",
            self.text,
            re.IGNORECASE,
        )
        self.order_at = match.start()
        for said in re.finditer(
            r"\b(?:asc(?:ending)?|desc(?:ending)?|\w+ (?:first|(?:at|on) (?:the )?top)|alphabetically|upwards|downwards)\b",
            self.text,
        ):
            self.hear(said.start(), said.end())
        return min(near)[1], way is not None

    def part_of_date(self, is_ranked: bool) -> str:
        """`per month`, `in which year`: the part of the only date column, as tools of tables spell it."""
        dated = [column.name for column in self.card.columns if column.type in ("date", "datetime")]
        asked = (
            f"{lexicon.GROUPED}|{lexicon.WHICH}|{lexicon.HIGHEST}|{lexicon.LOWEST}" if is_ranked else lexicon.GROUPED
        )
        days = "day(?! of the week)|date|" if dated and self._has_clock(dated[0]) else ""
        match = re.search(
            rf"\b(?!(?:{lexicon.IN_TIME})\b)(?:{asked})\s+(?:calendar )?(month|year|weekday|day of the week"
            rf"|{days}hour)s?\b(?: of (?:the )?day)?",
            self.text,
            re.IGNORECASE,
        )
        if match is None or len(dated) != 1 or match[1].lower() in (name.lower() for name in self.at):
            return ""
        self.hear(match.start(), match.end())
        self.is_span = True
        self.is_one |= is_ranked and self.singular and self.first_said() is None
        part = {"date": "day", "day of the week": "weekday"}.get(match[1].lower(), match[1].lower())
        return f"{dated[0]}.{part}"

    def _has_clock(self, name: str) -> bool:
        """Whether its values are moments of a day, so that days are groups of them."""
        return any(column.name == name and column.type == "datetime" for column in self.card.columns)


def groups(column: Column, card: FileCard) -> bool:
    """Whether rows share its values."""
    if column.type in MEASURABLE and (column.distinct is None or column.distinct > 40):
        return False
    return not (column.distinct is not None and card.rows and column.distinct > 0.6 * card.rows and card.rows > 3)
