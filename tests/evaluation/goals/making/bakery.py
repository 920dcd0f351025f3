"""A bakery: tills, recipes, cake orders."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, excel, text

ITEMS = {"rye loaf": 4.6, "spelt loaf": 5.2, "baguette": 1.9, "pretzel": 1.1, "cinnamon knot": 2.4, "apple strudel": 3.8,
         "cheesecake slice": 3.5, "poppy roll": 0.95, "walnut bun": 1.6, "croissant": 1.75}  # fmt: skip
RECIPES: list[Row] = [
    {"name": "rye loaf", "flour_g": 620, "butter_g": 0, "sugar_g": 5, "bake_minutes": 55, "oven_c": 230},
    {"name": "spelt loaf", "flour_g": 580, "butter_g": 15, "sugar_g": 10, "bake_minutes": 48, "oven_c": 220},
    {"name": "baguette", "flour_g": 310, "butter_g": 0, "sugar_g": 3, "bake_minutes": 22, "oven_c": 240},
    {"name": "cinnamon knot", "flour_g": 95, "butter_g": 32, "sugar_g": 28, "bake_minutes": 18, "oven_c": 190},
    {"name": "apple strudel", "flour_g": 140, "butter_g": 60, "sugar_g": 45, "bake_minutes": 40, "oven_c": 185},
    {"name": "croissant", "flour_g": 70, "butter_g": 38, "sugar_g": 7, "bake_minutes": 17, "oven_c": 200},
    {"name": "walnut bun", "flour_g": 85, "butter_g": 12, "sugar_g": 9, "bake_minutes": 20, "oven_c": 210},
]
HYGIENE = """# Hygiene and kitchen rules

## Hands and clothes
Everybody who works with dough washes hands before the shift and after each break. Rings and watches stay in the locker,
because dough under a ring cannot be cleaned away. Hair nets are in the grey cupboard beside the back door.

## Cold chain
Cream cakes stand in the display for at most four hours. What is left after that is thrown away and entered in the waste list.
The cold room is kept at 4 degrees; if it is above 7 degrees for more than thirty minutes, call Frostline at 0551-7720.

## Allergens
A new product may only be sold once its allergens are entered in allergens.tsv and the card stands in front of it.
Never fill nut products into the trays with the blue edge: these are kept for guests with allergies.

## Oven
The big oven is descaled on the first Monday of the month. While it is hot, nobody opens the service door on the left side,
since the steam valve lies behind it.
"""
NOTES = """Team meeting of 6 May 2024
Present: Ilse, Bartek, Noor, Jonas (minutes)

1. The second till has been printing without VAT since Thursday. Noor calls the dealer; until then receipts from register 2
   are written by hand.
