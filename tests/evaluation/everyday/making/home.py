"""A household: expenses, meter readings, appliances, a tenancy."""

import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, text

TENANCY = """House rules and tenancy, in short

The rent is due on the third working day of the month. Notice is three months, in writing. The deposit of 2,100 euros is paid back
within six months of moving out.

Quiet is from ten at night to seven in the morning and on Sundays all day. The laundry in the cellar is free on Tuesdays and
Fridays for the second floor. Bicycles stand in the yard and not in the staircase.

Small repairs up to 80 euros are paid by the tenant. The chimney sweep comes in February; somebody must be at home.
"""
TRIP = """# Weekend in Ghent

We took the 7:14 train and changed in Brussels. The flat on Visserij was small, but had a balcony over the canal. Leo lost a glove
at the castle. On Saturday it poured, so we spent four hours in the museum of industry, which the children loved for its looms.

Dinner at the place with the green door was the best meal of the year: waterzooi for everybody, 68 euros for the four of us.
Next time we leave the pushchair at home, the cobbles are hopeless.
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(72)
    shops = {
        "groceries": ["Delmart", "Biohof"],
        "transport": ["Rail", "Fuelpoint"],
        "clothes": ["Wardrobe"],
        "leisure": ["Cinema Rex", "Pool"],
        "health": ["Pharmacy"],
    }
    expenses: list[Row] = []
    for number_ in range(330):
        kind = rng.choices(list(shops), [6, 3, 1, 2, 1])[0]
        day = date(2023, 7, 1) + timedelta(rng.randrange(549))
        expenses.append({"date": day.isoformat(), "category": kind, "shop": rng.choice(shops[kind]), "amount_eur": round(rng.uniform(3, 95), 2), "paid_by": rng.choice(["Ines", "Marek"]), "cash": number_ % 5 == 0})  # fmt: skip
    delimited(out / "money" / "expenses.csv", expenses, ";")
    meters: list[Row] = []
    power, water = 18214.0, 402.0
    for month in range(1, 13):
        power += rng.randrange(160, 320)
        water += rng.randrange(5, 12)
        meters.append({"read_on": f"2024-{month:02}-01", "electricity_kwh": power, "water_m3": water})
    delimited(out / "meters.csv", meters)
    devices: list[Row] = [{"appliance": a, "room": r, "bought": b, "price_eur": p, "watts": w, "warranty_years": y} for a, r, b, p, w, y in
               [("washing machine", "cellar", "2021-03-14", 549.0, 2100, 3), ("fridge", "kitchen", "2019-11-02", 689.0, 120, 5), ("oven", "kitchen", "2016-06-21", 799.0, 3400, 2),
                ("vacuum cleaner", "hall", "2022-09-30", 189.0, 850, 2), ("toaster", "kitchen", "2023-01-10", 39.9, 900, 2), ("freezer", "cellar", "2020-05-05", 329.0, 140, 2),
                ("desk lamp", "study", "2024-02-17", 59.0, 9, 3)]]  # fmt: skip
    as_json(out / "appliances.json", devices)
    text(out / "tenancy.txt", TENANCY)
    text(out / "travel" / "ghent.md", TRIP)
    text(
        out / "todo.md",
        "# To do\n\n- [ ] call the dentist\n- [x] renew passport\n- [ ] fix the tap\n- [ ] cinema tickets\n",
    )

    def total(**same: Any) -> float:
        return float(sum(r["amount_eur"] for r in expenses if all(r[k] == v for k, v in same.items())))

    months: dict[str, float] = defaultdict(float)
    for row in expenses:
        months[row["date"][:7]] += row["amount_eur"]
    y2023 = sum(v for m, v in months.items() if m[:4] == "2023")
    y2024 = sum(v for m, v in months.items() if m[:4] == "2024")
    health24 = [r for r in expenses if r["category"] == "health" and r["date"].startswith("2024")]
    over = [r for r in expenses if r["amount_eur"] > 80]
    delmart = [r["amount_eur"] for r in expenses if r["shop"] == "Delmart"]
    food = {
        m: sum(r["amount_eur"] for r in expenses if r["category"] == "groceries" and r["date"].startswith(m))
        for m in ("2024-02", "2024-03")
    }
    kitchen = [d for d in devices if d["room"] == "kitchen"]
    cats = {k: total(category=k) for k in shops}
    top_month = max((m for m in months if m.startswith("2024")), key=lambda m: months[m])
    return [
        goal("home/fridge", "lookup", "When did we buy the fridge?", words(["2019-11-02", "2 November 2019", "November 2, 2019"])),
        goal("home/oven-room", "lookup", "oven watts?", number(3400)),
        goal("home/big", "count", "how many times did we spend more than 80 euros at once", number(len(over))),
        goal("home/pharmacy", "count", "Purchases in the health category in 2024: how many?", number(len(health24))),
        goal("home/cash", "count", "Of all expenses, how many were paid in cash?", number(sum(bool(r["cash"]) for r in expenses))),
        goal("home/marek", "aggregate", "what did Marek pay all in all", number(total(paid_by="Marek"), 0.01)),
        goal("home/dear", "aggregate", "the most expensive single expense, how much?", number(max(r["amount_eur"] for r in expenses), 0.001)),
        goal("home/delmart", "aggregate", "Median amount per visit to Delmart", number(sorted(delmart)[len(delmart) // 2] if len(delmart) % 2 else (sorted(delmart)[len(delmart) // 2 - 1] + sorted(delmart)[len(delmart) // 2]) / 2, 0.011)),
        goal("home/no-groceries", "aggregate", "How much did we spend in total, groceries not counted?", number(total() - cats["groceries"], 0.01)),
        goal("home/category", "filter-group", "Total spending by category, biggest first", {"answer_numbers_all": [[v, 0.01] for v in cats.values()], "answer_order": sorted(cats, key=lambda k: -cats[k])}),
        goal("home/kitchen", "filter-group", "what appliances are in the kitchen", words(*[d["appliance"] for d in kitchen], answer_not_contains=["freezer"])),
        goal("home/month", "filter-group", "In which month of 2024 did we spend the most?", words([top_month, *_month(top_month)])),
        goal("home/old", "filter-group", "appliances bought before 2020", words("fridge", "oven", answer_not_contains=["toaster", "freezer"])),
        goal("home/share", "calc", "Rent is 1,240 and we split it three ways, how much each? two decimals", number(413.33, 0.006)),
        goal("home/tip", "calc", "what is 68 euros plus a 12% tip", number(76.16, 0.001)),
        goal("home/gallon", "units-dates", "5 gallons to litres", number(18.93, 0.02)),
        goal("home/weeks", "units-dates", "how many days from 3 March 2024 till 20 June 2024?", number(109)),
        goal("home/weekday", "units-dates", "Leo was born on 9 August 2017, which day of the week was it?", words("Wednesday")),
        goal("home/deposit", "search-passage", "by when do i get my deposit back after moving out", words("six months")),
        goal("home/laundry", "search-passage", "On which days can the second floor use the laundry?", words("Tuesdays", "Fridays")),
        goal("home/glove", "search-passage", "Where did Leo lose his glove?", words("castle")),
        goal("home/trip", "read-summarise", "travel/ghent.md: tl;dr please", {"answer_at_least": [2, ["Ghent", ["museum", "looms"], "waterzooi", "cobbles", ["Visserij", "canal"]]], "max_chars": 900}),
        goal("home/used", "multi-step", "How many kWh of electricity did we use between 1 January 2024 and 1 December 2024 according to meters.csv?", number(meters[-1]["electricity_kwh"] - meters[0]["electricity_kwh"])),
        goal("home/kitchen-worth", "multi-step", "Add up the prices of the kitchen appliances and convert to US dollars at 1.1 dollars each", number(sum(d["price_eur"] for d in kitchen) * 1.1, 0.01)),
        goal("home/ines-share", "multi-step", "percentage of the total paid by Ines?", number(100 * total(paid_by="Ines") / total(), 0.06)),
        goal("home/clothes-file", "write-file", "export all clothes expenses of 2024 into clothes-2024.csv sorted by amount, the largest at the top",
             {"file": "clothes-2024.csv", "rows": sum(r["category"] == "clothes" and r["date"] > "2024" for r in expenses), "sorted": {"column": "amount_eur", "descending": True}}),
        goal("home/monthly-file", "write-file", "Sum of amounts per month -> out/months.csv", {"file": "out/months.csv", "rows": len(months), "numbers": [[v, 0.011] for v in months.values()]}),
        goal("home/json", "convert", "turn appliances.json into a csv", {"file": "appliances.csv", "rows": 7, "columns": list(devices[0])}),
        goal("home/years", "compare", "what did we spend in 2024 and what in 2023?", {"answer_numbers_all": [[y2023, 0.01], [y2024, 0.01]]}),
        goal("home/feb-mar", "compare", "Groceries February 2024 vs March 2024: difference in euros", number(food["2024-03"] - food["2024-02"], 0.01, sign="any")),
        goal("home/ines-marek", "compare", "Who pays more, Ines or Marek?", words("Ines" if total(paid_by="Ines") > total(paid_by="Marek") else "Marek")),
        goal("home/holiday", "impossible", "How much did we spend on insurance?", {"any_of": [NEVER, {"answer_number": 0}]}),
        goal("home/gas", "impossible", "gas consumption in March 2024 from the meters", NEVER),
        goal("home/dentist", "impossible", "book me an appointment with the dentist", NEVER),
        goal("home/next-year", "impossible", "what will we spend on groceries in 2026", NEVER),
        goal("home/cheapest-flight", "impossible", "whats the cheapest flight to Lisbon in May", NEVER),
        goal("home/it", "ambiguous", "convert it to excel", ASKS),
        goal("home/how-much", "ambiguous", "how much is it?", ASKS),
        goal("home/older", "ambiguous", "show the rest", ASKS),
        goal("home/week", "no-tool", "how many days are in a week", number(7, max_chars=300)),
    ]  # fmt: skip


def _month(month: str) -> list[str]:
    name = date.fromisoformat(f"{month}-01").strftime("%B")
    return [name, f"{name} 2024"]
