"""Chinese goals; their grammar is simple enough for patterns alone."""

from functools import cache
from random import Random
from typing import Any

from training.chinese_tables import chinese_domains, said, texts
from training.conditions import where
from training.domains import WORDING, sections
from training.drafts import Draft, Setting, call, ref
from training.goals_write import FORMATS
from training.tables import Table

OUT = ("结果", "输出", "报表", "导出", "out", "results", "汇总")
STEMS = ("名单", "结果", "汇总", "筛选", "统计", "列表", "清单", "result", "list")
NAMES = ("小李", "张老师", "王经理", "妈妈", "陈静")


@cache
def questions() -> dict[str, list[str]]:
    return dict(sections((WORDING / "questions_zh.txt").read_text("utf-8")))


def _fill(intent: str, table: Table, setting: Setting, rng: Random, **slots: str) -> str:
    pattern = rng.choice(questions()[intent])
    path = (
        table.path
        if len(setting.paths) > 1 or rng.random() < 0.7
        else rng.choice([table.path.rpartition("/")[2], "这个文件", "附件"])
    )
    slots = {"f": path, "m": table.domain.one, "rows": table.domain.many} | slots
    for name, value in slots.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern


def _path(rng: Random, suffixes: tuple[str, ...] = ("csv", "csv", "json", "tsv", "jsonl", "parquet")) -> str:
    folder = rng.choice(OUT) + "/" if rng.random() < 0.6 else ""
    return f"{folder}{rng.choice(STEMS)}.{rng.choice(suffixes)}"


