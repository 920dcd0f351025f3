"""More goals over folders of the suite `goals`, whose files are read for what is right."""

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words

THERE = Path(__file__).parents[2] / "goals" / "workspace"


def _rows(path: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (THERE / path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def build() -> list[dict[str, Any]]:
    sales, books, tours = _rows("bakery/sales.csv"), _rows("library/books.csv"), _rows("hiking/tours.csv")
    weather, orders, products = (
        _rows("hiking/weather.tsv", "\t"),
        _rows("webshop/orders.csv"),
        _rows("webshop/products.tsv", "\t"),
    )
    tea = _rows("teashop/销售.csv")
    returns = [json.loads(line) for line in (THERE / "webshop/returns.jsonl").read_text("utf-8").splitlines()]

    taken: dict[str, float] = defaultdict(float)
    for row in sales:
        taken[row["item"]] += int(row["sold"])
    march, april = (sum(int(r["sold"]) for r in sales if r["day"].startswith(f"2024-0{m}")) for m in (3, 4))
    rain: dict[str, float] = defaultdict(float)
    for row in weather:
        rain[row["date"][:7]] += float(row["rain_mm"])
    kitchen = {p["sku"] for p in products if p["group"] == "kitchen"}
    kitchen_paid = sum(float(o["paid"]) for o in orders if o["sku"] in kitchen)
    tea_sold: dict[str, int] = defaultdict(int)
    for row in tea:
        tea_sold[row["品名"]] += int(row["数量"])
    q2 = [r for r in tea if "2024-04" <= r["日期"][:7] <= "2024-05"]
    km23, km24 = (sum(float(t["km"]) for t in tours if t["date"].startswith(y)) for y in ("2023", "2024"))
    long_t2 = [t for t in tours if t["grade"] == "T2" and float(t["km"]) > 12]
    fiction = [b for b in books if b["subject"] == "fiction" and int(b["year"]) < 1980]
    open_share = 100 * sum(o["status"] == "open" for o in orders) / len(orders)
    leaders = sorted({t["leader"] for t in tours})
    heavy = max(products, key=lambda p: int(p["weight_g"]))
    return [
        goal("bakery/e-best", "filter-group", "top 3 items by pieces sold", {"answer_order": sorted(taken, key=lambda k: -taken[k])[:3]}),
        goal("bakery/e-march-april", "compare", "did we sell more pieces in april 2024 than in march 2024? how many", number(april - march, 0, sign="any")),
        goal("library/e-old-fiction", "count", "fiction titles older than 1980 - how many do we have?", number(len(fiction))),
        goal("library/e-authors", "count", "How many different authors are in books.csv", number(len({b["author"] for b in books}))),
        goal("hiking/e-leaders", "filter-group", "who led tours? list every leader once", words(*leaders)),
        goal("hiking/e-t2", "count", "number of T2 tours longer than 12km", number(len(long_t2))),
        goal("hiking/e-years", "compare", "how many km more did we walk in 2024 than in 2023", number(km24 - km23, 0.01, sign="any")),
        goal("hiking/e-wettest", "filter-group", "What was the wettest month?", words([max(rain, key=lambda m: rain[m]), *_names(max(rain, key=lambda m: rain[m]))])),
        goal("hiking/e-no-rain", "count", "days without rain in weather.tsv", number(sum(float(r["rain_mm"]) == 0 for r in weather))),
        goal("hiking/e-sum-file", "write-file", "rain_mm per month, put it into rain.csv", {"file": "rain.csv", "rows": len(rain), "numbers": [[v, 0.011] for v in rain.values()]}),
        goal("webshop/e-kitchen", "multi-step", "What was paid for kitchen products altogether? groups are in products.tsv, payments in orders.csv", number(kitchen_paid, 0.01)),
        goal("webshop/e-heavy", "lookup", "heaviest product?", words(heavy["name"])),
        goal("webshop/e-open", "multi-step", "share of orders that are still open, in percent", number(open_share, 0.06)),
        goal("webshop/e-broken", "aggregate", "How much money was refunded because of broken goods?", number(sum(r["refund"] for r in returns if r["reason"] == "broken"), 0.01)),
        goal("webshop/e-cheaper", "filter-group", "products under 20 euros with their price", words(*[p["name"] for p in products if float(p["price"]) < 20], answer_not_contains=[heavy["name"]])),
        goal("webshop/e-poland", "impossible", "how many customers named Kowalski bought a tent in store", NEVER),
        goal("webshop/e-sort", "ambiguous", "put them in order", ASKS),
        goal("teashop/e-least", "chinese", "卖得最少的是什么茶？", words(min(tea_sold, key=lambda k: tea_sold[k]))),
        goal("teashop/e-top3", "chinese", "销量前三名的茶叶", {"answer_order": sorted(tea_sold, key=lambda k: -tea_sold[k])[:3]}),
        goal("teashop/e-binjiang", "chinese", "滨江店2024年4月卖了多少", number(sum(int(r["数量"]) for r in tea if r["门店"] == "滨江店" and r["日期"].startswith("2024-04")))),
        goal("teashop/e-two-months", "chinese", "4月到5月龙井总共卖了多少", number(sum(int(r["数量"]) for r in q2 if r["品名"] == "龙井"))),
    ]  # fmt: skip


def _names(month: str) -> list[str]:
    names = "January February March April May June July August September October November December".split()
    name = names[int(month[5:]) - 1]
    return [name, f"{name} {month[:4]}"]
