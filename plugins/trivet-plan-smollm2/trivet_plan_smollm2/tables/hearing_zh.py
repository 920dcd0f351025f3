"""What a Chinese goal says about one table: its names, numbers and times. Characters that have found their place are blanked
out, so that what is left was not understood.
"""

import re
from collections.abc import Sequence
from typing import Any

from trivet_plan_smollm2.prompt import Column, FileCard
from trivet_plan_smollm2.tables.column_values import FALSE, TRUE, truths
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.bounds import bound_said
from trivet_plan_smollm2.words.glossary_zh import NUMERALS, ROWS, kinds_of, names_of
from trivet_plan_smollm2.words.measures import meant, reckoned
from trivet_plan_smollm2.words.periods import Periods, fitting, related
from trivet_plan_smollm2.words.spans import Spans

_NOT = r"(?:除了?|除去|除开|不包括|不包含|不含|不算|不要|不是|并非|非)"
_LEFT_OUT = r"(?:以外|之外|外|除外|不算)"
_OF_A_KIND = re.compile("[店市区县省部组班路站]$")
"""Endings that people leave out: `滨江` for `滨江店`."""
_LEVELS = {"错误": "ERROR", "报错": "ERROR", "警告": "WARNING", "WARN": "WARNING", "信息": "INFO"}


