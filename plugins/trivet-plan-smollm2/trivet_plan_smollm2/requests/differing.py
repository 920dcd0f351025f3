"""Two lists, tables or settings files held against each other: `who is on the guest list but not in members.csv?`"""

import re
from collections.abc import Iterable, Mapping, Sequence

from trivet_plan_smollm2.grounding import new_paths
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.naming import Naming, name_of, named_in
from trivet_plan_smollm2.words.similarity import STOP, stem, stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk, without_form

_FILE = "[\ue000\ue001]"
_DET = r"(?:(?:the|our|my|a|an|any|that|those)\s+)*"
_IN = (
    r"(?:(?:to be |been |be )?(?:listed|named|found|contained|included|mentioned|standing|registered|recorded|part"
    r"|appear(?:s|ed|ing)?|occurs?|occurred|stands?|stood|show(?:s|n)? up|turn(?:s|ed)? up)\s+)?"
    r"(?:(?:also|yet|already|anymore|any more|any longer)\s+)*"
    r"(?:(?:in|on|among|amongst|from|at|of|within)\s+)?"
)
_NOT = r"(?:\bnot|n['’]t|\bnever|\bno longer|\bnor|\bneither)"
_FILL = r"(?:(?:yet|also|even|be|been|being|have|had|got|anymore|any longer|at all)\s+)*"
_LACKING = re.compile(
    rf"{_NOT}\s+{_FILL}{_IN}{_DET}(?P<there>{_FILE})"
    rf"|\b(?:missing|absent|lacking|left out)\s+(?:from|in|on|at)\s+{_DET}(?P<from>{_FILE})"
    rf"|(?P<lacks>{_FILE})\s+(?:(?:do|does|did|has|have|had)(?:n['’]t|\s+not)|lacks?|lacked|misses)(?!\w)"
    rf"(?!\s+(?:\w+\s+){{0,5}}{_FILE})(?:\s+(?:have|contain|list|include|mention|know))?"
    rf"|\b(?:is|are|have|has|had|with)\s+no\s+(?P<are>{_FILE})|\bwithout\s+(?:an?\s+)?(?P<bare>{_FILE})",
    re.IGNORECASE,
)
"""What is told of is not in this one."""
_ADDED = re.compile(
    rf"\b(?:(?:is|are|was|were|be|been|what['’]s)\s+)?(?:new|newly added|added|came in|joined|only)"
    rf"\s+(?:in|on|to)\s+{_DET}(?P<here>{_FILE})",
    re.IGNORECASE,
)
_BOTH = re.compile(
    rf"\bboth\s+(?:(?:the|my|our|\w+)\s+){{0,2}}(?:lists?|files?|tables?|years?)\b,?\s*(?P<each>{_FILE})\s+and\s+(?:in\s+)?{_FILE}"
    rf"|\bboth\s+(?:(?:in|on|among)\s+)?{_DET}(?P<one>{_FILE})\s+(?:and|as well as)\s+(?:(?:in|on|also|among)\s+)*{_DET}{_FILE}"
    rf"|(?:\b(?:and|also|too|already|is|are)\s+)+(?:also\s+|already\s+)+{_IN}{_DET}(?P<there>{_FILE})"
    rf"|\band\s+(?:in|on)\s+{_DET}(?P<too>{_FILE})(?:\s+(?:too|also|as well))?",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:differ(?:s|ed|ent(?:ly)?|ences?)?|chang(?:e|es|ed|ing)|not the same|deviates?|updated|unlike)(?!\w)",
    re.IGNORECASE,
)
_SHORT = re.compile(r"\b(do|does|did|is|are|was|were|has|have|had)nt\b", re.IGNORECASE)
_OLD = re.compile(r"(?<![a-z])(?:old|previous|before|prev|alt|former|last|backup|bak|orig(?:inal)?)(?![a-z])", re.I)
_NEW = re.compile(r"(?<![a-z])(?:new|current|now|latest|neu|updated|this)(?![a-z])", re.I)
_SAID = frozenset(
    "who whos which what how many people person persons anybody anyone somebody someone everybody everyone those they them "
    "names name entries entry list lists listed tables table file files settings setting keys key values value new newer old "
    "older ones one now before compare compared comparing comparison against versus vs with yet though while whereas then "
    "both two each other side but and from since stand stands standing also already however all only there still".split()
)
_COMPARING = frozenset("than between difference vs versus each".split())


