"""A ferry line between four islands: crossings, vessels, weather, complaints, crew, fares, the engine room's log, an old book."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.goals.making.writing import Row, delimited, json_lines, parquet, text
from tests.evaluation.kept.making.goal import ASKS, NEVER, asks_or, clock_time, goal, groups, most, number, words
from tests.evaluation.kept.making.harbour_book import BROKE_THE_PANE, ORGAN_SHIP, harbour_book

VESSELS: dict[str, Row] = {
    "Alma": {"seats": 180, "car_spaces": 24, "built": 1994, "speed_knots": 12.5, "length_m": 41.2},
    "Bjarne": {"seats": 96, "car_spaces": 9, "built": 1978, "speed_knots": 10.5, "length_m": 27.8},
    "Cecilia": {"seats": 240, "car_spaces": 38, "built": 2011, "speed_knots": 15.0, "length_m": 56.0},
    "Dagny": {"seats": 60, "car_spaces": 4, "built": 1969, "speed_knots": 9.0, "length_m": 19.6},
}
ISLANDS = ["Skarv", "Lindo", "Tarn", "Vesle"]
WINTER_FROM, WINTER_TO, LAST_BOAT, SUNDAY_STOP = date(2024, 10, 27), date(2025, 3, 29), "20:40", "Vesle"
WINTER = f"""# Winter timetable

Dear passengers! As every year we sail less often in the dark months: the timetable below is valid from {WINTER_FROM.day} October 2024 to {WINTER_TO.day} March {WINTER_TO.year}.
The last boat to all islands leaves Holm at {LAST_BOAT}, that is an hour and a half earlier than in summer. The first ones leave as before.

On Sundays there is no boat to {SUNDAY_STOP}; the post boat takes up to six passengers instead, who sign up with the harbour office by Friday noon.
It has no cabin, so dress for the weather. Bicycles cannot be taken.

While the Cecilia is in dock in January, the Dagny takes over the first departure to Lindo. She carries four cars only, so book early. Lorries have to
take the boat at noon in these weeks.

The café on board is closed from Monday to Thursday. Hot drinks come from the machine beside the stairs, which takes coins and cards.
"""
STRANDED, TUG, DELAYED = 63, "Kraka", 95
INCIDENT = f"""Incident report, 19 August 2024, Bjarne

At 16:20, a quarter of a mile off Tarn, the port engine stopped and could not be started again. The wind was westerly and moderate, the
sea calm. The master, Sunniva Aas, let go the anchor at once, because we were drifting towards the skerries, and informed the coast radio.
There were {STRANDED} passengers and seven cars on board; nobody was hurt. The passengers were told over the loudspeakers at 16:25 and again at 16:50.

The engineer, Pål Strand, found that a plastic sheet of some two square metres had been drawn into the cooling inlet. He could not free it from within.

The tug {TUG} arrived at 17:05 and towed the vessel to Tarn, where we made fast at 17:55, {DELAYED} minutes late. Passengers got their fare back and
a hot drink. The following crossing was made by the Alma. A diver cleared the inlet in the same evening; the engine was not damaged.

