"""What a plain argument wants, read off its schema: its words, units, few values, and what kind of text it takes."""

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.units import IMPLIED, UNITS

Kind: TypeAlias = Literal["date", "place", "person", "unit", "formula", "id", "code", ""]

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("date", r"\b(?:date|day of|datetime|deadline|birthday)\b"),
    ("place", r"\b(?:city|cities|location|place|country|state|county|town|address|region|airport)\b"),
    ("place", r"\b(?:destination|origin|departure)\b"),
    ("person", r"\b(?:person|player|actor|author|artist|composer|director|painter|sculptor|scientist|lawyer|judge|celebrity)\b"),
    ("unit", r"\b(?:units?|currency)\b"),
    ("code", r"\b(?:source code|python code|script|program|command|sql)\b|^code$"),
    ("id", r"\b(?:id|ids|code|zip|zipcode|phone|isbn|case number|account number)\b"),
    ("formula", r"\b(?:equation|expression|formula|polynomial|mathematical function)\b"),
)  # fmt: skip
_GENERIC = frozenset(
    stem_words("value number amount given type name list total specific input number parameter data info")
)
_CHOICES = re.compile(
    r"(?:options?|either|can be|choices?|such as|one of|could be|possible values|values|e\.g\.,?|for example|like)\b[^.]*",
    re.IGNORECASE,
)


class Want(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    schema: dict[str, Any]
    is_required: bool
    words: frozenset[str]
    """Stems of its name."""
    described: frozenset[str]
    """Stems of its description that are not in its name."""
    units: frozenset[str]
    options: tuple[str, ...]
    """Values that its description names, where it has no enum."""
    kind: Kind

    @property
    def type(self) -> str:
        kind = self.schema.get("type", "string")
        return kind if isinstance(kind, str) else "string"

    @property
    def telling(self) -> frozenset[str]:
        """Words of its name that mean something by themselves."""
        return self.words - _GENERIC

    @property
    def turn(self) -> int:
        """2 for `year2` or `second_year`; 0 where it is no one of several."""
        if found := re.search(r"(?<!\d)([1-9])(?:_|$|[A-Z])", self.name):
            return int(found[1])
        return next(
            (turn for turn, word in ((1, "first"), (2, "second"), (3, "third")) if word in self.name.lower()), 0
        )

    @property
    def is_origin(self) -> bool:
        return bool(re.search(r"(?:^|_)(?:from|start|origin|source|departure|base)(?:_|$)", self.name.lower()))

    @property
    def is_target(self) -> bool:
        return bool(re.search(r"(?:^|_)(?:to|end|destination|target|arrival)(?:_|$)", self.name.lower()))

    @property
    def is_count(self) -> bool:
        """How many of something: `top_n`, `limit`, `number_of_results`."""
        return bool({"count", "limit", "top", "num", "number", "quantity", "max", "result"} & self.words)

    @property
    def wants_percentage(self) -> bool:
        text = str(self.schema.get("description", "")).lower()
        return ("percent" in text or "%" in text) and "decimal" not in text


def want(name: str, schema: Mapping[str, Any], *, is_required: bool) -> Want:
    spaced = re.sub(r"[_\-.]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower()
    description = str(schema.get("description", ""))
    words = frozenset(stem_words(spaced)) or frozenset({spaced})
    lowered = re.findall(r"[a-z%/$^0-9]+", f"{spaced} {description.lower()}")
    return Want(
        name=name,
        schema=dict(schema),
        is_required=is_required,
        words=words,
        described=frozenset(stem_words(description)) - words,
        units=frozenset(UNITS[word] for word in lowered if word in UNITS and len(word) > 1)
        or frozenset(unit for word in re.findall(r"[a-z]+", spaced) for unit in IMPLIED.get(word, "").split()),
        options=_options(description) if "enum" not in schema and schema.get("type") in ("string", "array") else (),
        kind=next((kind for kind, pattern in _KINDS if re.search(pattern, spaced)), "")
        or next((kind for kind, pattern in _KINDS if re.search(pattern, description.lower())), ""),
    )


def _options(description: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in _CHOICES.finditer(description):
        quoted = re.findall(r"['\"‘“]([^'\"’”]{1,40})['\"’”]", match[0])
        listed = re.split(r",| or |/|\(", re.sub(r"^[^:,]*?(?::|such as|e\.g\.,?|like|for example,?)", "", match[0]))
        found += quoted or [part.strip(" .)'") for part in listed if 0 < len(part.split()) <= 2 and len(listed) > 1]
    return tuple(dict.fromkeys(found))
