"""Chinese tables and texts, and the rows that goals speak of."""

from datetime import date
from functools import cache
from random import Random

from training import people, tables
from training.conditions import Condition
from training.domains import WORDING, Domain, Field, listed, sections
from training.drafts import Setting
from training.tables import Column, Table


@cache
def chinese_domains() -> tuple[Domain, ...]:
    found = []
    for block in ("\n" + (WORDING / "tables_zh.txt").read_text("utf-8")).split("\n## ")[1:]:
        header, *lines = block.strip().splitlines()
        noun, measure, stems = header.split("|")
        found.append(
            Domain(
                one=measure,
                many=noun,
                pronoun="",
                places=(),
                stems=listed(stems, ","),
                fields=tuple(map(_field, lines)),
            )
        )
    return tuple(found)


def _field(line: str) -> Field:
    head, _, rest = line.partition(" : ")
    role, names = head.split(" ")
    content, *phrases = [part.strip() for part in rest.split(" | ")]
    spoken: dict[str, tuple[str, ...]] = {}
    if role == "flag":
        spoken = {"yes": listed(phrases[0], ";"), "no": listed(phrases[1], ";")}
    elif phrases:
        spoken = {"is": listed(phrases[0], ";")}
    names_of = listed(names, "/")
    return Field(role=role, names=names_of, content=content, nouns=names_of[:1], phrases=spoken, kind="zh")


@cache
def texts() -> list[tuple[tuple[str, ...], tuple[str, ...], list[str]]]:
    return [
        (listed(paths, ","), listed(names, ","), lines)
        for header, lines in sections((WORDING / "texts_zh.txt").read_text("utf-8"))
        for paths, names in [header.split("|")]
    ]


def setting_of(rng: Random) -> Setting:
    chosen = rng.sample(chinese_domains(), rng.choice([1, 1, 2]))
    setting = Setting(tables=[_table(domain, rng) for domain in chosen])
    if rng.random() < 0.5:
        paths, _, _ = rng.choice(texts())
        setting.others.append({"path": rng.choice(paths), "kind": "text", "rows": rng.randint(5, 60), "columns": []})
    return setting


def _table(domain: Domain, rng: Random) -> Table:
    fields = [f for f in domain.fields if f.role == "key"]
    rest = [f for f in domain.fields if f.role != "key"]
    fields = sorted(fields + rng.sample(rest, min(len(rest), rng.randint(3, 6))), key=domain.fields.index)
    columns = []
    for field in fields:
        column = Column(field=field, name=rng.choice(field.names), type="text")
        match field.role:
            case "num":
                low, high, places = tables.limits(field.content.split(" ")[0])
                column.values = sorted(
                    {
                        round(rng.uniform(low, high), places) if places else rng.randint(int(low), int(high))
                        for _ in range(12)
                    }
                )
                column.type = "number" if places else "integer"
            case "flag":
                column.values, column.shown = list(field.content.split("/")), 2
            case "date":
                first, last = (int(y) for y in field.content.split(".."))
                column.values = sorted(
                    date(rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28)).isoformat()
                    for _ in range(10)
                )
                column.type = "date"
            case "year":
                first, last = (int(y) for y in field.content.split("-"))
                column.values, column.type = sorted({rng.randint(first, last) for _ in range(10)}), "integer"
            case "attr":
                column.values, column.shown = [people.contact(field.content, rng) for _ in range(6)], 4
            case _:
                column.values = list(listed(field.content, ","))
                rng.shuffle(column.values)
                column.shown = min(5, len(column.values))
        columns.append(column)
    suffix = rng.choice(tables.SUFFIXES)
    return Table(
        domain=domain, path=f"{rng.choice(domain.stems)}.{suffix}", rows=rng.choice(tables.ROWS), columns=columns
    )


def _condition(table: Table, rng: Random, without: str = "") -> Condition | None:
    usable = [c for c in table.having("cat", "num", "flag", "date", "year") if c.name != without]
    if not usable:
        return None
    column = rng.choice(usable)
    op, value, phrases = "=", rng.choice(column.values), column.field.phrases.get("is", ())
    match column.role:
        case "flag":
            yes = rng.random() < 0.5
            value = column.field.content.split("/")[0 if yes else 1]
            phrases = column.field.phrases["yes" if yes else "no"]
        case "cat":
            phrases = tuple(p.replace("{v}", str(value)) for p in phrases)
        case "num":
            op = rng.choice([">", "<", ">=", "<="])
            unit = column.field.content.partition(" ")[2]
            words = {
                ">": ("超过{x}的*", "大于{x}的*", "高于{x}的*"),
                "<": ("低于{x}的*", "小于{x}的*", "不到{x}的*"),
                ">=": ("不低于{x}的*", "至少{x}的*"),
                "<=": ("不超过{x}的*", "最多{x}的*"),
            }[op]
            value = round(value) if column.type == "integer" or value > 5 else value
            x = f"{value}{unit if rng.random() < 0.6 else ''}"
            phrases = tuple(column.field.nouns[0] + w.replace("{x}", x) for w in words)
        case "date" | "year":
            period = str(value)
            value, said = (
                rng.choice([(period[:4], f"{period[:4]}年"), (period[:7], f"{period[:4]}年{int(period[5:7])}月")])
                if column.role == "date"
                else (value, f"{value}年")
            )
            op, after = rng.choice([("=", ""), ("=", ""), (">", "之后"), ("<", "之前")])
            phrases = tuple(p.replace("{t}", said + after) for p in phrases)
    return Condition(column=column, op=op, value=value, phrases=phrases) if phrases else None


def said(table: Table, rng: Random, chance: float, without: str = "") -> tuple[str, list[Condition]]:
    rows = table.domain.many
    if rng.random() < chance:
        condition = _condition(table, rng, without)
        if condition:
            return rng.choice(condition.phrases).replace("*", rows), [condition]
    return rows, []
