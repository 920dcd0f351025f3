"""What a goal says of time: in a month, from one to another, this year or that one, and whether something has happened yet."""

import re
from typing import Any

from trivet_plan_smollm2.prompt import Column
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.hearing import BOUND, Hearing, could_be
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.bounds import ALL_OPS, ops_said
from trivet_plan_smollm2.words.periods import COMPARED, Periods, fitting, related

_TOGETHER = re.compile(r"\b(?:together|altogether|combined|in total|in all|both)\b", re.IGNORECASE)
_MONTH_TO_MONTH = re.compile(
    r"\b(?:and|or|to|from|between|vs\.?|versus|than|until|till|through|in|against|with|compared)\b", re.I
)


_OR = re.compile(
    r"\s*(?:or|and)\s+(?:(?P<before>older|earlier|before)|younger|newer|later|after|since|more recent)(?!\w)",
    re.IGNORECASE,
)
"""`2021 or newer`, of a year or a date, which is no age."""
_SAID = {"=": "in", ">": "after", ">=": "from", "<": "before", "<=": "up to"}


class Timing(Hearing):
    """Hears times, too. `spoken`: the stretches of time that the goal names."""

    spoken = Periods("none")

    def times(self) -> tuple[str, str, str] | None:
        """The two periods that are told apart, as column and values; all other times become conditions."""
        text = self.text
        for start, end in self.valued:  # `Hotel Mar` is no month
            text = text[:start] + "·" * (end - start) + text[end:]
        self.spoken = related(text)
        if self.spoken.kind in ("none", "one", "unsure") or (column := self.in_time()) is None:
            return None
        values = self.values_of(column)
        if len(values) < 2:
            return None
        first, last = self.spoken.said[0], self.spoken.said[-1]
        kind = self.spoken.kind
        if kind == "pair" and _TOGETHER.search(self.text) and not COMPARED.search(self.text[first.end : last.start]):
            kind = "several"
        for each in self.spoken.said:
            self.hear(each.start, each.end)
        for match in _MONTH_TO_MONTH.finditer(self.text, max(0, first.start - 9), last.start):
            self.hear(match.start(), match.end())
        if kind == "pair":
            is_year = len(values[0]) == 4
            if column.type not in ("date", "datetime"):
                return column.name, values[0], values[1]
            self.heard("more|less|fewer|compare|compared|difference|versus|vs")
            by = f"{column.name}.{'year' if is_year else 'month'}" if len(values[0]) < 10 else column.name
            return by, values[0], values[1]
        if kind == "range":
            self.where += [
                {"column": column.name, "op": op, "value": self.typed(column, value)}
                for op, value in zip((">=", "<="), values, strict=True)
            ]
        else:
            self.where.append(
                {"column": column.name, "op": "in", "value": [self.typed(column, value) for value in values]}
            )
        return None

    def in_time(self) -> Column | None:
        """The one column of dates, or the one of several that the goal calls by its name; else the one of years."""
        dated = [column for column in self.card.columns if column.type in ("date", "datetime")]
        named = [column for column in dated if column.name in self.at]
        if len(named) == 1 or len(dated) == 1:
            return (named or dated)[0]
        years = [
            c for c in self.card.columns if c.type == "integer" and re.search(r"year|jahr|annee|年", c.name.lower())
        ]
        is_years = all(len(each.value) == 4 for each in self.spoken.said)
        return years[0] if not dated and len(years) == 1 and is_years else None

    def values_of(self, column: Column) -> list[str]:
        return fitting(self.spoken.said, column.min, column.max)

    @staticmethod
    def typed(column: Column, value: str) -> Any:
        return int(value) if column.type == "integer" else value

    def days(self) -> str:
        """The column of which each date counts once, where days are counted and several rows share one."""
        dated = [column for column in self.card.columns if column.type == "date"]
        asked = re.search(r"\b(?:on|in) how many (?:different |separate )?(?:days|dates)\b", self.text, re.IGNORECASE)
        return dated[0].name if asked and len(dated) == 1 and dated[0].distinct != self.card.rows else ""

    def is_period(self, test: dict[str, Any]) -> bool:
        """Whether the condition keeps a stretch of time longer than a day."""
        dated = {column.name for column in self.card.columns if column.type in ("date", "datetime")}
        return (
            test["value"] is not None
            and test["column"] in dated
            and not (test["op"] == "=" and len(str(test["value"])) > 7)
        )

    def beyond(self) -> str:
        """That no row can be of the time that is asked about; empty if some can."""
        for column in self.card.columns:
            least, most = str(column.min), str(column.max)
            is_time = column.type in ("date", "datetime") or re.search(r"year|jahr|annee|年", column.name.lower())
            if not is_time or column.min is None or column.max is None:
                continue
            for test in self.where:
                value = str(test["value"])
                if test["column"] != column.name or not re.match(r"\d{4}", value) or isinstance(test["value"], list):
                    continue
                size = len(value)
                is_after = value > most[:size] and test["op"] in ("=", ">", ">=")
                if is_after or (value < least[:size] and test["op"] in ("=", "<", "<=")):
                    said = f"{column.name} {_SAID[test['op']]} {value}"
                    return f"{self.card.path} has no {said}: it goes from {least[:10]} to {most[:10]}."
        return ""

    def undated(self) -> None:
        """`not returned yet`: a column of dates that bears the name of what has happened, and has no date."""
        if self.spoken.said:
            return  # when it happened is asked, not whether
        for column in self.card.columns:
            if column.type not in ("date", "datetime") or column.name not in self.at:
                continue
            name = re.escape(spaced(column.name))
            for form, op in (
                (
                    rf"(?:\bnot|n['’]t|\bnever|\bno ?(?:body|one) has)(?: yet)?(?: been)? {name}(?: yet)?|\bun{name}\b",
                    "=",
                ),
                (rf"\b(?:has|have|had|was|were|is|are)(?: \w+)?(?: already)?(?: been)?(?: already)? {name}\b", "!="),
            ):
                match = re.search(form, self.text, re.IGNORECASE)
                if match and not any(test["column"] == column.name for test in self.where):
                    self.hear(match.start(), match.end())
                    self.where.append({"column": column.name, "op": op, "value": None})
                    del self.at[column.name]
                    break

    def dates(self) -> None:
        """The one period that is said, with its bound; or whether something has a date at all."""
        self.undated()
        if self.spoken.kind != "one":
            return
        said = self.spoken.said[0]
        if self.is_heard(said.start):
            return  # `joined before 2010` has been heard as a number
        column = self.in_time()
        if column is None and len(said.value) == 4:
            named = [c for c in self.card.columns if c.name in self.at and c.type in MEASURABLE]
            column = named[0] if len(named) == 1 and could_be(float(said.value), named[0]) else None
        values = self.values_of(column) if column is not None else []
        if column is None or not values:
            return
        ops = [op for op in ops_said(self.text) if op not in ("=", "!=")]
        near = self.text[max(0, said.start - 24) : said.end + 12]
        older = re.search(r"\b(older|younger|newer) than\s+(?:the year )?$", self.text[: said.start], re.IGNORECASE)
        behind = _OR.match(self.text, said.end)
        uses_bound = any(test["op"] in ("<", "<=", ">", ">=") for test in self.where)
        op = "<" if older and older[1].lower() == "older" else ">" if older else "="
        if behind:
            op = "<=" if behind["before"] else ">="
        elif not older and len(ops) == 1 and ops_said(self.text) != ALL_OPS and not uses_bound and BOUND.search(near):
            op = ops[0]
        value: Any = self.typed(column, values[0]) if column.type not in ("number",) else float(values[0])
        self.where.append({"column": column.name, "op": op, "value": value})
        self.hear(said.start, said.end)
        if older:
            self.hear(older.start(), older.end())
        if behind:
            self.hear(behind.start(), behind.end())
        elif op != "=" and not older:
            for match in BOUND.finditer(self.text):
                if said.start - 24 <= match.start() <= said.end + 12:
                    self.hear(match.start(), match.end())
