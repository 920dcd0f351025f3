"""A hiking club: tours, huts, a track, the weather."""

import math
import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, parquet, text

HANDBOOK = """# Handbook for tour leaders

## Before the tour
Leaders announce a tour at least ten days ahead, with the distance, the climb and the grade. Nobody leads more than twelve people
alone; from the thirteenth on there is a second leader who walks at the end.

## Thunderstorms
Whoever hears thunder within thirty seconds of the flash leaves the ridge at once. We do not wait under single trees. Poles are
laid aside, and the group spreads out at five metres each.

## If somebody is hurt
One leader stays, two people go for help. Mountain rescue has the number 140, and the club's emergency phone is 0664 902 118. The
alpine signal of distress is given six times a minute, then a minute of rest.

## Costs
The club pays leaders 0.38 euros a kilometre for the car and 12 euros a night in a hut. Receipts are due by the end of the
following month; later ones are not paid.

## Dogs
Dogs come along only if the leader says so in the announcement, and never on tours of grade T4 or harder, because of the ladders.
"""
REPORT = """Tour report: Kessel ridge, 21 July 2024
Leader: Verena Ott. Eleven people, of whom two turned back at the saddle.

We left the car park at 6:10 and reached the saddle at 8:45. The cable below the second tower is loose; I reported it to the
alpine association on Monday. At the summit we met a school class of 30, so we had our lunch lower down, at the spring.
On the descent Georg sprained his ankle. We put on a splint, and he was brought down with the goods lift of the Sonnkar hut, for
which the host asked nothing. Back at the cars at 17:20. Total climb 1,240 metres by my watch.
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(5150)
    leaders, grades = ["Verena Ott", "Georg Hain", "Suri Patel", "Mikkel Berg", "Anna Ruiz"], ["T1", "T2", "T3", "T4"]
    tours: list[Row] = [{"tour": i + 1, "date": (date(2023, 4, 1) + timedelta(rng.randrange(540))).isoformat(), "leader": rng.choice(leaders),
              "grade": rng.choice(grades), "km": round(rng.uniform(5, 24), 1), "climb_m": rng.randrange(120, 1700, 10),
              "people": rng.randrange(3, 17)} for i in range(140)]  # fmt: skip
    delimited(out / "tours.csv", tours)
    huts: list[Row] = [{"name": "Sonnkar", "elevation": 2105, "beds": 44, "night": 34.0, "open": {"from": "06-15", "to": "10-05"}},
            {"name": "Gamsloch", "elevation": 1830, "beds": 28, "night": 29.5, "open": {"from": "05-20", "to": "10-26"}},
            {"name": "Eisenjoch", "elevation": 2540, "beds": 62, "night": 41.0, "open": {"from": "07-01", "to": "09-20"}},
            {"name": "Birkboden", "elevation": 1410, "beds": 16, "night": 22.0, "open": {"from": "05-01", "to": "11-02"}}]  # fmt: skip
    as_json(out / "huts.json", {"updated": "2024-05-02", "huts": huts})
    track: list[Row] = []
    ele = 1180.0
    for i in range(1800):
        ele += 0.9 * math.sin(i / 140) + rng.uniform(-0.6, 0.75)
        track.append({"second": i * 12, "lat": round(47.1 + i * 0.00002, 5), "lon": round(11.4 + i * 0.00003, 5), "ele_m": round(ele, 1),
                      "heart_rate": round(118 + 22 * math.sin(i / 95) + rng.uniform(-6, 6))})  # fmt: skip
    delimited(out / "gps" / "kessel ridge.csv", track)
    weather: list[Row] = [{"date": (date(2024, 1, 1) + timedelta(i)).isoformat(), "max_c": round(9 - 12 * math.cos(i / 58.1) + rng.gauss(0, 3), 1),
                "rain_mm": round(max(0.0, rng.gauss(-1, 6)), 1), "gust_kmh": round(abs(rng.gauss(28, 14)))} for i in range(366)]  # fmt: skip
    delimited(out / "weather.tsv", weather, "\t")
    members: list[Row] = [{"member": i + 1, "joined": rng.randrange(1988, 2025), "section": rng.choice(["walkers", "alpine", "youth", "ski"]), "fee_eur": rng.choice([24.0, 48.0, 62.0])}
               for i in range(310)]  # fmt: skip
    parquet(out / "members.parquet", members)
    text(out / "handbook.md", HANDBOOK)
    text(out / "reports" / "2024-07-21 kessel.txt", REPORT)
    text(out / "gps" / "untitled.csv", 'second,lat,lon,ele_m\n0,47.1,11.4\n"12,47.2,11.5,"1190\n24;;;\n')
    text(out / "reports" / "2024-08.txt", "")

    km: dict[str, float] = defaultdict(float)
    tours_of, people_in = Counter(t["leader"] for t in tours), Counter[str]()
    for tour in tours:
        km[tour["leader"]] += tour["km"]
        people_in[tour["grade"]] += tour["people"]
    sections = Counter(m["section"] for m in members)
    year_24 = [t for t in tours if t["date"].startswith("2024")]
    hard = sorted((t for t in tours if t["grade"] == "T4" and t["climb_m"] > 1000), key=lambda t: -t["climb_m"])
    wettest = max(weather, key=lambda w: w["rain_mm"])
    farthest = max(tours, key=lambda t: t["km"])
    top = max(p["ele_m"] for p in track)
    dry = sum(w["rain_mm"] == 0 for w in weather)
    by_section: dict[str, list[float]] = defaultdict(list)
    for member in members:
        by_section[member["section"]].append(member["fee_eur"])
    return [
        goal("hiking/eisenjoch", "lookup", 1, "What does one night in the Eisenjoch hut cost?", number(41)),
        goal("hiking/birkboden", "lookup", 1, "how many beds are there at birkboden", number(16)),
        goal("hiking/tour-17", "lookup", 1, "Who led tour 17 in tours.csv?", words(tours[16]["leader"])),
        goal("hiking/dry-days", "count", 1, "On how many days of weather.tsv did it not rain at all?", number(dry)),
        goal("hiking/tours-2024", "count", 1, "How many tours did we do in 2024?", number(len(year_24))),
        goal("hiking/since-2010", "count", 1, "how many members (members.parquet) joined in 2010 or later?", number(sum(m["joined"] >= 2010 for m in members))),
        goal("hiking/total-km", "aggregate", 1, "Could you tell me how many kilometers all tours add up to?", number(sum(t["km"] for t in tours), 0.06)),
        goal("hiking/highest", "aggregate", 1, "highest point of the track gps/kessel ridge.csv in metres", number(top, 0.06)),
        goal("hiking/heart", "aggregate", 1, "My doctor wants to know my average heart rate on the Kessel ridge. One decimal is enough.",
             number(mean(p["heart_rate"] for p in track), 0.06)),
        goal("hiking/rain-total", "aggregate", 1, "total rain in mm over the year 2024", number(sum(w["rain_mm"] for w in weather), 0.06)),
        goal("hiking/per-leader", "filter-group", 1, "How many tours did each leader lead?",
             {"answer_contains_all": leaders, "answer_numbers_all": [[n, 0] for n in tours_of.values()]}),
        goal("hiking/people-grade", "filter-group", 1, "number of people by grade, all tours together",
             {"answer_contains_all": grades, "answer_numbers_all": [[n, 0] for n in people_in.values()]}),
        goal("hiking/sections", "filter-group", 1, "Average fee in every section of the club? members.parquet, 2 decimals",
             {"answer_contains_all": list(sections), "answer_numbers_all": [[round(mean(v), 4), 0.006] for v in by_section.values()]}),
        goal("hiking/high-huts", "filter-group", 1, "List the huts above 2000 m.", words("Sonnkar", "Eisenjoch", answer_not_contains=["Birkboden", "Gamsloch"])),
        goal("hiking/pace", "calc", 1, "17.4 km in 6 hours, how fast is that per hour?", number(2.9, 0.01)),
        goal("hiking/car-money", "calc", 1, "I drove 236 kilometres at 0.38 euros each. What do I get back?", number(89.68, 0.006)),
        goal("hiking/feet", "units-dates", 1, "How many feet are 2540 metres?", number(8333.33, 0.5)),
        goal("hiking/season", "units-dates", 1, "how many days lie between 15 June 2024 and 5 October 2024", number(112, 0, or_number=[[113, 0]])),
        goal("hiking/thunder", "search-passage", 1, "what should we do with our poles in a thunderstorm?", words(["laid aside", "aside"])),
        goal("hiking/dogs", "search-passage", 1, "Can I take my dog on a T4 tour?", words(["never", "ladders"])),
        goal("hiking/emergency", "search-passage", 1, "What is the number of the club's emergency phone?", words("0664 902 118")),
        goal("hiking/report", "read-summarise", 1, "summarize the kessel report from july (max 450 characters)",
             {"answer_at_least": [2, [["cable", "loose"], ["ankle", "splint"], ["goods lift", "Sonnkar"], ["turned back"], ["school class"]]], "max_chars": 450}),
        goal("hiking/wettest", "multi-step", 2, "Which day of 2024 was the wettest and what weekday was it?",
             words([date.fromisoformat(wettest["date"]).strftime("%A")])),
        goal("hiking/farthest-miles", "multi-step", 2, "Take the longest tour in tours.csv and tell me its length in miles.", number(farthest["km"] / 1.609344, 0.02)),
        goal("hiking/two-huts", "multi-step", 2, "What do two nights in the Sonnkar hut plus one night in the Gamsloch hut cost together?", number(2 * 34 + 29.5, 0.001)),
        goal("hiking/hard-file", "write-file", 2, "I need a file hard.csv with all T4 tours that climb more than 1000 m, hardest climb first.",
             {"file": "hard.csv", "rows": len(hard), "sorted": {"column": "climb_m", "descending": True}}),
        goal("hiking/leader-file", "write-file", 2, "Sum up the kilometres per leader and store the result as out/leaders.csv",
             {"file": "out/leaders.csv", "rows": 5, "numbers": [[round(v, 1), 0.06] for v in km.values()], "contains": leaders}),
        goal("hiking/weather-json", "convert", 1, "weather.tsv -> weather.json please", {"file": "weather.json", "rows": 366, "sum": {"gust_kmh": [sum(w["gust_kmh"] for w in weather), 0]}}),
        goal("hiking/members-csv", "convert", 1, "Our treasurer can't open parquet, export members.parquet to members.csv",
             {"file": "members.csv", "rows": 310, "columns": ["member", "joined", "section", "fee_eur"]}),
        goal("hiking/ott-hain", "compare", 1, "Who has more kilometres, Verena Ott or Georg Hain?", words("Verena Ott" if km["Verena Ott"] > km["Georg Hain"] else "Georg Hain")),
        goal("hiking/july-january", "compare", 2, "By how much did July 2024 get more rain than June 2024 (in mm)?",
             number(sum(w["rain_mm"] for w in weather if w["date"][5:7] == "07") - sum(w["rain_mm"] for w in weather if w["date"][5:7] == "06"), 0.06, sign="any")),
        goal("hiking/untitled", "impossible", 1, "What is the mean elevation in gps/untitled.csv?", NEVER),
        goal("hiking/august", "impossible", 1, "Summarise the report of August 2024.", NEVER),
        goal("hiking/forecast", "impossible", 1, "Will it rain on the Kessel ridge next Sunday?", NEVER),
        goal("hiking/the-hut", "ambiguous", 1, "How far is it?", ASKS),
        goal("hiking/rename", "ambiguous", 1, "Put it in the other folder", ASKS),
        goal("hiking/longer", "no-tool", 1, "Which is longer, a mile or a kilometre?", words("mile", max_chars=300)),
    ]  # fmt: skip
