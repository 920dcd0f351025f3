"""A goal in the making: its clause, the frame around it, the file it mentions, and the noise of real typing."""

import re
from functools import cache
from random import Random
from typing import Any

import msgspec

from training.domains import WORDING, sections
from training.tables import Table


class Draft(msgspec.Struct, kw_only=True):
    """A goal with its plan; `tools` are needed, `absent` must not be offered (beginnings of names)."""

    goal: str
    plan: list[dict[str, Any]]
    kind: str
    absent: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Words that typing noise must leave alone, besides all strings of the plan."""
    extra_tools: tuple[dict[str, Any], ...] = ()
    """Tools the goal needs that are not among the default ones."""
    level: int = 1
    """How hard it is, 1 to 4, for the curriculum."""
    implied: tuple[str, ...] = ()
    """Arguments that the goal's wording decides without saying their value."""
    pair: str = ""
    """The same for two goals that differ in the roles of two values alone."""

    @property
    def tools(self) -> list[str]:
        return list(dict.fromkeys(call["tool"] for call in self.plan if call["tool"] not in ("ask", "none")))


class Setting(msgspec.Struct, kw_only=True):
    """What a group's goals are about."""

    tables: list[Table]
    others: list[dict[str, Any]] = []
    """Cards of text files and logs."""

    @property
    def paths(self) -> list[str]:
        return [table.path for table in self.tables] + [card["path"] for card in self.others]


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"tool": name, "arguments": {key: value for key, value in arguments.items() if value not in (None, "", [])}}


def ref(step: int, pointer: str) -> dict[str, str]:
    return {"$ref": f"s{step}#/{pointer}"}


def escaped(name: str) -> str:
    """A column's name as a step of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


@cache
def frames() -> dict[str, list[str]]:
    found = {}
    for name, lines in sections((WORDING / "frames.txt").read_text("utf-8")):
        found[name] = lines
    return found


INDIRECT = re.compile(
    r"^(how many|which|what|for which|in which) .*\b(there (are|is)|we have|we got|each \w+ has|the table has|belong to|it has|(have|has) on average|are (highest|lowest|largest))$|^(for|in) which|^whether|^how far apart|^how much the"
)


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def framed(clause: str, kind: str, rng: Random) -> str:
    """The clause as a sentence; `kind` is n, w, i or s (a sentence already)."""
    if kind == "s":
        return clause
    frame = rng.choice(frames()[kind])
    while (
        kind == "w"
        and frame.startswith(("{}", "Quick", "Hi,", "Hello!", "So ", "Now,", "For the annual"))
        and INDIRECT.search(clause)
    ):
        frame = rng.choice(frames()[kind])
    if frame.startswith("{}") and rng.random() < 0.93:
        clause = upper_first(clause)
    return frame.replace("{}", clause)


def named(path: str, setting: Setting, rng: Random) -> str:
    """The file as people name it; unambiguous among the setting's files."""
    base = path.rpartition("/")[2]
    stem, _, suffix = base.rpartition(".")
    forms = [path] * 6
    bases = [p.rpartition("/")[2] for p in setting.paths]
    if bases.count(base) == 1:
        forms += [base] * 3
    words = (
        re.sub(r"[_-]+", " ", re.sub(r"[ (]+\d+\)?$|[_ -]?(20\d\d|v2|final|export|q3|new|may)$", "", stem))
        .strip()
        .lower()
    )
    alike = [p for p in setting.paths if words in re.sub(r"[_-]+", " ", p.lower())]
    if len(alike) == 1 and words:
        forms += [
            f"the {words} file",
            f"the {words} table",
            f"the {words} data",
            f"the file {base}",
            f"my {words} file",
        ]
    if sum(p.endswith("." + suffix) for p in setting.paths) == 1 and rng.random() < 0.25:
        kind = {"tsv": "TSV", "csv": "CSV", "json": "JSON", "jsonl": "JSON Lines", "parquet": "Parquet"}.get(
            suffix, suffix
        )
        forms += [f"the {kind} file", f"the attached {kind}", f"the {kind}"]
    if len(setting.paths) == 1:
        forms += ["the attached file", "this file", "the file", "the attachment"]
    return rng.choice(forms)


