"""A value in short: enough to see its shape and to refer into it."""

from collections.abc import Mapping, Sequence

import msgspec

from ..plan import Json


def outline(value: Json, *, items: int = 3, characters: int = 80, budget: int = 2000) -> str:
    """The value as JSON in which long lists, long texts and deep places are cut, and say how much was left out.

    At most `items` of each list and 40 keys of each object, `characters` of each text, about `budget` characters in all.
    """
    while True:
        text = _cut(value, items, characters, depth=6)
        if len(text) <= budget or (items == 0 and characters <= 10):
            return text if len(text) <= budget else f"{text[: budget - 1]}…"
        items, characters = max(0, items - 1), max(10, characters // 2)


def _cut(value: Json, items: int, characters: int, depth: int) -> str:
    if isinstance(value, str):
        if len(value) > characters:
            value = f"{value[:characters]}… ({len(value)} characters)"
        return _json(value)
    if isinstance(value, Mapping):
        if depth == 0:
            return f"{{… {len(value)} keys}}"
        shown = [f"{_json(str(key))}: {_cut(value[key], items, characters, depth - 1)}" for key in list(value)[:40]]
        if len(value) > 40:
            shown.append(f"… {len(value) - 40} more keys")
        return "{" + ", ".join(shown) + "}"
    if isinstance(value, Sequence):
        shown = [_cut(inner, items, characters, depth - 1) for inner in value[:items]] if depth else []
        if len(value) > len(shown):
            shown.append(f"… {len(value) - len(shown)} more" if shown else f"… {len(value)} items")
        return "[" + ", ".join(shown) + "]"
    return _json(value)


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()