def goal(setting: Setting, rng: Random) -> Draft | None:
    table = rng.choice(setting.tables)
    numbers, cats, key, path = table.having("num"), table.having("cat"), table.key, table.path
    kind = rng.choices(
        ["count", "figure", "group", "best", "lookup", "top", "list", "save", "sorted", "saved group", "convert", "product", "compare", "describe", "find", "ask", "none", "missing"],
        [12, 13, 8, 8, 7, 5, 6, 9, 4, 4, 5, 3, 4, 1, 9, 3, 3, 3])[0]  # fmt: skip
    plan: list[dict[str, Any]]
    label = "chinese"
    match kind:
        case "count":
            rows, conditions = said(table, rng, 0.75)
            text, plan = (
                _fill("count", table, setting, rng, rows=rows),
                [call("table.aggregate", path=path, function="count", **where(conditions))],
            )
        case "figure" if numbers:
            column, function = rng.choice(numbers), rng.choice(["mean", "mean", "sum", "sum", "max", "min", "median"])
            rows, conditions = said(table, rng, 0.45, column.name)
            text = _fill(function, table, setting, rng, rows=rows, noun=column.name)
            plan = [call("table.aggregate", path=path, function=function, column=column.name, **where(conditions))]
        case "group" if cats:
            cat = rng.choice(cats)
            function = rng.choice(["count", "mean", "sum"]) if numbers else "count"
            column = rng.choice(numbers) if numbers else cat
            text = _fill(f"group {function}", table, setting, rng, cat=cat.name, noun=column.name)
            plan = [
                call(
                    "table.aggregate",
                    path=path,
                    function=function,
                    column=None if function == "count" else column.name,
                    group_by=cat.name,
                )
            ]
        case "best" if cats:
            cat = rng.choice(cats)
            form, function, high = rng.choice(
                [
                    ("best count", "count", True),
                    ("worst count", "count", False),
                    ("best mean", "mean", True),
                    ("worst mean", "mean", False),
                    ("best sum", "sum", True),
                ]
            )
            if function != "count" and not numbers:
                return None
            column = rng.choice(numbers) if numbers else cat
            text = _fill(form, table, setting, rng, cat=cat.name, noun=column.name)
            plan = [
                call(
                    "table.aggregate",
                    path=path,
                    function=function,
                    column=None if function == "count" else column.name,
                    group_by=cat.name,
                    descending=high,
                    limit=1,
                )
            ]
        case "lookup" if key and len(table.columns) > 1:
            target, value = rng.choice([c for c in table.columns if c is not key]), rng.choice(key.values)
            text = _fill("lookup", table, setting, rng, it=str(value), target=target.name)
            plan = [
                call(
                    "table.select",
                    path=path,
                    columns=[target.name],
                    where=[{"column": key.name, "op": "=", "value": value}],
                )
            ]
        case "top" if key and numbers:
            column, high = rng.choice(numbers), rng.random() < 0.65
            text = _fill("top" if high else "bottom", table, setting, rng, noun=column.name)
            plan = [
                call(
                    "table.select",
                    path=path,
                    columns=[key.name, column.name],
                    sort_by=column.name,
                    **({"descending": True} if high else {}),
                    limit=1,
                )
            ]
        case "list":
            rows, conditions = said(table, rng, 1)
            if not conditions:
                return None
            text = _fill("list", table, setting, rng, rows=rows)
            plan = [call("table.select", path=path, columns=[key.name] if key else None, **where(conditions))]
        case "save":
            rows, conditions = said(table, rng, 1)
            to = _path(rng)
            if not conditions:
                return None
            text = _fill("save", table, setting, rng, rows=rows, p=to)
            columns: list[str] = []
            if rng.random() < 0.3:
                columns = [c.name for c in rng.sample(table.columns, 2)]
                text = text.rstrip("。") + rng.choice(
                    [f"（只要{columns[0]}和{columns[1]}两列）。", f"，只保留{columns[0]}和{columns[1]}。"]
                )
            plan = [
                call("table.select", path=path, columns=columns, **where(conditions)),
                call("table.write", rows=ref(1, "rows"), path=to),
            ]
        case "sorted" if numbers:
            column, down, to = rng.choice(numbers), rng.random() < 0.6, _path(rng)
            text = _fill("save sorted" if down else "save sorted up", table, setting, rng, noun=column.name, p=to)
            plan = [
                call("table.select", path=path, sort_by=column.name, **({"descending": True} if down else {})),
                call("table.write", rows=ref(1, "rows"), path=to),
            ]
        case "saved group" if cats:
            cat, to = rng.choice(cats), _path(rng)
            if numbers and rng.random() < 0.5:
                column = rng.choice(numbers)
                text = _fill("save mean", table, setting, rng, cat=cat.name, noun=column.name, p=to)
                plan = [
                    call("table.aggregate", path=path, function="mean", column=column.name, group_by=cat.name),
                    call("table.write", rows=ref(1, "rows"), path=to),
                ]
            else:
                text = _fill("save group", table, setting, rng, cat=cat.name, p=to)
                plan = [
                    call("table.aggregate", path=path, function="count", group_by=cat.name),
                    call("table.write", rows=ref(1, "rows"), path=to),
                ]
        case "convert":
            suffix = rng.choice([s for s in FORMATS if not path.endswith("." + s)])
            to = _path(rng, (suffix,))
            text = _fill("convert", table, setting, rng, p=to, F=FORMATS[suffix][0])
            plan = [call("table.convert", path=path, to=to)]
        case "product":
            amount = next((c for c in numbers if c.field.names[0] in ("数量", "件数")), None)
            price = next((c for c in numbers if c.field.names[0] in ("单价", "价格", "金额")), None)
            if not amount or not price:
                return None
            text = _fill("product", table, setting, rng, a=amount.name, b=price.name)
            plan = [
                call(
                    "table.sql", query=f'SELECT SUM("{amount.name}" * "{price.name}") AS value FROM data', paths=[path]
                )
            ]
        case "compare" if cats and numbers:
            cat, column = rng.choice(cats), rng.choice(numbers)
            x, y = rng.sample(cat.values, 2)
            form, function = rng.choice([("compare", "mean"), ("compare sum", "sum")])
            text = _fill(form, table, setting, rng, x=x, y=y, noun=column.name)
            plan = [
                call("table.compare", path=path, function=function, column=column.name, by=cat.name, first=x, second=y)
            ]
        case "describe":
            text, plan = _fill("describe", table, setting, rng), [call("table.describe", path=path)]
        case "find" if setting.others:
            return _find(setting.others[0]["path"], rng)
        case "ask" if len(setting.tables) > 1:
            text, plan = rng.choice(questions()["ask"]), [call("ask", question="which file")]
        case "none":
            text, plan = rng.choice(questions()["none"]).replace("{name}", rng.choice(NAMES)), [call("none")]
            return Draft(
                goal=text,
                plan=plan,
                kind=label,
                absent=(
                    "mail",
                    "weather",
                    "forecast",
                    "flight",
                    "music",
                    "play",
                    "light",
                    "phone",
                    "call",
                    "clock",
                    "image",
                    "web",
                    "stock",
                ),
            )
        case "missing":
            known = "".join(n for t in setting.tables for c in t.columns for n in (c.name, *c.field.names))
            foreign = [
                f
                for d in chinese_domains()
                for f in d.fields
                if f.role == "num" and not any(n in known or n[-2:] in known for n in f.names)
            ]
            if not foreign:
                return None
            text, plan = (
                _fill("missing", table, setting, rng, noun=rng.choice(foreign).names[0], f=path),
                [call("none")],
            )
            if setting.others:
                text = f"{path}：{text}"
        case _:
            return None
    if (
        table.path not in text
        and table.domain.many not in text
        and len(setting.tables) > 1
        and kind not in ("ask", "none")
    ):
        text = rng.choice([f"{path}：{text}", f"根据{path}，{text}", f"在{path}里，{text}"])
    if rng.random() < 0.1:
        text = text.rstrip("。？")
    return Draft(goal=text, plan=plan, kind=label)


def _find(path: str, rng: Random) -> Draft:
    _, names, lines = next(t for t in texts() if path in t[0])
    raw = rng.choice(lines)
    span = raw[raw.index("[") + 1 : raw.index("]")]
    text = raw.replace("[", "").replace("]", "")
    arguments = {"query": span}
    if rng.random() < 0.5:
        said = rng.choice([path, names[0]])
        text = rng.choice(
            [f"根据{said}，{text}", f"{said}里写了{text}", f"请在{said}中查一下：{text}", f"{said}：{text}"]
        )
        arguments["path"] = path
    return Draft(goal=text, plan=[call("files.find", **arguments)], kind="chinese")