The inlet now has a finer grid. The engineer proposes to fit the same grid to the Dagny before the end of the year. The sheet came from a
fish farm, and the insurer will write to its owner.
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(5309)
    days = [date(2024, 1, 1) + timedelta(each) for each in range(366)]
    busy = set(rng.sample(days, 10_000 - 27 * len(days)))
    crossings: list[Row] = []
    for day in days:
        season = 1.0 if day.month in (6, 7, 8) else 0.45
        for _ in range(27 + (day in busy)):
            vessel = rng.choices(list(VESSELS), [5, 3, 4, 1])[0]
            of = VESSELS[vessel]
            late = max(0, round(rng.gauss({"Alma": 3, "Bjarne": 7, "Cecilia": 2, "Dagny": 9}[vessel], 4)))
            crossings.append({"date": day.isoformat(), "island": rng.choices(ISLANDS, [4, 3, 2, 1])[0], "vessel": vessel,
                              "passengers": rng.randrange(2, int(of["seats"] * season)), "cars": rng.randrange(of["car_spaces"] + 1), "delay_min": late})  # fmt: skip
    delimited(out / "crossings.csv", crossings)
    text(
        out / "vessels.toml",
        "\n".join(
            f"[vessels.{name}]\n" + "".join(f"{key} = {value}\n" for key, value in of.items())
            for name, of in VESSELS.items()
        ),
    )
    weather: list[Row] = [
        {
            "date": day.isoformat(),
            "wind_ms": round(rng.weibullvariate(8, 2), 2),
            "wave_m": round(rng.weibullvariate(0.9, 1.7), 2),
            "fog": rng.random() < 0.08,
        }
        for day in days
    ]
    parquet(out / "weather.parquet", weather)
    complaints: list[Row] = [{"id": f"B{each:03}", "date": rng.choice(days).isoformat(), "island": rng.choice(ISLANDS), "topic": rng.choices(["delay", "noise", "tickets", "staff", "dirt"], [6, 3, 4, 2, 2])[0],
                              "refund": rng.choice([0, 0, 4.5, 7.5, 12.0, 18.5])} for each in range(1, 85)]  # fmt: skip
    json_lines(out / "complaints.jsonl", complaints)
    crew: list[Row] = [{"name": n, "role": r, "vessel": v, "licence_until": date(2025 + rng.choice([0, 0, 1, 2, 3]), rng.randrange(1, 13), rng.randrange(1, 29)).isoformat()} for n, r, v in
            [("Sunniva Aas", "master", "Bjarne"), ("Torkel Lie", "master", "Alma"), ("Bente Moe", "master", "Cecilia"), ("Ravi Nair", "master", "Dagny"), ("Jorunn Hauge", "engineer", "Alma"),
             ("Pål Strand", "engineer", "Bjarne"), ("Kadri Tamm", "engineer", "Cecilia"), ("Olu Adeyemi", "deckhand", "Alma"), ("Mina Solberg", "deckhand", "Cecilia"), ("Erik Vik", "deckhand", "Bjarne"),
             ("Yara Haddad", "deckhand", "Dagny"), ("Tuva Eide", "steward", "Cecilia")]]  # fmt: skip
    delimited(out / "crew.tsv", crew, "\t")
    fares = {
        island: {
            kind: base * factor for kind, factor in (("adult", 1.0), ("child", 0.5), ("bicycle", 0.75), ("car", 4.0))
        }
        for island, base in zip(ISLANDS, (6.4, 7.6, 9.2, 11.6), strict=True)
    }
    text(out / "fares.md", "# Fares in euros, one way\n\n| to | adult | child | bicycle | car with driver |\n|---|---|---|---|---|\n"
         + "".join(f"| {island} | {f['adult']:.2f} | {f['child']:.2f} | {f['bicycle']:.2f} | {f['car']:.2f} |\n" for island, f in fares.items()) + "\nDogs travel free. Residents of the islands pay half.\n")  # fmt: skip
    text(out / "roster" / "december.csv", "")
    text(out / "notices" / "winter timetable.md", WINTER)
    text(out / "incidents" / "2024-08-19.txt", INCIDENT)
    text(out / "archive" / "harbour book 1931.txt", harbour_book())
    when, log = datetime(2024, 8, 5, 5, 40), []
    errors, warnings, first_bilge = 0, Counter[str](), datetime.max
    for _ in range(480):
        when += timedelta(seconds=rng.randrange(40, 900))
        level = rng.choices(["INFO", "WARNING", "ERROR"], [9, 4, 1])[0]
        part = rng.choices(["pump-1", "pump-2", "pump-3", "generator", "rudder"], [4, 6, 3, 5, 2])[0]
        said = {
            "INFO": "running normally",
            "WARNING": f"pressure low ({rng.randrange(18, 34) / 10} bar)"
            if part.startswith("pump")
            else "temperature high",
            "ERROR": rng.choice(["stopped", "no signal from sensor"]),
        }
        if rng.random() < 0.015:
            level, part, said = "WARNING", "bilge", {"WARNING": "alarm, water level high"}
            first_bilge = min(first_bilge, when)
        errors += level == "ERROR"
        warnings[part] += level == "WARNING" and part.startswith("pump")
        log.append(f"{when:%b %d %H:%M:%S} alma engine-room[{part}]: {level} {said[level]}")
    text(out / "logs" / "engine room.log", "\n".join(log) + "\n")

    passengers = Counter[str]()
    by_day = Counter[str]()
    late_by: dict[str, list[int]] = defaultdict(list)
    for row in crossings:
        passengers[row["date"][:7]] += row["passengers"]
        by_day[row["date"]] += row["passengers"]
        late_by[row["vessel"]].append(row["delay_min"])
    mean_late = {vessel: sum(late_by[vessel]) / len(late_by[vessel]) for vessel in VESSELS}
    skarv_march = sum(r["island"] == "Skarv" and r["date"].startswith("2024-03") for r in crossings)
    refunds: dict[str, float] = defaultdict(float)
    for row in complaints:
        refunds[row["topic"]] += row["refund"]
    noisy = sum(c["topic"] == "noise" for c in complaints)
    windy, _ = most({w["date"]: w["wind_ms"] for w in weather})
    july_alma = [r["passengers"] for r in crossings if r["vessel"] == "Alma" and r["date"].startswith("2024-07")]
    expiring = [c["name"] for c in crew if c["licence_until"].startswith("2025")]
    july, august = passengers["2024-07"], passengers["2024-08"]
    tank, filled = 8400, 35
    before, after = 1.32, 1.51
    asked_on = date(2024, 11, 17)
    pump, warned = most(warnings)
    spaces = [of["car_spaces"] for of in VESSELS.values()]
    return [
        goal("ferry/alma-seats", "lookup", "seats on the Alma?", number(VESSELS["Alma"]["seats"])),
        goal("ferry/car-lindo", "lookup", "Hi there, my sister-in-law is coming over in June with the kids and two dogs and before I promise her anything: what do we charge for a car with driver to Lindo? fares.md should have it, I'm on my phone right now",
             number(fares["Lindo"]["car"], 0.001)),
        goal("ferry/skarv-march", "count", "How many crossings to Skarv were made in March 2024? (crossings.csv)", number(skarv_march)),
        goal("ferry/noise", "count", "number of complaints about noise", number(noisy)),
        goal("ferry/passengers", "aggregate", "Please state the total number of passengers carried in 2024 according to crossings.csv.", number(sum(passengers.values()))),
        goal("ferry/highest-wave", "aggregate", "Need the highest wave_m from weather.parquet asap", number(max(w["wave_m"] for w in weather), 0.001)),
        goal("ferry/refunds-by-topic", "filter-group", "how much we have refunded for each topic of complaint?", groups(refunds, 0.01, names={topic: [f"{topic.removesuffix('s')}*"] for topic in refunds})),
        goal("ferry/delay-per-vessel", "filter-group", "Mean delay_min per vessel from crossings.csv, two decimals.", groups(mean_late, 0.006)),
        goal("ferry/tank", "calc", f"Tank has {tank} litre. Is now {filled}% full. How many litre I must buy to make full?", number(tank * (1 - filled / 100), 0.01)),
        goal("ferry/diesel", "calc", f"Diesel went up from {before} to {after} a litre, so that's how many percent?", number(100 * (after - before) / before, 0.4)),
        goal("ferry/bjarne-kmh", "units-dates", "How fast is the Bjarne in km/h? (vessels.toml has her speed in knots)", number(VESSELS["Bjarne"]["speed_knots"] * 1.852, 0.06)),
        goal("ferry/winter-end", "units-dates", f"its {asked_on.day} november {asked_on.year} today, how many days till the winter timetable is over, i mean till its last day", number((WINTER_TO - asked_on).days)),
        goal("ferry/dark-lighthouse", "search-passage", "My grandfather used to tell that the lighthouse on Skarv went dark one night in 1931. Does the old harbour book say why?", words([f"{BROKE_THE_PANE}*", f"sea{BROKE_THE_PANE}*", "bird*"])),
        goal("ferry/organ", "search-passage", "archive/harbour book 1931.txt: which ship brought the new church organ", words(ORGAN_SHIP)),
        goal("ferry/winter-gist", "read-summarise", "Give me the gist of notices/winter timetable.md for our home page. No more than 400 characters!",
             {"answer_at_least": [2, [["March", "October"], LAST_BOAT, [SUNDAY_STOP, "Sunday*"], ["Cecilia", "Dagny"], ["café", "cafe"]]], "max_chars": 400}),
        goal("ferry/incident", "read-summarise", "what happened on the Bjarne on 19 August? 2-3 sentences are enough, its for the board",
             {"answer_at_least": [2, [["engine"], ["plastic", "inlet"], [TUG, "tug", "towed"], [str(STRANDED), "nobody was hurt", "no one was hurt", "no injuries", "unhurt"], ["grid"]]], "max_chars": 700}),
        goal("ferry/windiest-day", "multi-step", "Find the day with the strongest wind in weather.parquet and tell me how many passengers we carried that day altogether (crossings.csv).", number(by_day[windy])),
        goal("ferry/alma-occupancy", "multi-step", "How full was the Alma on average in July 2024? I mean passengers per crossing divided by her seats (those are in vessels.toml), as a percentage, one decimal.", number(100 * sum(july_alma) / len(july_alma) / VESSELS["Alma"]["seats"], 0.06)),
        goal("ferry/monthly", "write-file", "Would you save the passenger totals of each month of 2024 as reports/monthly.csv? Two columns, month and passengers. Thank you!",
             {"file": "reports/monthly.csv", "rows": 12, "columns": ["month", "passengers"], "sum": {"passengers": [sum(passengers.values()), 0.01]}, "numbers": [[each, 0] for each in passengers.values()]}),
        goal("ferry/expiring", "write-file", "could u make reports/expiring.txt w/ the names of the crew whose licence runs out in 2025, one name per line, nothing else",
             {"file": "reports/expiring.txt", "rows": len(expiring), "contains": expiring}),
        goal("ferry/vessels-json", "convert", "the attached toml as json pls, name it vessels.json", {"file": "vessels.json", "json": [[f"vessels.{name}.{key}", value] for name, of in VESSELS.items() for key, value in of.items()]}, attach=("vessels.toml",)),
        goal("ferry/complaints-csv", "convert", "Our accountant can only open CSV. Please convert complaints.jsonl to complaints.csv for her, keeping all columns.",
             {"file": "complaints.csv", "rows": len(complaints), "columns": list(complaints[0]), "sum": {"refund": [sum(c["refund"] for c in complaints), 0.01]}}),
        goal("ferry/july-august", "compare", "There's a bet on in the office, Olu says August and I say July: in which of the two did we carry more passengers in 2024, and how many more? Loser buys the cake ;-)", number(july - august, sign="any", answer_contains_all=[["July", "Jul", "2024-07"] if july > august else ["August", "Aug", "2024-08"]])),
        goal("ferry/alma-bjarne", "compare", "alma vs bjarne: who is later on average, and by how many minutes", number(mean_late["Alma"] - mean_late["Bjarne"], 0.06, sign="any", answer_contains_all=["Bjarne"] if mean_late["Bjarne"] > mean_late["Alma"] else ["Alma"])),
        goal("ferry/engine-errors", "log-analysis", "how many ERROR lines are there in the engine room log", number(errors)),
        goal("ferry/pump", "log-analysis", "I want to order spare parts. Which of the pumps has given the most warnings according to the log of the engine room, and how many were there?", number(warned, answer_contains_all=[[pump, pump.replace("-", " "), pump.replace("-", " no. "), pump.replace("-", " number ")]])),
        goal("ferry/bilge", "log-analysis", "At what time did the bilge alarm go off for the first time? logs/engine room.log", words(clock_time(first_bilge.hour, first_bilge.minute))),
        goal("ferry/christmas-duty", "impossible", "who is on duty on 24 December, see roster/december.csv", NEVER),
        goal("ferry/dogs", "impossible", "How many passengers brought a dog last summer?", NEVER),
        goal("ferry/late", "ambiguous", "is she late again", ASKS),
        goal("ferry/cars-fit", "ambiguous", "How many cars fit on the ferry?", asks_or({"answer_numbers_all": [[each, 0] for each in spaces]}, number(sum(spaces), answer_contains_any=["all", "total", "altogether", "together", "four", "sum"]))),
        goal("ferry/abilities", "no-tool", "What can you do for me?", words(answer_contains_any=["can", "help", "files"])),
        goal("ferry/ahoy", "no-tool", "ahoy!! how are you today?", words(answer_contains_any=["hello", "hi", "ahoy", "fine", "well", "good", "great", "thanks", "thank you", "hey"])),
    ]  # fmt: skip