class HearingZh:
    """`text` is the goal, and what has been heard is blank in it; `where`, `at` and `pairs` are what was heard."""

    def __init__(self, goal: Spans, card: FileCard) -> None:
        self.goal, self.card = goal, card
        self.text = goal.goal
        name = card.path.rpartition("/")[2]
        for path in sorted({*goal.paths, card.path, name}, key=len, reverse=True):
            self.text = self.text.replace(path, " " * len(path))
        self.whole = self.text
        self.where: list[dict[str, Any]] = []
        self.at: dict[str, int] = {}
        """Where each column is said, by name."""
        self.said_at: dict[str, int] = {}
        """Where a value of each column is said."""
        self.pair: tuple[str, str, str] | None = None
        self.spoken = Periods("none")

    def hear(self, start: int, end: int) -> None:
        self.text = self.text[:start] + " " * (end - start) + self.text[end:]

    def heard(self, words: str) -> re.Match[str] | None:
        """The first of such words, and all of them blanked out."""
        found = list(re.finditer(words, self.text, re.IGNORECASE))
        for match in found:
            self.hear(match.start(), match.end())
        return found[0] if found else None

    def values(self) -> None:
        """Values of text columns, the longest first; several of one column are told apart, or all taken."""
        said: dict[str, list[tuple[int, Any, bool]]] = {}
        options = [
            (form, value, column)
            for column in self.card.columns
            if column.type == "text" and truths(column) is None
            for value in column.examples
            if isinstance(value, str) and len(value.strip()) > 1
            for form in self._forms(value, column)
        ]
        for form, value, column in sorted(options, key=lambda option: -len(option[0])):
            match = re.search(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])", self.text, re.IGNORECASE)
            if match is None or form.lower() == column.name.lower():
                continue
            before = re.search(
                rf"{_NOT}$|(?:没有?|未|不)$" if form != value else rf"{_NOT}$", self.text[: match.start()]
            )
            behind = re.match(_LEFT_OUT, self.text[match.end() :])
            end = match.end() + (behind.end() if behind else 0)
            self.hear(before.start() if before else match.start(), end)
            self.said_at.setdefault(column.name, match.start())
            said.setdefault(column.name, []).append((match.start(), value, bool(before or behind)))
        for name, found in said.items():
            self._conditions(name, sorted(found))

    def _conditions(self, name: str, found: Sequence[tuple[int, Any, bool]]) -> None:
        if len(found) == 2 and not any(negated for *_, negated in found):
            between = self.whole[found[0][0] + len(str(found[0][1])) : found[1][0]]
            behind = self.whole[found[1][0] :]
            if re.search(r"比|还是|相比|[vV][sS]", between) or re.search(r"哪|更|相差|差多少|谁|比较|对比", behind):
                self.pair = (name, str(found[0][1]), str(found[1][1]))
                return
        if len(found) > 1 and len({negated for *_, negated in found}) == 1:
            op = "!=" if found[0][2] else "in"
            self.where.append({"column": name, "op": op, "value": [value for _, value, _ in found]})
            return
        self.where += [{"column": name, "op": "!=" if negated else "=", "value": value} for _, value, negated in found]

    def _forms(self, value: str, column: Column) -> list[str]:
        """How the value may be said: `已取消` as `取消`, `滨江店` as `滨江`, `WARNING` as `警告`."""
        forms = [value]
        others = {str(other) for other in column.examples} - {value}
        if value[0] == "已" and len(value) > 2:
            forms.append(value[1:])
        if _OF_A_KIND.search(value) and len(value) > 2:
            forms.append(value[:-1])
        if column.name == "level":
            forms += [word for word, level in _LEVELS.items() if level == value]
        forms += [said for said in kinds_of(value) if said not in forms]
        return [form for form in forms if form == value or form not in others]

    def columns(self) -> None:
        """Columns by name, and where that is not said, by its last two characters or by an English name for the same."""
        for column in sorted(self.card.columns, key=lambda column: -len(column.name)):
            if column.name in self.text:
                self._column(column, self.text.find(column.name), column.name)
        for column in self.card.columns:
            each = re.search("每(.)", column.name)  # `一晚`, of `每晚价格`
            if each and column.name not in self.at and f"一{each[1]}" in self.text:
                self._column(column, self.text.find(f"一{each[1]}"), f"一{each[1]}")
            if column.name in self.at:
                continue
            tails = [other.name[-2:] for other in self.card.columns]
            tail = column.name[-2:]
            if len(column.name) > 2 and tails.count(tail) == 1 and tail in self.text and not column.name.isascii():
                self._column(column, self.text.find(tail), tail)
                continue
            if word := next((word for word in names_of(column.name) if word in self.text), ""):
                rivals = [c.name for c in self.card.columns if word in names_of(c.name) or c.name == word]
                if len(rivals) == 1:
                    self._column(column, self.text.find(word), word)

    def _column(self, column: Column, place: int, said: str) -> None:
        self.at[column.name] = place
        if glossed := re.search(r"[\u4e00-\u9fff]{1,6}[（(]$", self.text[:place]):  # `站点（stops）`
            self.hear(glossed.start(), place)
        before = re.search(r"(?:没有?|未|不|无)$", self.text[:place])
        if (options := truths(column)) is not None:
            self.where.append({"column": column.name, "op": "=", "value": options[FALSE if before else TRUE]})
            self.hear(before.start() if before else place, place)
        self.text = self.text.replace(said, " " * len(said))

    def times(self) -> None:
        """Months and years: one, from one to another, or two that are told apart."""
        self.spoken = related(self.text)
        dated = [column for column in self.card.columns if column.type in ("date", "datetime")]
        if self.spoken.kind in ("none", "unsure") or len(dated) != 1:
            return
        column, said = dated[0], self.spoken.said
        values = fitting(said, column.min, column.max)
        if len(values) < len(said):
            return
        bound = re.match(r"(?:份)?(?:之前|以前|前)|(?:份)?(?:之后|以后|后|起|以来)", self.text[said[0].end :])
        between = self.text[said[0].end : said[-1].start] if len(said) > 1 else ""
        for each in said:
            self.hear(each.start, each.end)
        if len(said) > 1:
            self.hear(said[0].end, said[0].end + len(between))
            if said[0].start and self.whole[said[0].start - 1] in "从自":
                self.hear(said[0].start - 1, said[0].start)
        elif said[0].start and self.whole[said[0].start - 1] == "在":
            self.hear(said[0].start - 1, said[0].start)
        if self.spoken.kind == "pair":
            part = "year" if len(values[0]) == 4 else "month"
            self.pair = (column.name if len(values[0]) > 7 else f"{column.name}.{part}", values[0], values[1])
            self.heard("哪个?(?:月份?|年)")
        elif self.spoken.kind == "range":
            self.where += [
                {"column": column.name, "op": op, "value": value}
                for op, value in zip((">=", "<="), values, strict=True)
            ]
        elif self.spoken.kind == "several":
            self.where.append({"column": column.name, "op": "in", "value": values})
        else:
            op = "=" if bound is None else "<" if "前" in bound[0] else ">=" if bound[0][-1] in "起来" else ">"
            if bound:
                self.hear(said[0].end, said[0].end + bound.end())
            self.where.append({"column": column.name, "op": op, "value": values[0]})

    def beyond(self) -> str:
        """That no row can be of the time that is asked about, as a sentence; empty if some can."""
        for column in self.card.columns:
            if column.type not in ("date", "datetime") or column.min is None:
                continue
            least, most = str(column.min)[:10], str(column.max)[:10]
            for test in self.where:
                value = str(test["value"])
                is_day = test["column"] == column.name and test["op"] == "=" and re.match(r"\d{4}", value)
                if is_day and not least[: len(value)] <= value <= most[: len(value)]:
                    return f"{self.card.path} 里没有 {value} 的{column.name}：只有 {least} 到 {most}。"
        return ""

    def numbers(self) -> None:
        """`数量不到10`, `超过 20 元`: a number with a word for its bound, of the column that is said, or the only one meant."""
        numeric = [column for column in self.card.columns if column.type in MEASURABLE]
        for match in re.finditer(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?", self.text, re.ASCII):
            before, after = (
                self.text[max(0, match.start() - 6) : match.start()],
                self.text[match.end() : match.end() + 6],
            )
            op = bound_said(f"{re.split(r'[，,。]', before)[-1]} {match[0]} {re.split(r'[，,。的]', after)[0]}")
            said = [c.name for c in numeric if 0 <= match.start() - self.at.get(c.name, 99) <= 14] or self.figures()
            if not op or not said:
                continue
            number = float(match[0].replace(",", ""))
            value = int(number) if number == int(number) else number
            self.where.append({"column": said[-1] if said[-1] in self.at else said[0], "op": op, "value": value})
            self.hear(match.start(), match.end())
            self.heard(
                r"不超过|不少于|不低于|超过|大于|小于|少于|多于|高于|低于|不到|至少|至多|最多(?=\s)|以上|以下|以内|及以上"
            )

    def figures(self) -> list[str]:
        """Number columns that are said, or that a word such as `卖` or `多少钱` means."""
        numeric = [c for c in self.card.columns if c.type in MEASURABLE]
        named = sorted((c.name for c in numeric if c.name in self.at), key=lambda name: self.at[name])
        if named:
            return named
        counted = re.search(r"(?:几|多少)([\u4e00-\u9fff])", self.whole)
        if counted and counted[1] not in "个种人条本行次位名钱":
            fitting_ = [c.name for c in numeric if c.name[0] == counted[1]]
            if len(fitting_) == 1:
                self.hear(counted.start(1), counted.end(1))
                return fitting_
        if flow := reckoned(self.whole, self.card.columns):
            return [flow]
        return meant(self.whole, numeric)

    def rows_counted(self) -> bool:
        """`订单数量`, which is no column of quantities but the number of rows."""
        name = self.card.path.rpartition("/")[2].partition(".")[0]
        if any(column.name == "数量" for column in self.card.columns):
            name = "订单"  # `销售数量` is the column, then
        return self.heard(rf"(?:{ROWS.rpartition('|')[0]}|{re.escape(name)})的?(?:总?数量|个数|总?数)") is not None

    def limit(self) -> int:
        """`前三名`, `最高的两个`: how many are wanted; 0 if nothing is said."""
        match = self.heard(rf"(?:排名)?前\s*(\d+|[{''.join(NUMERALS)}])\s*[名个位种条家款大]?")
        match = match or self.heard(rf"(?<=的)\s*(\d+|[{''.join(NUMERALS)}])\s*[名个位种条家款间本件部台辆首张]")
        return (int(match[1]) if match[1].isdigit() else NUMERALS[match[1]]) if match else 0
