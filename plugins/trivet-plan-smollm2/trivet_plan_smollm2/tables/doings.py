"""Words that tell nothing new where the table says already what is meant: how one goes on a trip, whose trips they are, that
a thing of some year was built in it.
"""

import re

from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.sharing import Sharing

_HOUSE = re.compile(
    r"\b(?:the|our|my|this)\s+(club|association|society|company|firm|shop|store|school|library|museum|hotel|hut|restaurant|café|cafe"
    r"|bakery|farm|office|department|choir|band|team|crew|family|household|organi[sz]ation|community|group|business|studio"
    r"|workshop|clinic|practice|gallery|theatre|theater|cinema|garden|gardens|village|house)(?=\s*(?:['’]s\b|[?.!,;]|$|\s+(?:in"
    r"|have|has|had|did|do|does|own|owns|make|made|get|got|take|took|sell|sold|during|on|last|this)\b))",
    re.IGNORECASE,
)
"""Whose data all this is; only where no word behind it could make another thing of it."""
_DOERS = re.compile(
    r"\bdid\s+(?:the\s+|our\s+|all\s+|all the\s+)?(members|people|guests|customers|clients|visitors|staff|volunteers|players"
    r"|riders|everybody|everyone|they|we|you|i)\b",
    re.IGNORECASE,
)
_MOVES = (
    r"go(?:es|ing|ne)?|went|travel(?:s|led|ed|ling)?|row(?:s|ed|ing)?|rid(?:e|es|den|ing)|rode|driv(?:e|es|en|ing)|drove"
    r"|sail(?:s|ed|ing)?|fl(?:y|ies|own|ying)|flew|cycl(?:e|es|ed|ing)|swim(?:s|ming)?|swam|swum|paddl(?:e|es|ed|ing)|ski(?:s|ed|ing)?"
    r"|climb(?:s|ed|ing)?|run(?:s|ning)?|ran|hik(?:e|es|ed|ing)|walk(?:s|ed|ing)?|cover(?:s|ed)?|mov(?:e|es|ed)|out|taken"
)
_ROUTES = re.compile(r"(?:^|[_ ])(?:km|kilomet(?:er|re)s?|miles?|mi|distance|stage|leg)(?:$|[_ ])", re.IGNORECASE)
_MADE = r"built|made|constructed|founded|established|published|released|produced|manufactured|printed|composed|painted|planted"
_OF_YEAR = re.compile(r"year|jahr|annee|année|年|built|founded|published|planted", re.IGNORECASE)


class Doings(Sharing):
    def doings(self) -> None:
        """Hears them, and what `when` asks for."""
        for match in (*_HOUSE.finditer(self.text), *_DOERS.finditer(self.text)):
            self.hear(match.start(1), match.end(1))
        self._apposed()
        if any(column.type in MEASURABLE and _ROUTES.search(spaced(column.name)) for column in self.card.columns):
            self.heard(_MOVES)
        years = [c.name for c in self.card.columns if c.type == "integer" and _OF_YEAR.search(c.name)]
        others = [c for c in self.card.columns if c.type in ("date", "datetime")]
        if len(years) != 1 or others or not self.said(_MADE):
            return
        if re.match(r"\s*when\b", self.text, re.IGNORECASE):
            self.at.setdefault(years[0], 0)
        if years[0] in self.at or self.spoken.said or any(test["column"] == years[0] for test in self.where):
            self.heard(_MADE)

    def _apposed(self) -> None:
        """`the coldest temperature (temp_min)`: the word before a column that stands in brackets is another name for it."""
        for column in self.card.columns:
            for match in re.finditer(rf"([^\W\d_]+)\s+\(\s*{re.escape(column.name)}\s*[),]", self.text):
                self.hear(match.start(1), match.end(1))
