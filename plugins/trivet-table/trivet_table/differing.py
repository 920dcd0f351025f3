"""What one list, table or file of settings has and another has not, and which values they have differently."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal, TypeAlias

from trivet_sdk import ToolError, ToolResult, result
from trivet_table.listing import Entries, key_of
from trivet_table.table import nearest_name
from trivet_table.wording import MAX_ROWS, cell, items_said, rows_of, table_said, with_notes

Show: TypeAlias = Literal["only", "both", "changed"]


def differ(left: Entries, right: Entries, on: str, other_on: str, show: Show) -> ToolResult:
    """Raises ToolError where nothing tells which entries of both are the same."""
    here, there = _keys(left, right, on, other_on)
    notes = [note for side in (left, right) for note in side.notes]
    known = {key_of(record[there]) for record in right.records} - {""}
    filled = [record for record in left.records if key_of(record[here])]
    if len(filled) < len(left.records):
        empty = len(left.records) - len(filled)
        notes.append(f"{_counted(empty, left.noun)} of {left.name} without {here} left out")
    if show == "changed":
        return _changed(left, right, here, there, notes)
    noun = left.noun
    if on and len(first := {key_of(record[here]): record for record in reversed(filled)}) < len(filled):
        filled, noun = list(reversed(first.values())), f"different {here}"
    chosen = [record for record in filled if (key_of(record[here]) in known) == (show == "both")]
    names = list(left.columns) if noun == left.noun else [here]
    chosen = [{name: record[name] for name in names} for record in chosen]
    named = [name for name in dict.fromkeys((here, there)) if name not in ("entry", "setting")]
    by = f" by {' and '.join(named)}" if named else ""
    where = f"also in {right.name}" if show == "both" else f"not in {right.name}"
    counted = f"{len(chosen) or 'none'} of the {_counted(len(filled), noun)}"
    text = f"{counted} of {left.name} {'is' if len(chosen) < 2 else 'are'} {where}{by}"
    if chosen:
        text += _shown(names, here, chosen)
    data: dict[str, Any] = {"columns": names, "rows": chosen, "matched": len(chosen), "of": len(filled)}
    data["values"] = {name: list(dict.fromkeys(record[name] for record in chosen)) for name in names}
    return result(with_notes(text, notes), data | ({"notes": notes} if notes else {}))


def _counted(count: int, noun: str) -> str:
    return f"{count} entries" if noun == "entry" and count != 1 else rows_of(count, noun)


def _shown(columns: Sequence[str], key: str, chosen: list[dict[str, Any]]) -> str:
    if len(columns) <= 2 or len(chosen) > MAX_ROWS:
        return f": {items_said([cell(record[key]) for record in chosen])}"
    return ":\n" + table_said(columns[:10], chosen)


def _changed(left: Entries, right: Entries, here: str, there: str, notes: list[str]) -> ToolResult:
    """Each value that is another in `left` than in `right`, the older one in front."""
    for side, key in ((left, here), (right, there)):
        keys = [key_of(record[key]) for record in side.records if key_of(record[key])]
        if len(set(keys)) < len(keys):
            raise ToolError(
                f"{side.name} has several rows with the same {key}, so nobody can tell which belong together. "
                "Name a column in 'on' that tells its rows apart."
            )
    common = {name: found for name in left.columns if name != here and (found := nearest_name(name, right.columns))}
    if not common:
        raise ToolError(f"{left.name} and {right.name} have no column in common but {here}, so no value can differ.")
    before, after = _titles(right.name, left.name)
    changes = list(_differences(left, right, here, there, common))
    is_single = len(common) == 1
    names = [here, *([] if is_single else ["column"]), before, after]
    rows = [
        dict(zip(names, (key, *([] if is_single else [name]), old, new), strict=True))
        for key, name, old, new in changes
    ]
    notes += _alone(left, here, right, there)
    noun = "value" if left.noun == "row" else left.noun
    text = f"no {noun} of {left.name} differs from {right.name}"
    if rows:
        count = _counted(len(rows), noun)
        text = f"{count} of {left.name} {'differs' if len(rows) == 1 else 'differ'} from {right.name}:\n"
        text += table_said(names, rows)
    data: dict[str, Any] = {"columns": names, "rows": rows, "matched": len(rows)}
    return result(with_notes(text, notes), data | ({"notes": notes} if notes else {}))


def _differences(
    left: Entries, right: Entries, here: str, there: str, common: Mapping[str, str]
) -> Iterator[tuple[Any, str, Any, Any]]:
    partners = {key_of(record[there]): record for record in right.records}
    for record in left.records:
        partner = partners.get(key_of(record[here])) if key_of(record[here]) else None
        for name, other in common.items() if partner is not None else ():
            if partner is not None and key_of(record[name]) != key_of(partner[other]):
                yield record[here], name, partner[other], record[name]


def _alone(left: Entries, here: str, right: Entries, there: str) -> Iterator[str]:
    """What only one of the two has, as notes."""
    for one, key, other, other_key in ((left, here, right, there), (right, there, left, here)):
        known = {key_of(record[other_key]) for record in other.records}
        alone = [cell(record[key]) for record in one.records if key_of(record[key]) not in known | {""}]
        if alone:
            yield f"only in {one.name}: {items_said(alone)}"


def _titles(before: str, after: str) -> tuple[str, str]:
    names = [PurePosixPath(name).name for name in (before, after)]
    return (names[0], names[1]) if names[0] != names[1] else (before, after) if before != after else ("other", "path")


def _keys(left: Entries, right: Entries, on: str, other_on: str) -> tuple[str, str]:
    """The columns that say which entries are the same: as named, else the two that share the most values."""
    if on and other_on:
        return _named(left, on), _named(right, other_on)
    if on and (same := nearest_name(on, right.columns)):
        return _named(left, on), same
    if other_on and (same := nearest_name(other_on, left.columns)):
        return same, _named(right, other_on)
    chosen = [_named(side, name) if name else "" for side, name in ((left, on), (right, other_on))]
    sets = [
        {name: {key_of(r[name]) for r in side.records} - {""} for name in ([key] if key else side.columns)}
        for side, key in zip((left, right), chosen, strict=True)
    ]
    best: tuple[tuple[bool, bool, float], str, str] | None = None
    for here, values in sets[0].items():
        is_key = len(values) == len(left.records)
        for there, others in sets[1].items():
            is_text = here in left.texts and there in right.texts
            shared = len(values & others) / max(1, len(values))
            if not shared or not (is_text or (is_key and here == there)):
                continue
            rank = (is_text, is_key, shared)
            if best is None or rank > best[0]:
                best = rank, here, there
    if best is not None:
        return best[1], best[2]
    if left.noun == right.noun != "row":
        return left.columns[0], right.columns[0]
    raise ToolError(
        f"{left.name} and {right.name} have no value in common, so nobody can tell by which columns they belong together. "
        "Name them in 'on' and 'other_on'."
    )


def _named(side: Entries, name: str) -> str:
    found = nearest_name(name, side.columns)
    if found is None:
        raise ToolError(f"{side.name} has no column '{name}'. Its columns are {', '.join(side.columns)}.")
    return found
