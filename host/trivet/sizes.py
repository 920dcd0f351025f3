"""Amounts of bytes as people write them: `200MB`, `2 GB`, `512MiB`, or a number."""

import re

_UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", 1):
    _UNITS[f"{_letter}B"] = _UNITS[_letter] = 1000**_power
    _UNITS[f"{_letter}IB"] = 1024**_power
_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")


def bytes_of(size: int | str) -> int:
    """Raises ValueError."""
    if isinstance(size, int):
        if size < 0:
            raise ValueError(f"{size} is no size; write it like 2GB")
        return size
    found = _SIZE.fullmatch(size)
    if found is None or found[2].upper() not in _UNITS:
        raise ValueError(f"'{size}' is no size; write it like 2GB")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def size_in_words(size: int) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
