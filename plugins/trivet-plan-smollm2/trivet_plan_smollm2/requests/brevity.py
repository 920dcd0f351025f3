"""How long an answer may be: `keep it under 300 characters`, `in at most 50 words`, `in one sentence`, `不超过100字`."""

import re

import msgspec

from trivet_plan_smollm2.requests.summaries import is_summary
from trivet_plan_smollm2.words.spans import NUMBER_WORDS

_N = (
    r"(?:\d+ ?(?:-|–|to|or) ?)?(?P<n>\d[\d,]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|a single|a couple of|twenty"
    r"|thirty|fifty|hundred)"
)
_UNIT = r"(?:short |brief |full |complete )?(?P<unit>characters?|chars?|words?|sentences?)"
_MOST = (
    r"(?:(?:in|to|under|below|within|using|with|of|at (?:the )?most|no more than|not more than|max(?:imum|\.)?(?: of)?|less than"
    r"|fewer than|up to|no longer than|not longer than|only|just|about|around|roughly)\s+)"
)
_LEAD = (
    r"(?:(?:and |but |please )*(?:keep|make|limit|answer|reply|respond|put|write|say|tell me|explain|describe)"
    r"(?: (?:it|this|that|them|(?:the|your) (?:answer|summary|reply|text)))?(?: (?:short|brief|it))?,?\s+)"
)
_TAIL = r"(?:\s+(?:or (?:less|fewer)|at (?:the )?most|max(?:imum)?|tops|only|please|long))*"
_EN = re.compile(
    rf"(?:(?:^|(?<=[.!?;])\s*|\s*[,(–-]\s*){_LEAD}?{_MOST}*|\s+(?:in|within|using)\s+{_MOST}*)"
    rf"{_N}\s*-?{_UNIT}{_TAIL}\s*(?P<close>[).!?,:]|$)\s*",
    re.IGNORECASE,
)
_ZH = re.compile(
    r"[，,。；;（(]?\s*(?:请|回答|答案|字数)*(?:控制在|限制在|不要?超过|不多于|最多|少于|用|在)?\s*(?P<n>\d+|一|两|二|三|四|五)\s*(?:个)?"
    r"(?P<unit>字符|字|句话|句)(?:以内|之内|内|左右)?(?:回答|说明|概括|总结|介绍)?(?P<close>[)）。！!]|$)"
)
_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "a": 1, "an": 1, "a single": 1, "a couple of": 2}


class Brevity(msgspec.Struct, frozen=True):
    """A goal without its wish for a short answer, and how many of what the answer may have; 0 for no bound."""

    rest: str
    characters: int = 0
    words: int = 0
    sentences: int = 0

    def allows(self, text: str) -> bool:
        return not (
            (self.characters and len(text) > self.characters)
            or (self.words and len(text.split()) > self.words)
            or (self.sentences and sentence_count(text) > self.sentences)
        )

    @property
    def said(self) -> str:
        """`300 characters`."""
        amounts = (("characters", self.characters), ("words", self.words), ("sentences", self.sentences))
        return " and ".join(f"{number} {unit}" for unit, number in amounts if number)


def brevity(goal: str) -> Brevity | None:
    """None unless the goal says, at a place of its own, how long the answer may be."""
    match = _EN.search(goal) or _ZH.search(goal)
    if match is None:
        return None
    said = match["n"].lower()
    number = int(said.replace(",", "")) if said[0].isdigit() else _NUMBERS.get(said) or NUMBER_WORDS[said]
    close = match["close"] if match["close"] in ("?", ".", "!", "？") else ""
    before, after = goal[: match.start()].rstrip(" ,(，（"), goal[match.end() :].strip()
    close = "" if not before or before[-1] in ".?!。？！" or after[:1] in ("?", "!", ".") else close
    rest = f"{before}{close}{'' if after[:1] in ('?', '!', '.') else ' '}{after}".strip()
    unit = match["unit"].lower()
    if len(rest) < 4:
        return None
    if unit.startswith("s") or "句" in unit:
        return Brevity(rest, sentences=number)
    return Brevity(rest, words=number) if unit.startswith("w") else Brevity(rest, characters=number)


def matter(goal: str) -> str:
    """The goal without its wish for a short answer; a wish for a summary keeps it."""
    brief = None if is_summary(goal) else brevity(goal)
    return brief.rest if brief else goal


def sentence_count(text: str) -> int:
    return len([part for part in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", text.strip()) if re.search(r"\w", part)])
