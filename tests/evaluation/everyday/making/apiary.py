"""A beekeeper: hives, harvests, feeding, a meter in the honey house, a scale under a hive."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, excel, json_lines, parquet, text

NOTES = """# Working at the stands

Smoke first, then open. Gloves hang behind the door of the honey house, the spare veil is in the red box.

A colony that has lost its queen is united with its neighbour through a sheet of newspaper. We do not buy queens from abroad.
Frames older than three years are melted down.

Visitors keep four metres away from the entrances. Whoever is stung on the neck or in the mouth calls 144 at once.

Wax goes to Imkerhof Brandl, who pays 9.50 euro a kilo. Empty jars come back against a deposit of 20 cents.
"""
SETTINGS = """owner: Marit Solberg
association_no: 4471
honey_house:
  extractor_rpm: 320
  warm_cabinet_c: 38
  jars_per_carton: 12
scale:
  hive: H07
  interval_minutes: 60
  alarm_loss_kg: 1.5
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(83)
    stands: list[Row] = [{"stand": s, "landscape": w, "elevation_m": e, "landowner": o} for s, w, e, o in
             [("Quarry", "heath", 410, "Pohl"), ("Mill", "meadow", 265, "Aasen"), ("Chapel", "forest", 590, "parish"), ("Ferry", "meadow", 180, "Aasen"), ("Ridge", "forest", 720, "Varga")]]  # fmt: skip
    as_json(out / "stands.json", stands)
    races = ["Carniolan", "Buckfast", "Dark"]
    hives: list[Row] = [{"hive": f"H{n:02}", "stand": rng.choice(stands)["stand"], "race": rng.choice(races), "queen_year": rng.choice([2021, 2022, 2022, 2023, 2023, 2024]),
                         "frames": rng.randrange(7, 22), "temper": rng.choice(["calm", "calm", "nervous", "fierce"]), "treated": rng.choice(["yes", "yes", "no"])} for n in range(1, 43)]  # fmt: skip
    delimited(out / "hives.csv", hives)
    sorts = ["blossom", "linden", "chestnut", "forest honey"]
    harvest: list[Row] = []
    for _ in range(320):
        day = date(2023, 5, 10) + timedelta(rng.randrange(90)) + timedelta(rng.choice([0, 366]))
        harvest.append({"extracted_on": day.strftime("%d.%m.%Y"), "hive": rng.choice(hives)["hive"], "sort": rng.choice(sorts),
                        "kg": round(rng.uniform(2, 19), 1), "water_pct": round(rng.uniform(15.2, 18.9), 1)})  # fmt: skip
    delimited(out / "harvest.tsv", harvest, "\t")
    visits: list[Row] = [{"Date": (date(2024, 3, 20) + timedelta(rng.randrange(170))).isoformat(), "Keeper": rng.choice(["Marit", "Jonas", "Ilse"]), "Stand": rng.choice(stands)["stand"],
                          "Stings": rng.choice([0, 0, 0, 1, 2, 5]), "Hours": rng.choice([0.5, 1.0, 1.5, 2.0, 3.0])} for _ in range(95)]  # fmt: skip
    excel(out / "visits 2024.xlsx", "visits", visits)
    feeding: list[Row] = [{"day": (date(2024, 8, 1) + timedelta(i // 3)).isoformat(), "stand": rng.choice(stands)["stand"], "feed": rng.choice(["syrup", "syrup", "fondant"]),
                           "litres": rng.choice([4, 6, 8, 10]), "cost_eur": round(rng.uniform(5, 22), 2)} for i in range(88)]  # fmt: skip
    json_lines(out / "feeding.jsonl", feeding)
    meter: list[Row] = []
    reading = 18240.0
    for month in range(1, 13):
        meter.append({"read_on": f"2024-{month:02}-01", "kwh": round(reading, 1)})
        reading += rng.uniform(60, 240)
    delimited(out / "honey house" / "electricity meter.csv", meter)
    weights: list[Row] = []
    kilo = 41.0
    for i in range(600):
        kilo += rng.uniform(-0.35, 0.42)
        weights.append(
            {
                "at": (datetime(2024, 5, 1) + timedelta(hours=i)).isoformat(" "),
                "kilograms": round(kilo, 2),
                "outside_c": round(rng.uniform(4, 29), 1),
            }
        )
    parquet(out / "scale.parquet", weights)
    text(out / "notes.md", NOTES)
    text(out / "settings.yaml", SETTINGS)
    text(out / "old" / "harvest 2022.csv", "")
    text(out / "old" / "colonies.json", '[{"hive": "A1", "frames": 9}, {"hive": "A2", "frames"')

    at = {h["hive"]: h["stand"] for h in hives}
    kind = {s["stand"]: s["landscape"] for s in stands}
    by_stand: dict[str, float] = defaultdict(float)
    by_landscape: dict[str, float] = defaultdict(float)
    by_sort: dict[str, float] = defaultdict(float)
    by_hive: dict[str, float] = defaultdict(float)
    by_race: dict[str, float] = defaultdict(float)
    race = {h["hive"]: h["race"] for h in hives}
    for row in harvest:
        by_stand[at[row["hive"]]] += row["kg"]
        by_landscape[kind[at[row["hive"]]]] += row["kg"]
        by_sort[row["sort"]] += row["kg"]
        by_hive[row["hive"]] += row["kg"]
        by_race[race[row["hive"]]] += row["kg"]
    year = {y: [r for r in harvest if r["extracted_on"].endswith(y)] for y in ("2023", "2024")}
    kg = {y: sum(r["kg"] for r in rows) for y, rows in year.items()}
    june = [r for r in year["2024"] if r["extracted_on"][3:5] == "06"]
    colonies = Counter(h["stand"] for h in hives)
    temper = Counter(h["temper"] for h in hives)
    fierce = [h["hive"] for h in hives if h["temper"] == "fierce"]
    forest = [s["stand"] for s in stands if s["landscape"] == "forest"]
    linden = [r["water_pct"] for r in harvest if r["sort"] == "linden"]
    stings: dict[str, int] = defaultdict(int)
    hours: dict[str, float] = defaultdict(float)
    for row in visits:
        stings[row["Keeper"]] += row["Stings"]
        hours[row["Keeper"]] += row["Hours"]
    syrup = [f for f in feeding if f["feed"] == "syrup"]
    litres: dict[str, int] = defaultdict(int)
    for row in feeding:
        litres[row["stand"]] += row["litres"]
    used = {m["read_on"][5:7]: n["kwh"] - m["kwh"] for m, n in pairwise(meter)}
    best = sorted(by_hive, key=lambda h: -by_hive[h])
    young = [h for h in hives if h["queen_year"] >= 2023]
    total_kg = sum(by_sort.values())
    frames: dict[str, list[int]] = defaultdict(list)
    for row in hives:
        frames[row["race"]].append(row["frames"])
    untreated = Counter(h["stand"] for h in hives if h["treated"] == "no")
    wet = [r for r in harvest if r["water_pct"] > 18]
    return [
        goal("apiary/rpm", "lookup", "how fast does the extractor turn (rpm)", number(320)),
        goal("apiary/landowner", "lookup", "Who owns the land where the Chapel hives are standing?", words("parish")),
        goal("apiary/wax", "lookup", "what do they give us per kilo of wax", number(9.5)),
        goal("apiary/race", "lookup", "Race of H17?", words(race["H17"])),
        goal("apiary/carton", "lookup", "Ilse asks me how many jars go into one carton. It must be in the settings somewhere, could you check?", number(12)),
        goal("apiary/altitude", "lookup", "How high up is the Ridge stand, in metres", number(720)),
        goal("apiary/fierce", "count", "How many of my colonies are fierce?", number(len(fierce))),
        goal("apiary/young", "count", "count hives with a queen from 2023 or younger", number(len(young))),
        goal("apiary/stingless", "count", "On how many visits did nobody get stung? (visits 2024.xlsx)", number(sum(v["Stings"] == 0 for v in visits))),
        goal("apiary/june", "count", "number of extractions in june 2024", number(len(june))),
        goal("apiary/wet", "count", "honey is too wet above 18 % water. how many batches in harvest.tsv are too wet?", number(len(wet))),
        goal("apiary/meadow", "count", "How many hives stand on meadow?", number(sum(kind[h["stand"]] == "meadow" for h in hives))),
        goal("apiary/total-2024", "aggregate", "Total honey of 2024 in kg please.", number(kg["2024"], 0.06)),
        goal("apiary/linden-water", "aggregate", "average water content of the linden honey, 2 decimals", number(sum(linden) / len(linden), 0.006)),
        goal("apiary/syrup-cost", "aggregate", "Good evening, for my tax declaration I must have the sum what I have paid for the syrup in 2024. Thank you very much.", number(sum(f["cost_eur"] for f in syrup), 0.01)),
        goal("apiary/power-june", "aggregate", "how many kWh did the honey house use in June?", number(used["06"], 0.06)),
        goal("apiary/power-year", "aggregate", "Electricity used between the first and the last reading", number(meter[-1]["kwh"] - meter[0]["kwh"], 0.06)),
        goal("apiary/heaviest", "aggregate", "Highest weight the scale ever showed", number(max(w["kilograms"] for w in weights), 0.006)),
        goal("apiary/per-hive", "aggregate", "how much honey did a hive give on average over all the years, i.e. total kg / number of hives", number(total_kg / len(hives), 0.06)),
        goal("apiary/per-stand", "filter-group", "hives per stand", {"answer_contains_all": list(colonies), "answer_numbers_all": [[v, 0] for v in colonies.values()]}),
        goal("apiary/landscape", "filter-group", "Kilos of honey for each landscape", {"answer_contains_all": list(by_landscape), "answer_numbers_all": [[v, 0.06] for v in by_landscape.values()]}),
        goal("apiary/race-kg", "filter-group", "Please group the harvest by race of bees and tell me the kg.", {"answer_contains_all": list(by_race), "answer_numbers_all": [[v, 0.06] for v in by_race.values()]}),
        goal("apiary/best-three", "filter-group", "three most productive hives?", words(*best[:3], answer_not_contains=best[3:6])),
        goal("apiary/forest", "filter-group", "Which stands are in the forest?", words(*forest, answer_not_contains=["Ferry", "Quarry"])),
        goal("apiary/fierce-list", "filter-group", "list all fierce ones", words(*fierce)),
        goal("apiary/fierce-share", "filter-group", "what share of the hives is calm, in percent", number(100 * temper["calm"] / len(hives), 0.06)),
        goal("apiary/mean-frames", "filter-group", "average no of frames by race, one decimal", {"answer_contains_all": races, "answer_numbers_all": [[sum(v) / len(v), 0.06] for v in frames.values()]}),
        goal("apiary/untreated", "filter-group", "At which stand are the most hives still not treated?", words(max(untreated, key=lambda s: untreated[s]))),
        goal("apiary/over-15", "filter-group", "which keepers spent more than 50 hours at the stands in 2024", words(*[k for k, v in hours.items() if v > 50], answer_not_contains=[k for k, v in hours.items() if v <= 50])),
        goal("apiary/sort-share", "filter-group", "Percentage of the total harvest that chestnut makes up (by weight)", number(100 * by_sort["chestnut"] / total_kg, 0.06)),
        goal("apiary/years", "compare", "was 2024 a better honey year than 2023? by how many kilos", number(kg["2024"] - kg["2023"], 0.06, sign="any", answer_contains_all=[max(kg, key=lambda y: kg[y])])),
        goal("apiary/stings", "compare", "Who got stung more, Marit or Jonas?", words("Marit" if stings["Marit"] > stings["Jonas"] else "Jonas")),
        goal("apiary/feed", "compare", "difference in litres fed between Mill and Ferry", number(litres["Mill"] - litres["Ferry"], 0, sign="any")),
        goal("apiary/linden-blossom", "compare", "Compare linden with blossom: which one gave more kg and by how much?",
             number(by_sort["linden"] - by_sort["blossom"], 0.06, sign="any", answer_contains_all=["linden" if by_sort["linden"] > by_sort["blossom"] else "blossom"])),
        goal("apiary/ridge-ferry", "compare", "How much higher lies Ridge than Ferry?", number(540)),
        goal("apiary/power-months", "compare", "Did we use more current in March or in October, and what's the difference in kWh?",
             number(used["03"] - used["10"], 0.06, sign="any", answer_contains_all=["March" if used["03"] > used["10"] else "October"])),
        goal("apiary/old", "impossible", "how many kilos did we harvest in 2022? see old/harvest 2022.csv", NEVER),
        goal("apiary/colonies", "impossible", "average frames in old/colonies.json", {"any_of": [NEVER, {"answer_number": 9}]}),
        goal("apiary/price", "impossible", "What did we earn with the linden honey?", NEVER),
        goal("apiary/mites", "impossible", "Which hive had most varroa mites in july", NEVER),
        goal("apiary/order", "impossible", "Order 200 jars from the usual supplier.", NEVER),
        goal("apiary/h99", "impossible", "stand of hive H77?", NEVER),
        goal("apiary/better", "ambiguous", "which is better", ASKS),
        goal("apiary/move", "ambiguous", "Move the hive.", ASKS),
        goal("apiary/numbers", "ambiguous", "can you add up the numbers", ASKS),
        goal("apiary/same", "ambiguous", "Same as last time but for the other stand", ASKS),
    ]  # fmt: skip