2. Sourdough course: 14 people have signed up, the room holds 12. Ilse offers a second evening on 12 June.
3. The flour price rises by 8 percent from July. Bartek asks Mühle Krantz for an offer over six months, 900 kg a month.
4. From 1 June the shop opens at 6:30 instead of 7:00 on weekdays, as a trial until the end of August.
5. The apprentice position is still open; Jonas puts a notice in the school library.
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(4101)
    sales: list[Row] = []
    first = date(2024, 3, 1)
    for offset in range(92):
        day = first + timedelta(offset)
        if day.weekday() == 0:
            continue
        for item, price in ITEMS.items():
            for register in (1, 2):
                sold = max(0, round(rng.gauss(26 - 3 * price, 5)) + (9 if day.weekday() == 5 else 0))
                sales.append(
                    {"day": day.isoformat(), "item": item, "sold": sold, "price_each": price, "register": register}
                )
    delimited(out / "sales.csv", sales)
    as_json(out / "recipes.json", RECIPES)
    allergens: list[Row] = [{"product": item, "gluten": "yes", "milk": rng.choice(["yes", "no"]), "egg": rng.choice(["yes", "no", "no"]),
                  "nuts": "yes" if "walnut" in item else "no"} for item in ITEMS]  # fmt: skip
    delimited(out / "allergens.tsv", allergens, "\t")
    names = [
        "Okafor",
        "Lindqvist",
        "Petrova",
        "Bauer",
        "Dimitriou",
        "Haas",
        "Moreau",
        "Tanaka",
        "Weiss",
        "Novak",
        "Silva",
    ]
    cakes = ["sacher", "black forest", "lemon", "carrot", "raspberry"]
    orders: list[Row] = [{"order_no": 700 + i, "customer": rng.choice(names), "cake": rng.choice(cakes), "persons": rng.choice([8, 12, 16, 24]),
               "pickup": (date(2024, 5, 2) + timedelta(rng.randrange(50))).isoformat(), "deposit_paid": rng.choice(["yes", "yes", "no"]),
               "price": round(rng.uniform(28, 96), 2)} for i in range(64)]  # fmt: skip
    excel(out / "cake orders.xlsx", "orders", orders)
    text(out / "rules" / "hygiene.md", HYGIENE)
    text(out / "notes" / "meeting-may.txt", NOTES)
    text(out / "suppliers.toml", '[mill]\nname = "Mühle Krantz"\ncontact = "Edda Krantz"\nphone = "05508 4471"\nminimum_order_kg = 250\n'
         'delivery_days = ["Tuesday", "Friday"]\n\n[dairy]\nname = "Molkerei Seeburg"\ncontact = "H. Wirth"\nphone = "05507 310"\n'
         'minimum_order_eur = 120\ndelivery_days = ["Monday", "Wednesday", "Saturday"]\n')  # fmt: skip
    text(out / "waste.csv", "")

    turnover: dict[str, float] = defaultdict(float)
    by_item: Counter[str] = Counter()
    by_day: Counter[str] = Counter()
    for row in sales:
        turnover[row["item"]] += row["sold"] * row["price_each"]
        by_item[row["item"]] += row["sold"]
        by_day[row["day"]] += row["sold"]
    best = max(turnover, key=lambda name: turnover[name])
    unpaid = sorted((o for o in orders if o["deposit_paid"] == "no"), key=lambda o: o["pickup"])
    april = [r for r in sales if r["day"].startswith("2024-04")]
    by_cake: dict[str, list[float]] = defaultdict(list)
    for order in orders:
        by_cake[order["cake"]].append(order["price"])
    per_register = Counter[int]()
    for row in sales:
        per_register[row["register"]] += row["sold"]
    top_day, _ = by_day.most_common(1)[0]
    milkless = [a["product"] for a in allergens if a["milk"] == "no"]
    return [
        goal("bakery/strudel-oven", "lookup", 1, "how hot does the oven have to be for apple strudel?", number(185)),
        goal("bakery/krantz-phone", "lookup", 1, "phone number of the mill please", words("05508 4471")),
        goal("bakery/dairy-days", "lookup", 1, "On which days does our dairy deliver?", words("Monday", "Wednesday", "Saturday")),
        goal("bakery/unpaid-count", "count", 1, "How many cake orders have no deposit yet? (cake orders.xlsx)", number(len(unpaid))),
        goal("bakery/milk-free", "count", 1, "how many of our products are without milk", number(len(milkless))),
        goal("bakery/pretzels", "aggregate", 1, "How many pretzels did we sell altogether in sales.csv?", number(by_item["pretzel"])),
        goal("bakery/mean-cake", "aggregate", 1, "average price of a cake order, two decimals pls", number(mean(o["price"] for o in orders), 0.006)),
        goal("bakery/april-knots", "aggregate", 1, "Total number of cinnamon knots sold in April 2024",
             number(sum(r["sold"] for r in april if r["item"] == "cinnamon knot"))),
        goal("bakery/cake-means", "filter-group", 1, "Give me the mean order price for each kind of cake, from the Excel file.",
             {"answer_contains_all": cakes, "answer_numbers_all": [[round(mean(v), 4), 0.06] for v in by_cake.values()]}),
        goal("bakery/registers", "filter-group", 1, "pieces sold per register?", {"answer_numbers_all": [[per_register[1], 0], [per_register[2], 0]]}),
        goal("bakery/butter-rich", "filter-group", 1, "Which recipes use more than 30 g of butter?",
             words("cinnamon knot", "apple strudel", "croissant", answer_not_contains=["spelt loaf", "walnut bun"])),
        goal("bakery/discount", "calc", 1, "A customer takes 45 pretzels at 1.10 and gets 15% off. What does she pay?", number(45 * 1.1 * 0.85, 0.006)),
        goal("bakery/flour-batch", "calc", 1, "If one batch needs 620 grams of flour and I bake 38 batches, how many kilos is that?", number(23.56, 0.001)),
        goal("bakery/fahrenheit", "units-dates", 1, "My American cousin asks: what's 185 degrees celsius in fahrenheit?", number(365, 0.1)),
        goal("bakery/cold-room", "search-passage", 1, "Whom do I call when the cold room gets too warm?", words("Frostline", "0551-7720")),
        goal("bakery/blue-trays", "search-passage", 1, "what are the trays with the blue edge for", words(["allerg*"])),
        goal("bakery/meeting", "read-summarise", 1, "Summarise the May team meeting in at most 500 characters.",
             {"answer_at_least": [2, [["VAT", "till", "register*"], ["sourdough", "course"], ["flour", "8 percent"], ["6:30", "open*"], ["apprentice*"]]], "max_chars": 500}),
        goal("bakery/best-seller", "multi-step", 2, "Which item brought in the most money (sold times price) and how much was it?",
             number(turnover[best], 0.06, answer_contains_all=[best])),
        goal("bakery/best-day", "multi-step", 2, "Find the day with the most pieces sold in sales.csv and tell me which weekday that was.",
             words([date.fromisoformat(top_day).strftime("%A")])),
        goal("bakery/unpaid-file", "write-file", 2, "Please write all cake orders without deposit to out/unpaid.csv, only order_no, customer and pickup, earliest pickup first",
             {"file": "out/unpaid.csv", "rows": len(unpaid), "columns": ["order_no", "customer", "pickup"], "sorted": {"column": "pickup"}}),
        goal("bakery/note-file", "write-file", 1, "Create a file sign.txt that says: Closed on Monday 10 June",
             {"file": "sign.txt", "text": "Closed on Monday 10 June"}),
        goal("bakery/recipes-csv", "convert", 1, "make a csv out of recipes.json, call it recipes.csv",
             {"file": "recipes.csv", "rows": len(RECIPES), "columns": list(RECIPES[0]), "sum": {"flour_g": [sum(r["flour_g"] for r in RECIPES), 0]}}),
        goal("bakery/orders-json", "convert", 1, "Convert 'cake orders.xlsx' to JSON (orders.json)",
             {"file": "orders.json", "rows": len(orders), "sum": {"price": [round(sum(o["price"] for o in orders), 2), 0.01]}}),
        goal("bakery/rye-or-spelt", "compare", 1, "Did we sell more rye loaves or more spelt loaves, and what is the difference?",
             number(by_item["rye loaf"] - by_item["spelt loaf"], 0, sign="any",
                    answer_contains_all=["rye loaf" if by_item["rye loaf"] > by_item["spelt loaf"] else "spelt loaf"])),
        goal("bakery/waste", "impossible", 1, "What was thrown away most often according to waste.csv?", NEVER),
        goal("bakery/gluten-free-recipe", "impossible", 1, "What does the recipe for the gluten-free brownie say about baking time?", NEVER),
        goal("bakery/order-flour", "impossible", 1, "Order 900 kg flour from Mühle Krantz for next Tuesday", NEVER),
        goal("bakery/change-it", "ambiguous", 1, "change the price", ASKS),
        goal("bakery/thanks", "no-tool", 1, "thanks, that's all for today!", {"any_of": [{"not_achieved": True}, {"answer_contains_any": ["welcome", "day", "bye", "glad", "thank*"], "max_chars": 300}]}),
    ]  # fmt: skip
