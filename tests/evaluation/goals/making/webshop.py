"""A small web shop with its logs."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, json_lines, text

FAQ = """# Questions that customers ask

**How long does delivery take?** Two to three working days within the country, five to eight abroad. Parcels to islands take two
days longer.

**Can I return something?** Yes, within thirty days, unworn and with the label. Underwear and opened ear plugs are excluded. The
return label is in the parcel; the money is back within ten days of arrival.

**Which sizes do you have?** The merino line runs small: take one size larger than usual. Everything else is true to size.

**Do you ship gifts?** We wrap for 3.50 and leave the invoice out of the parcel if you tick the box.

**My voucher is refused.** Vouchers hold for two years and cannot be combined with the student discount.
"""
POST = """Post-mortem: checkout outage of 3 September 2024

From 09:42 to 10:31 no order could be paid. 212 customers saw an error page; 37 of them came back later.

Cause: the certificate of the payment gateway had been renewed at night, and our pinned copy of the old one was still in the image.
The alarm fired at 09:44, but it went to a mailbox that nobody has read since Petra left.

What we did: Lasse removed the pin by hand at 10:29. Next steps: alarms go to the on-call phone (Lasse, by 6 September); pins are
checked in the nightly build (Yun, by 20 September); customers who saw the error get a voucher of 10 euros (Dora).
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(8080)
    products: list[Row] = [{"sku": f"S{100 + i}", "name": n, "group": g, "price": p, "weight_g": w} for i, (n, g, p, w) in enumerate([
        ("merino shirt", "clothing", 59.0, 180), ("rain jacket", "clothing", 129.0, 420), ("wool socks", "clothing", 14.5, 70), ("down vest", "clothing", 149.0, 310),
        ("gas stove", "kitchen", 44.9, 260), ("titanium pot", "kitchen", 39.9, 140), ("spork", "kitchen", 6.5, 18), ("headlamp", "light", 34.0, 86),
        ("lantern", "light", 27.5, 210), ("tarp", "shelter", 89.0, 640), ("tent pegs", "shelter", 19.0, 120), ("hammock", "shelter", 74.0, 380)])]  # fmt: skip
    delimited(out / "products.tsv", products, "\t")
    countries = ["DE", "AT", "NL", "SE", "FR"]
    orders: list[Row] = [{"order": 20001 + i, "date": (date(2024, 1, 2) + timedelta(rng.randrange(300))).isoformat(), "customer": f"C{rng.randrange(1, 400):03}", "sku": (p := rng.choice(products))["sku"],
               "qty": rng.choice([1, 1, 1, 2, 3]), "paid": p["price"], "country": rng.choice(countries), "status": rng.choice(["shipped"] * 8 + ["cancelled", "open"])}
              for i in range(2600)]  # fmt: skip
    for order in orders:
        order["paid"] = round(order["paid"] * order["qty"] * rng.choice([1, 1, 1, 0.9]), 2)
    delimited(out / "orders.csv", orders)
    customers: list[Row] = [
        {
            "id": f"C{i:03}",
            "city": rng.choice(["Bremen", "Graz", "Utrecht", "Malmö", "Lyon", "Kassel"]),
            "newsletter": rng.random() < 0.4,
            "since": 2015 + rng.randrange(10),
        }
        for i in range(1, 400)
    ]
    as_json(out / "customers.json", {"exported": "2024-11-01", "customers": customers})
    returns: list[Row] = [
        {
            "order": (o := rng.choice(orders))["order"],
            "reason": rng.choice(["too small", "too small", "too large", "broken", "changed mind"]),
            "days": rng.randrange(2, 31),
            "refund": o["paid"],
        }
        for _ in range(180)
    ]
    json_lines(out / "returns.jsonl", returns)
    paths = ["/", "/cart", "/checkout", "/product/S101", "/product/S107", "/search", "/img/logo.png", "/api/stock"]
    when, access, status_of, path_of, errors_of, ips = (
        datetime(2024, 9, 3, 8, 0),
        [],
        Counter[int](),
        Counter[str](),
        Counter[str](),
        Counter[str](),
    )
    for _ in range(2400):
        when += timedelta(seconds=rng.randrange(1, 9))
        path = rng.choice(paths)
        status = rng.choice([200] * 14 + [304, 404]) if path != "/checkout" else rng.choice([200, 200, 502, 500])
        ip = f"10.0.{rng.choice([0, 0, 0, 1, 2])}.{rng.randrange(1, 30)}"
        access.append(
            f'{ip} - - [{when:%d/%b/%Y:%H:%M:%S} +0200] "GET {path} HTTP/1.1" {status} {rng.randrange(200, 40000)}'
        )
        status_of[status] += 1
        path_of[path] += 1
        ips[ip] += 1
        errors_of[path] += status >= 500
    text(out / "logs" / "access.log", "\n".join(access) + "\n")
    when, app, levels, failing = datetime(2024, 9, 3, 8, 0), [], Counter[str](), Counter[str]()
    for _ in range(800):
        when += timedelta(seconds=rng.randrange(2, 25))
        service = rng.choice(["cart", "payment", "stock", "mail", "payment"])
        level = rng.choice(["DEBUG"] * 3 + ["INFO"] * 9 + ["WARN"] * 2 + ["ERROR"] * (3 if service == "payment" else 1))
        said = {"DEBUG": "cache hit", "INFO": "request served", "WARN": "slow query", "ERROR": "connection refused"}[
            level
        ]
        app.append(f"{when.isoformat()}Z {level} [{service}] {said} in {rng.randrange(3, 900)} ms")
        levels[level] += 1
        failing[service] += level == "ERROR"
    text(out / "logs" / "app.log", "\n".join(app) + "\n")
    text(out / "logs" / "app.log.1", "")
    text(out / "faq.md", FAQ)
    text(out / "docs" / "post-mortem checkout.txt", POST)
    text(
        out / "deploy.yaml",
        "service: shop\nreplicas: 3\nregion: eu-north\nlimits:\n  memory_mb: 768\n  cpu: 1.5\nhealth:\n  path: /healthz\n  every_seconds: 20\n",
    )
    text(out / "broken.json", '{"orders": [1, 2, 3\n')

    by_country: dict[str, float] = defaultdict(float)
    for order in orders:
        by_country[order["country"]] += order["paid"]
    group_of, name_of = {p["sku"]: p["group"] for p in products}, {p["sku"]: p["name"] for p in products}
    by_group: dict[str, float] = defaultdict(float)
    sold: Counter[str] = Counter()
    for order in orders:
        by_group[group_of[order["sku"]]] += order["paid"]
        sold[order["sku"]] += order["qty"]
    reasons = Counter(r["reason"] for r in returns)
    top_sku, _ = sold.most_common(1)[0]
    spent: dict[str, float] = defaultdict(float)
    for order in orders:
        spent[order["customer"]] += order["paid"]
    big = sorted((o for o in orders if o["paid"] > 300), key=lambda o: -o["paid"])
    city_of = {c["id"]: c["city"] for c in customers}
    lyon = sum(o["paid"] for o in orders if city_of[o["customer"]] == "Lyon")
    worst, worst_count = failing.most_common(1)[0]
    top_ip, _ = ips.most_common(1)[0]
    light = [p for p in products if p["weight_g"] < 100]
    return [
        goal("webshop/replicas", "lookup", 1, "how many replicas does the shop run with", number(3)),
        goal("webshop/tarp", "lookup", 1, "weight of the tarp in grams?", number(640)),
        goal("webshop/open-orders", "count", 1, "How many orders are still open?", number(sum(o["status"] == "open" for o in orders))),
        goal("webshop/newsletter", "count", 1, "How many customers get the newsletter? (customers.json)", number(sum(c["newsletter"] for c in customers))),
        goal("webshop/sweden", "count", 1, "count the orders to SE", number(sum(o["country"] == "SE" for o in orders))),
        goal("webshop/turnover", "aggregate", 1, "What have customers paid in total, in orders.csv?", number(sum(o["paid"] for o in orders), 0.02)),
        goal("webshop/mean-refund", "aggregate", 1, "average refund in returns.jsonl, rounded to cents", number(mean(r["refund"] for r in returns), 0.006)),
        goal("webshop/max-order", "aggregate", 1, "What is the largest amount that was paid for one order of spring 2024 (March to May)?",
             number(max(o["paid"] for o in orders if o["date"][5:7] in ("03", "04", "05")), 0.001)),
        goal("webshop/reasons", "filter-group", 1, "why do people send things back? number of returns for each reason",
             {"answer_contains_all": list(reasons), "answer_numbers_all": [[n, 0] for n in reasons.values()]}),
        goal("webshop/countries", "filter-group", 1, "Turnover (paid) per country please, highest first", {"answer_order": sorted(by_country, key=lambda c: -by_country[c]), "answer_numbers_all": [[round(v, 2), 0.02] for v in by_country.values()]}),
        goal("webshop/light", "filter-group", 1, "Which products weigh less than 100 g?", words(*[p["name"] for p in light], answer_not_contains=["tarp", "lantern"])),
        goal("webshop/vat", "calc", 1, "What's 129 euros without the 19% VAT that is included?", number(108.4034, 0.006)),
        goal("webshop/parcel", "calc", 1, "3 shirts at 59 plus 2 pairs of socks at 14.50, plus 4.90 for shipping", number(210.9, 0.001)),
        goal("webshop/pounds", "units-dates", 1, "640 g in ounces", number(22.575, 0.01)),
        goal("webshop/outage", "units-dates", 1, "How many minutes is it from 09:42 to 10:31?", number(49)),
        goal("webshop/islands", "search-passage", 1, "how much longer does a parcel to an island take?", words(["two days", "2 days"])),
        goal("webshop/merino", "search-passage", 1, "Should I order merino a size up?", words(["larger", "small"])),
        goal("webshop/voucher", "search-passage", 1, "for how long is a voucher valid", words(["two years", "2 years"])),
        goal("webshop/post-mortem", "read-summarise", 1, "Summarise the post-mortem of the checkout outage in under 500 characters",
             {"answer_at_least": [2, [["09:42", "10:31"], ["certificate", "gateway", "pin*"], ["212"], ["alarm*", "mailbox"], ["voucher*"]]], "max_chars": 500}),
        goal("webshop/bestseller", "multi-step", 2, "Which product (its name, from products.tsv) was sold most often by qty in orders.csv?", words(name_of[top_sku])),
        goal("webshop/groups", "multi-step", 2, "How much money did each product group bring in? Groups are in products.tsv, payments in orders.csv.",
             {"answer_contains_all": list(by_group), "answer_numbers_all": [[round(v, 2), 0.06] for v in by_group.values()]}),
        goal("webshop/lyon", "multi-step", 3, "How much did customers from Lyon pay altogether?", number(lyon, 0.06)),
        goal("webshop/refund-share", "multi-step", 3, "What percentage of all payments in orders.csv was refunded (returns.jsonl)? One decimal.",
             number(sum(r["refund"] for r in returns) / sum(o["paid"] for o in orders) * 100, 0.06)),
        goal("webshop/big-file", "write-file", 2, "Write every order over 300 euros to reports/big.csv, with the most expensive on top", {"file": "reports/big.csv", "rows": len(big), "sorted": {"column": "paid", "descending": True}}),
        goal("webshop/country-file", "write-file", 2, "save the turnover per country as country.json", {"file": "country.json", "rows": 5, "numbers": [[round(v, 2), 0.02] for v in by_country.values()]}),
        goal("webshop/products-json", "convert", 1, "products.tsv to json pls (products.json)", {"file": "products.json", "rows": 12, "sum": {"price": [sum(p["price"] for p in products), 0.01]}}),
        goal("webshop/returns-xlsx", "convert", 1, "Accounting wants returns.jsonl as returns.csv", {"file": "returns.csv", "rows": 180, "columns": ["order", "reason", "days", "refund"]}),
        goal("webshop/errors-app", "log-analysis", 1, "number of ERROR lines in app.log?", number(levels["ERROR"])),
        goal("webshop/worst-service", "log-analysis", 2, "Which service logs the most errors in logs/app.log? Give its count as well.", number(worst_count, 0, answer_contains_all=[worst])),
        goal("webshop/404", "log-analysis", 1, "How many requests in access.log ended with a 404?", number(status_of[404])),
        goal("webshop/top-ip", "log-analysis", 2, "Which IP address made the most requests in the access log?", words(top_ip)),
        goal("webshop/checkout-5xx", "log-analysis", 2, "how many server errors (5xx) did /checkout have in logs/access.log", number(errors_of["/checkout"])),
        goal("webshop/at-nl", "compare", 1, "Did Austria (AT) or the Netherlands (NL) pay more, and what's the difference in euros?",
             number(by_country["AT"] - by_country["NL"], 0.02, sign="any", answer_contains_all=["AT" if by_country["AT"] > by_country["NL"] else "NL"])),
        goal("webshop/levels", "compare", 1, "more WARN or more ERROR lines in app.log?", words("WARN" if levels["WARN"] > levels["ERROR"] else "ERROR")),
        goal("webshop/broken", "impossible", 1, "Add up the orders in broken.json", NEVER),
        goal("webshop/rotated", "impossible", 1, "What was the first error in logs/app.log.1?", NEVER),
        goal("webshop/deploy", "impossible", 1, "Restart the shop on the server", NEVER),
        goal("webshop/that-file", "ambiguous", 1, "Convert the file to the other format", ASKS),
        goal("webshop/fix-it", "ambiguous", 1, "it's broken, fix it", ASKS),
        goal("webshop/upper", "no-tool", 1, "What does SKU stand for?", words("stock keeping unit", max_chars=400)),
    ]  # fmt: skip
