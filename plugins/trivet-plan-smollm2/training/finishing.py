"""What all goals about one table end with: a frame, the file's name, decoration; and the conditions they choose from."""

from random import Random
from typing import Any

from training import conditions as cond
from training.drafts import Draft, Setting, decorated, framed, mentioned
from training.tables import Column, Table

MANY = (0, 1, 1, 1, 2)
NONE_OR_ONE = (0, 0, 0, 1, 1)
HIGH, LOW = ("highest", "highest", "highest", "largest", "greatest"), ("lowest", "lowest", "lowest", "smallest")


def finish(
    kind: str, text: str, plan: list[dict[str, Any]], label: str, table: Table, setting: Setting, rng: Random, numbers: bool = False,
    chance: float = 0.78, place: bool = True,
) -> Draft:  # fmt: skip
    """Frame, file name and decoration."""
    sentence = framed(text, kind, rng)
    if place:
        sentence = mentioned(sentence, kind, table.path, setting, rng, 1.0 if _alike(table, setting) else chance)
    return Draft(goal=decorated(sentence, rng, numbers), plan=plan, kind=label)


def _alike(table: Table, setting: Setting) -> bool:
    """Another table of the setting could be meant as well."""
    return any(
        other is not table
        and (
            other.domain.many == table.domain.many or {c.name for c in other.columns} & {c.name for c in table.columns}
        )
        for other in setting.tables
    )


def chosen(
    table: Table, setting: Setting, rng: Random, counts: tuple[int, ...], without: tuple[str, ...] = ()
) -> list[cond.Condition]:
    return cond.some(table, rng, rng.choice(counts), without)


def summable(column: Column) -> bool:
    never = (
        "temperature",
        "rating",
        "age",
        "height",
        "altitude",
        "speed",
        "percent",
        "humidity",
        "wind",
        "width",
        "depth",
        "value",
        "latency",
    )
    return column.field.kind not in never or bool(column.field.phrases.get("sum"))