def differing(
    goal: Spans, cards: Mapping[str, FileCard], listing: Sequence[str], tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    """One call; none unless the goal names two files, says how they are held against each other, and nothing else."""
    tool = next((t for t in tools if {"path", "other", "show"} <= t.parameters.get("properties", {}).keys()), None)
    if tool is None or has_cjk(goal.goal):
        return ()
    names = [path.rpartition("/")[2] for path in listing]
    if any(not any(name.endswith(f" {path}") for name in names) for path in new_paths(goal, listing)):
        return ()
    sides = [card.path for card in cards.values() if card.kind in ("table", "text", "data")]
    text = _SHORT.sub(r"\1n't", without_form(goal.goal))
    places = named_in(text, sides)
    paths = list(dict.fromkeys(each.path for each in places))
    if len(paths) != 2:
        return ()
    marked = _marked(text, places, paths)
    for show, form in (("only", _LACKING), ("only", _ADDED), ("both", _BOTH), ("changed", _CHANGED)):
        match = form.search(marked)
        if match is None:
            continue
        here, there = _sides(show, match, marked, paths, text)
        if not here or (show == "changed" and any(cards[path].kind == "text" for path in (here, there))):
            return ()
        rest = f"{marked[: match.start()]} {marked[match.end() :]}"
        on = "" if show == "changed" else _shared(rest, cards[here])
        if _left(rest, cards[here], cards[there], on, show):
            return ()
        arguments = {"path": here, "other": there, "on": on, "show": show}
        return (Call(tool=tool.name, arguments={name: value for name, value in arguments.items() if value}),)
    return ()


def _marked(text: str, places: Sequence[Naming], paths: Sequence[str]) -> str:
    """The goal with a sign in the place of each file."""
    for each in reversed(places):
        text = f"{text[: each.start]} {chr(0xE000 + paths.index(each.path))} {text[each.end :]}"
    return re.sub(r"\s+", " ", text).strip()


def _sides(show: str, match: re.Match[str], marked: str, paths: Sequence[str], text: str) -> tuple[str, str]:
    """What is told of, and what it is held against."""
    signs = re.findall(_FILE, marked)
    groups = match.groupdict()
    if show == "changed":
        return _newer(marked, paths)
    if "here" in groups:
        here = ord(groups["here"]) - 0xE000
        return paths[here], paths[1 - here]
    there = next((sign for sign in groups.values() if sign), "")
    index = ord(there) - 0xE000
    if show == "only" and signs.count(there) > 1:
        return "", ""  # spoken of twice: nobody can tell of which rows
    return paths[1 - index], paths[index]


def _newer(marked: str, paths: Sequence[str]) -> tuple[str, str]:
    """Of two states of one thing, the newer one first: by the number in its name, by `old` and `new`, by what is said."""
    one, other = (name_of(path).digits for path in paths)
    if one != other and one and other:
        key = [sorted(int(each) for each in digits) for digits in (one, other)]
        return (paths[0], paths[1]) if key[0] > key[1] else (paths[1], paths[0])
    for place, path in enumerate(paths):
        if _OLD.search(path.replace("_", " ")) or _NEW.search(paths[1 - place].replace("_", " ")):
            return paths[1 - place], path
    first, second = (paths[ord(sign) - 0xE000] for sign in dict.fromkeys(re.findall(_FILE, marked)))
    if re.search(rf"\b(?:from|between)\s+{_DET}{_FILE}\s+(?:to|and)\b", marked, re.IGNORECASE):
        return second, first
    return first, second


def _shared(rest: str, card: FileCard) -> str:
    """The one column of texts that many rows share and that is said in the plural: `which leaders in rescues.jsonl`."""
    found = [
        column.name
        for column in card.columns
        if column.type == "text" and column.distinct != card.rows
        and re.search(rf"(?<!\w){re.escape(spaced(column.name))}(?:s|es)(?!\w)", rest, re.IGNORECASE)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else ""


def _left(rest: str, here: FileCard, there: FileCard, on: str, show: str) -> list[str]:
    """Words that say something else: which rows of the list, which of its columns."""
    known = {part for card in (here, there) for part in name_of(card.path).words}
    called = {
        part
        for column in here.columns
        if show == "changed" or column.name == on or (column.distinct == here.rows and column.type == "text")
        for part in stem_words(spaced(column.name))
    }
    if show != "changed" and any(
        set(stem_words(spaced(column.name))) == name_of(there.path).words and column.distinct != here.rows
        for column in here.columns
    ):
        return [there.path]  # a column of the rows tells it, such as whether a booking is a member's
    words = re.findall(r"\d+|[^\W\d_]+(?:['’][a-z]+)?", re.sub(_FILE, " ", rest))
    return [word for word in words if not _is_heard(word if len(word) == 1 else word.lower(), known | called)]


def _is_heard(word: str, known: Iterable[str]) -> bool:
    word = re.sub(r"['’]s$", "", word)
    if word in lexicon.OPERATIVE - {"than", "between", "difference", "vs", "versus", "each"} or re.fullmatch(
        lexicon.NEGATED, word
    ):
        return False
    if word.isdigit():
        return False
    return (
        word in _SAID or word in STOP or word in lexicon.GENERIC or stem(word) in known or word in ("s", "t", "d", "m")
    )
