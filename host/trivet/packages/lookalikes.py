"""Names that can be taken for the name of a known plugin: pure."""

import re
import unicodedata
from collections.abc import Container, Iterable

_LOOKS = str.maketrans({
    "а": "a", "в": "b", "е": "e", "ѕ": "s", "і": "i", "ї": "i", "ј": "j", "к": "k", "м": "m", "н": "h", "о": "o",
    "р": "p", "с": "c", "т": "t", "у": "y", "х": "x", "ԁ": "d", "ԛ": "q", "ԝ": "w", "һ": "h", "ӏ": "l", "ɡ": "g",
    "α": "a", "ε": "e", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "γ": "y",
    "ı": "i", "ɩ": "i", "ⅼ": "l", "ɑ": "a", "ø": "o", "đ": "d", "ł": "l",
    "0": "o", "1": "l", "5": "s", "|": "l",
})  # fmt: skip
"""Letters of other scripts, and digits, as the Latin letter that they look like (a choice of Unicode's confusables)."""


def lookalike(name: str, known: Iterable[str], unique: Container[str] = ()) -> str:
    """The known name that this one can be taken for, or nothing. A known name itself is none, nor is the next of a series
    (`server-1`, `server-2`), unless that name is `unique`."""
    names = sorted(set(known))
    if name in names:
        return ""
    shape = _shape(name)
    for other in names:
        if other not in unique and _series(name) == _series(other):
            continue
        if shape == _shape(other) or (min(len(shape), len(other)) > 3 and _is_one_edit(shape, _shape(other))):
            return other
    return ""


def foreign_letters(name: str) -> tuple[str, ...]:
    """Letters that look Latin and are not, by their Unicode names; in a name of that script throughout they are at home."""
    if not re.search("[a-z]", name.lower()):
        return ()
    return tuple(
        unicodedata.name(letter, repr(letter))
        for letter in dict.fromkeys(name)
        if ord(letter) > 127 and ord(letter.lower()) in _LOOKS
    )


def _series(name: str) -> str:
    return re.sub(r"\d+", "#", name.casefold())


def _shape(name: str) -> str:
    """The name as the eye takes it: no case, no separators, no marks, look-alikes as one."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(
        letter for letter in plain if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    plain = re.sub(r"[-_.\s]+", "", plain).translate(_LOOKS)
    return plain.replace("rn", "m").replace("vv", "w").replace("i", "l")


def _is_one_edit(one: str, other: str) -> bool:
    """One letter more, less or different, or two neighbours swapped (optimal string alignment distance 1)."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, other_rest = one[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )
