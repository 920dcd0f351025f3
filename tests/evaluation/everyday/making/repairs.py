"""A bicycle repair shop: repairs, parts, customers, the till's log."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, text

WARRANTY = """# What we promise

Our own work is guaranteed for six months. Wear parts such as brake pads, chains and tyres are excluded, unless they were fitted
wrongly. Whoever comes back within fourteen days goes to the front of the queue.

A bicycle that nobody collects costs two euros a day from the third week on. After four months we may sell it.

Frames of carbon are not welded. Send those to Lindqvist in Aarau, who also straightens forks.
"""
OPENING = """[shop]
name = "Kettenblatt"
street = "Gerbergasse 11"
phone = "061 555 0192"
closing_day = "Monday"

[workshop]
stands = 4
labour_per_hour = 84.0
"""
MEETING = """Team meeting, 3 September 2024

Present: Noor, Tibor, Salome. Absent: Jules, on holiday until the 16th.
The new compressor arrives on the 12th, the old one goes to the youth club. Tibor orders the hoses.
Too many bikes wait for parts: from now on we ring the supplier after five days instead of ten.
Salome wants to offer a course for children on the first Saturday of each month; we try it from October to December.
The till printed nothing twice last week. Noor calls the service.
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(71)
    mechanics = ["Noor", "Tibor", "Salome", "Jules"]
    works = {
        "brakes": 42.0,
        "gears": 55.0,
        "puncture": 19.0,
        "wheel truing": 34.0,
        "full service": 129.0,
        "lights": 28.0,
    }
    repairs: list[Row] = []
    for number_ in range(260):
        day = date(2024, 3, 1) + timedelta(rng.randrange(184))
        work = rng.choice(list(works))
        repairs.append({"ticket": f"R{1000 + number_}", "received": day.isoformat(), "bike": rng.choice(["city", "road", "mountain", "cargo", "child"]), "work": work,
                        "mechanic": rng.choice(mechanics), "minutes": rng.randrange(10, 150, 5), "price": works[work] + rng.randrange(0, 40, 5), "collected": rng.choice(["yes", "yes", "yes", "no"])})  # fmt: skip
    delimited(out / "repairs.csv", repairs)
    parts: list[Row] = [{"part": p, "supplier": s, "stock": n, "reorder_at": r, "unit_price": c} for p, s, n, r, c in
             [("inner tube 28", "Velomax", 61, 30, 4.2), ("inner tube 20", "Velomax", 9, 15, 3.9), ("brake pad", "Stoppel", 44, 40, 6.5), ("chain 9s", "Orbea Parts", 7, 10, 18.9),
              ("chain 11s", "Orbea Parts", 12, 8, 31.5), ("spoke 262", "Velomax", 310, 100, 0.4), ("dynamo light", "Lumo", 5, 6, 39.0), ("rear light", "Lumo", 18, 10, 12.5),
              ("saddle", "Stoppel", 6, 4, 27.0)]]  # fmt: skip
    delimited(out / "parts.tsv", parts, "\t")
    customers: list[Row] = [{"name": n, "town": t, "since": y, "newsletter": b} for n, t, y, b in
                 [("Ada Hofer", "Basel", 2016, True), ("Bruno Iten", "Aarau", 2019, False), ("Carla Rossi", "Basel", 2021, True), ("Demir Aydin", "Olten", 2018, True),
                  ("Elif Kaplan", "Basel", 2023, False), ("Fritz Wyss", "Liestal", 2012, False), ("Gina Meier", "Olten", 2020, True)]]  # fmt: skip
    as_json(out / "customers.json", customers)
    when, log, tills = datetime(2024, 8, 5, 9, 0), [], Counter[str]()
    refused, hours, slowest = 0, Counter[int](), 0
    for _ in range(420):
        when += timedelta(minutes=rng.randrange(1, 16))
        till = rng.choice(["till-1", "till-2", "till-2"])
        kind = rng.choices(["INFO", "WARN", "ERROR"], [12, 3, 2])[0]
        took = rng.randrange(80, 2400)
        said = {
            "INFO": f"payment accepted in {took} ms",
            "WARN": "paper low",
            "ERROR": rng.choice(["card refused", "printer offline"]),
        }[kind]
        log.append(f"{when:%Y-%m-%d %H:%M:%S} {kind} {till} {said}")
        refused += said == "card refused"
        if kind == "ERROR":
            tills[till] += 1
            hours[when.hour] += 1
        if kind == "INFO":
            slowest = max(slowest, took)
    text(out / "logs" / "till.log", "\n".join(log) + "\n")
    text(out / "warranty.md", WARRANTY)
    text(out / "shop.toml", OPENING)
    text(out / "notes" / "meeting 2024-09-03.txt", MEETING)

    def price(**same: str) -> float:
        return sum(float(r["price"]) for r in repairs if all(r[k] == v for k, v in same.items()))

    by_mechanic: dict[str, list[float]] = defaultdict(list)
    for row in repairs:
        by_mechanic[row["mechanic"]].append(row["price"])
    june = [r for r in repairs if r["received"].startswith("2024-06")]
    july = [r for r in repairs if r["received"].startswith("2024-07")]
    june_sum, july_sum = sum(r["price"] for r in june), sum(r["price"] for r in july)
    waiting = [r for r in repairs if r["collected"] == "no"]
    low = [p for p in parts if p["stock"] < p["reorder_at"]]
    bikes = Counter(r["bike"] for r in repairs)
    noor, tibor = len(by_mechanic["Noor"]), len(by_mechanic["Tibor"])
    cargo = [r["minutes"] for r in repairs if r["bike"] == "cargo"]
    punctures = [r for r in repairs if r["work"] == "puncture"]
    flat_share = 100 * len(punctures) / len(repairs)
    best, total = max(((m, sum(v)) for m, v in by_mechanic.items()), key=lambda pair: pair[1])
    return [
        goal("repairs/chain-stock", "lookup", "how many 11s chains left", number(12)),
        goal("repairs/gina", "lookup", "Which town does Gina Meier live in?", words("Olten")),
        goal("repairs/labour", "lookup", "whats our hourly rate for labour (shop.toml)", number(84)),
        goal("repairs/uncollected", "count", "number of bikes that have not been collected yet", number(len(waiting))),
        goal("repairs/road-may", "count", "Hello! I'd like to know how many road bikes came in during May 2024, if that's possible.",
             number(sum(r["bike"] == "road" and r["received"].startswith("2024-05") for r in repairs))),
        goal("repairs/not-city", "count", "repairs.csv - how many repairs were not on city bikes", number(len(repairs) - bikes["city"])),
        goal("repairs/suppliers", "count", "how many different suppliers do we buy from?", number(4)),
        goal("repairs/tibor-total", "aggregate", "Total of everything Tibor has billed", number(sum(by_mechanic["Tibor"]), 0.01)),
        goal("repairs/cargo-min", "aggregate", "on average how many minutes goes for a cargo bike", number(sum(cargo) / len(cargo), 0.06)),
        goal("repairs/brakes-not-noor", "aggregate", "sum the prices of all brakes jobs except Noor's",
             number(price(work="brakes") - price(work="brakes", mechanic="Noor"), 0.01)),
        goal("repairs/per-bike", "filter-group", "count per type of bike plz", {"answer_contains_all": list(bikes), "answer_numbers_all": [[v, 0] for v in bikes.values()]}),
        goal("repairs/low-parts", "filter-group", "which parts have to be ordered, i.e. stock below reorder_at?", words(*[p["part"] for p in low], answer_not_contains=["saddle"])),
        goal("repairs/lumo", "filter-group", "Parts from Lumo", words("dynamo light", "rear light", answer_not_contains=["saddle"])),
        goal("repairs/top-two", "filter-group", "Name the 2 mechanics with the highest takings",
             {"answer_contains_all": [m for m, _ in sorted(((m, sum(v)) for m, v in by_mechanic.items()), key=lambda x: -x[1])[:2]]}),
        goal("repairs/hours-money", "calc", "labor 84 an hour, I worked 2.5 hours plus parts for 31.50, whats the bill", number(241.5, 0.01)),
        goal("repairs/rim", "units-dates", "27.5 inch in cm?", number(69.85, 0.06)),
        goal("repairs/six-months", "units-dates", "I fitted it on 12 March 2024. What date is 180 days after that?", words(["2024-09-08", "8 September", "September 8"])),
        goal("repairs/carbon", "search-passage", "Customer with a cracked carbon frame. Where do I send him?", words(["Lindqvist", "Aarau"])),
        goal("repairs/storage", "search-passage", "what does it cost if someone doesn't collect their bicycle", words(["two euros", "2 euros"])),
        goal("repairs/meeting", "read-summarise", "sum up the september meeting for Jules who was away, not more than 500 characters",
             {"answer_at_least": [2, ["compressor", ["five days", "supplier"], ["course", "children"], ["till", "service"]]], "max_chars": 500}),
        goal("repairs/best-mechanic", "multi-step", "Who took in the most money, and how much?", number(total, 0.01, answer_contains_all=[best])),
        goal("repairs/puncture-share", "multi-step", "What percent of the repairs are punctures? one decimal", number(flat_share, 0.06)),
        goal("repairs/stock-value", "multi-step", "value of all parts in stock (stock x unit_price)", number(sum(p["stock"] * p["unit_price"] for p in parts), 0.01)),
        goal("repairs/waiting-file", "write-file", "Please make me a list waiting.csv of the bikes nobody has collected, with ticket and bike.",
             {"file": "waiting.csv", "rows": len(waiting), "columns": ["ticket", "bike"]}),
        goal("repairs/mechanic-file", "write-file", "write the average price per mechanic to out/mechanics.csv", {"file": "out/mechanics.csv", "rows": 4, "numbers": [[sum(v) / len(v), 0.01] for v in by_mechanic.values()]}),
        goal("repairs/parts-json", "convert", "I'd need parts.tsv in json format, name parts.json", {"file": "parts.json", "rows": 9, "columns": list(parts[0])}),
        goal("repairs/june-july", "compare", "did we earn more in june or in july 2024 and what is the difference", number(july_sum - june_sum, 0.01, sign="any")),
        goal("repairs/july-vs-june", "compare", "repairs: July vs June 2024, how many more?", number(len(july) - len(june), 0, sign="any")),
        goal("repairs/noor-tibor", "compare", "Noor or Tibor, who repaired more bikes? By how many?", number(noor - tibor, 0, sign="any", answer_contains_all=["Noor" if noor > tibor else "Tibor"])),
        goal("repairs/refused", "log-analysis", "how often was a card refused, see till.log", number(refused)),
        goal("repairs/till-errors", "log-analysis", "errors per till", {"answer_contains_all": ["till-1", "till-2"], "answer_numbers_all": [[tills["till-1"], 0], [tills["till-2"], 0]]}),
        goal("repairs/slowest", "log-analysis", "Looking at till.log, what was the longest time in ms a payment took?", number(slowest)),
        goal("repairs/last-year", "impossible", "how many bikes did we repair in 2022?", {"any_of": [NEVER, {"answer_number": 0}]}),
        goal("repairs/colour", "impossible", "Most frequent colour of the bikes?", NEVER),
        goal("repairs/weather", "impossible", "was it raining on the days when most punctures came in?", NEVER),
        goal("repairs/whatsapp", "impossible", "send Ada Hofer a WhatsApp that her bike is ready", NEVER),
        goal("repairs/profit", "impossible", "What profit did we make in June 2024 after rent and wages?", NEVER),
        goal("repairs/electric", "impossible", "How many e-bikes were repaired by Salome?", NEVER),
        goal("repairs/that-one", "ambiguous", "is that one ready?", ASKS),
        goal("repairs/compare-them", "ambiguous", "Compare them with last month", ASKS),
        goal("repairs/fix-list", "ambiguous", "update the price", ASKS),
        goal("repairs/hi", "no-tool", "good morning!", words(answer_not_contains=["repairs.csv"], answer_contains_any=["hello", "good morning", "hi"])),
    ]  # fmt: skip