def mentioned(sentence: str, kind: str, path: str, setting: Setting, rng: Random, chance: float = 0.8) -> str:
    """The sentence with the file's name somewhere, or (where its topic suffices) without."""
    if rng.random() > chance:
        return sentence
    name = named(path, setting, rng)
    place = rng.random()
    if place < 0.4:
        inside = rng.choice(frames()["file"]).replace("{f}", name)
        bare, end = (sentence[:-1], sentence[-1]) if sentence[-1:] in ".?!" else (sentence, "")
        if bare.endswith(", please"):
            return f"{bare.removesuffix(', please')} {inside}, please{end}"
        return f"{bare} {inside}{end}"
    if place < 0.72:
        after = rng.choice(frames()["file after"]).replace("{f}", name)
        if after.rstrip().endswith(".") or after[1].isupper():
            return (sentence if sentence[-1:] in ".?!" else sentence + ".") + " " + upper_first(after.strip())
        return (
            sentence + after
            if rng.random() < 0.5 or sentence[-1:] not in ".?!"
            else sentence[:-1] + after + sentence[-1]
        )
    before = rng.choice(frames()["file before"]).replace("{f}", name)
    keeps = before.rstrip().endswith((".", "-")) or rng.random() < 0.1
    return upper_first(before) + (sentence if keeps or not _can_lower(sentence) else sentence[0].lower() + sentence[1:])


def _can_lower(sentence: str) -> bool:
    first = sentence.split(" ")[0]
    return first.rstrip(",:.!") in LOWERABLE


LOWERABLE = frozenset(
    """What What's Which How Who When Where Give Tell Find Calculate Compute Work Please Determine Show Get Can Could Would
    Check Let Count List Sort Add Sum Do Put Save Write Make Convert Turn Export Store Create Compare Is Are Did Does
    State Figure Look Just Average Total Number""".split()
)


def decorated(text: str, rng: Random, numbers: bool = False) -> str:
    """Greetings, thanks and wishes that change nothing."""
    if rng.random() < 0.05:
        text = rng.choice(frames()["opener"]).strip() + " " + upper_first(text)
    end = rng.random()
    if numbers and end < 0.2:
        closer = rng.choice(frames()["closer"])
        text = text + " " + closer if closer.startswith("(") or text[-1:] in ".?!)" else f"{text}. {closer}"
    elif end > 0.94:
        text = (text if text[-1:] in ".?!" else text + ".") + " " + rng.choice(frames()["thanks"])
    return text


def typed(draft: Draft, rng: Random, shown: frozenset[str]) -> Draft:
    """The draft as somebody in a hurry types it: lower case, missing full stops, typos. Literals stay."""
    text = draft.goal
    literals = sorted({*strings_of(draft.plan), *draft.kept}, key=len, reverse=True)
    if rng.random() < 0.14:
        text = outside(text, [s for s in literals if s.lower() not in shown], str.lower)
    if rng.random() < 0.12:
        text = text.rstrip(".?!")
    if rng.random() < 0.06:
        text = outside(text, literals, lambda part: misspelt(part, rng))
    draft.goal = text.strip()
    return draft


def outside(text: str, literals: list[str], change: Any) -> str:
    """Change what lies outside the literals; file names always stay."""
    kept = [re.escape(s) for s in literals if s]
    pattern = "|".join([*kept, r"[\w/.-]+\.\w{2,7}\b"])
    parts = re.split(f"({pattern})", text, flags=re.IGNORECASE)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def misspelt(text: str, rng: Random) -> str:
    words = list(re.finditer(r"\b[a-z]{5,}\b", text))
    if not words or rng.random() < 0.5:
        return text
    word = rng.choice(words)
    letters = list(word[0])
    at = rng.randrange(1, len(letters) - 1)
    match rng.randrange(3):
        case 0:
            letters[at], letters[at + 1 if at + 1 < len(letters) else at - 1] = (
                letters[at + 1 if at + 1 < len(letters) else at - 1], letters[at])  # fmt: skip
        case 1:
            del letters[at]
        case _:
            letters.insert(at, letters[at])
    return text[: word.start()] + "".join(letters) + text[word.end() :]


def strings_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [s for item in value.values() for s in strings_of(item)]
    if isinstance(value, list):
        return [s for item in value for s in strings_of(item)]
    return []
