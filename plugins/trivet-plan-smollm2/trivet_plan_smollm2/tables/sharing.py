"""Shares in percent: where one is asked for, and of what."""

import re
from typing import Any

from trivet_plan_smollm2.tables.having import Having
from trivet_plan_smollm2.words import lexicon


class Sharing(Having):
    def shares(self) -> list[re.Match[str]]:
        """Where a share is asked for; `less than 5 percent` is none."""
        said = [
            m
            for m in self.said(lexicon.SHARE)
            if not re.search(r"\d\s*$", self.text[: m.start()]) and not re.match(r"\s+points?\b", self.text[m.end() :])
        ]
        for match in said:
            self.hear(match.start(), match.end())
        if said:
            self.heard(r"(?:makes?|made|making) up|accounts? for|accounted for|represents?|constitutes?")
            self.heard(r"(?:in |as )?(?:percent|per cent|a percentage)")
        return said

    def base_of_share(self, group: str, pair: tuple[str, str, str] | None) -> tuple[dict[str, Any], ...] | None:
        """What a share is one of: the rows of the same time, if one thing else is said of those that are counted, or all but
        one thing is said of what they are a share of: `what percentage of the cargo bikes was collected`; else None."""
        if pair is not None:
            return None
        within = tuple(test for test in self.where if self.is_period(test))
        others = [test for test in self.where if test not in within]
        if len(others) == 1:
            return within
        if group:
            return None
        edge = self._edge_of_whole()
        whole = tuple(test for test in others if 0 <= self._place(test) < edge)
        return (*within, *whole) if len(others) == 2 and len(whole) == 1 else None

    def _edge_of_whole(self) -> int:
        """Where what a share is one of has been said: behind it stands a verb, or `what percent`."""
        share = next(iter(lexicon.found(lexicon.SHARE, self.text)), None)
        if share is None:
            return 0
        if re.search(r"\bof\b", self.text[: share.start()]):
            return share.start()
        verb = re.search(
            r"\b(?:is|are|was|were|has|have|had|did|came|come|comes|went|ended|got)\b", self.text[share.end() :]
        )
        return share.end() + verb.start() if verb else 0

    def _place(self, test: dict[str, Any]) -> int:
        """Where the condition is said; -1 if only its column could tell."""
        value = self.text.lower().find(str(test["value"]).lower())
        return value if value >= 0 else self.at.get(test["column"], self.flag_at.get(test["column"], -1))
