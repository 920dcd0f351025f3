"""A hobby astronomer: nights, objects, a camera's log, equipment."""

import math
import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, delimited, json_lines, parquet, text

NOTES = """# Collimating the Dobson

Do it after an hour of cooling, otherwise the tube currents fool you. The laser shows whether the secondary is right; the star test
shows whether the primary is.

1. Point at Polaris, because it stays where it is.
2. Defocus until you see rings. If the shadow of the secondary is not in the middle, turn the screw *nearest* to the fat side.
3. Turn each screw an eighth of a turn at most, and look again.
4. Tighten the locking screws only a little: the last time I overdid it, the mirror was pinched and stars had three spikes.

The spare springs are in the blue film canister.
"""
DIARY = """Night of 9 to 10 March 2024, garden

Clear after nine, seeing 4 of 5, a neighbour's floodlight until half past eleven. Started with the Orion Nebula while it was still
high: the trapezium showed six stars, which I have seen only twice before. Then to the galaxies in Leo; NGC 3628 was at the limit.
At one o'clock dew on the finder, the hair dryer helped for twenty minutes, then its battery was empty. Must buy a heating strap.
Packed up at 2:15 with minus three degrees. Best night this year.
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(1781)
    kinds = ["galaxy", "open cluster", "globular cluster", "nebula", "double star"]
    objects: list[Row] = [{"object": f"K{i + 1}", "kind": rng.choice(kinds), "magnitude": round(rng.uniform(3.1, 12.8), 1), "constellation": rng.choice(["Leo", "Orion", "Lyra", "Cygnus", "Virgo", "Hydra"]),
                "distance_ly": rng.randrange(400, 60_000_000)} for i in range(110)]  # fmt: skip
    delimited(out / "catalogue.csv", objects)
    eyepieces = [32, 24, 13, 8, 5]
    seen: list[Row] = [{"night": (date(2023, 1, 5) + timedelta(rng.randrange(700))).isoformat(), "object": rng.choice(objects)["object"], "seeing": rng.randrange(1, 6),
             "minutes": rng.randrange(4, 60), "eyepiece_mm": rng.choice(eyepieces), "sketch": rng.random() < 0.3} for _ in range(420)]  # fmt: skip
    json_lines(out / "observations.jsonl", seen)
    text(out / "equipment.toml", '[telescope]\nname = "Dobson 10 inch"\naperture_mm = 254\nfocal_length_mm = 1200\nbought = 2019-10-12\nprice_eur = 689\n\n[finder]\n'
         'kind = "8x50"\nbattery = "CR2032"\n\n[mount]\nmax_load_kg = 13.5\n\n[eyepieces]\nsizes_mm = [32, 24, 13, 8, 5]\nfavourite_mm = 13\n')  # fmt: skip
    moon: list[Row] = [
        {
            "date": (date(2024, 1, 1) + timedelta(i)).isoformat(),
            "illumination": round(50 - 50 * math.cos(2 * math.pi * (i + 11) / 29.53), 2),
        }
        for i in range(366)
    ]
    parquet(out / "moon 2024.parquet", moon)
    levels: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    when, lines, exposures = datetime(2024, 3, 9, 20, 14), [], []
    for _ in range(700):
        when += timedelta(seconds=rng.randrange(5, 60))
        part, roll = rng.choice(["cooler", "shutter", "guider", "focuser"]), rng.random()
        if roll < 0.6:
            seconds = rng.choice([30, 60, 120, 180])
            exposures.append(seconds)
            lines.append(f"[{when:%H:%M:%S}] INFO shutter: exposure {seconds}s done")
            levels["INFO"] += 1
        elif roll < 0.85:
            lines.append(f"[{when:%H:%M:%S}] INFO {part}: ok")
            levels["INFO"] += 1
        elif roll < 0.95:
            lines.append(f"[{when:%H:%M:%S}] WARNING {part}: retry")
            levels["WARNING"] += 1
        else:
            part = "guider" if rng.random() < 0.5 else part
            lines.append(f"[{when:%H:%M:%S}] ERROR {part}: lost star")
            levels["ERROR"] += 1
            parts[part] += 1
    text(out / "logs" / "camera.log", "\n".join(lines) + "\n")
    text(out / "notes" / "collimation.md", NOTES)
    text(out / "notes" / "2024-03-09.txt", DIARY)
    (out / "raw").mkdir(parents=True, exist_ok=True)
    (out / "raw" / "dark.fits").write_bytes(b"SIMPLE  =" + bytes(range(256)) * 8)
    text(out / "plans.json", "{")

    kind_of = {o["object"]: o["kind"] for o in objects}
    minutes: dict[str, int] = defaultdict(int)
    for row in seen:
        minutes[kind_of[row["object"]]] += row["minutes"]
    counts = Counter(o["kind"] for o in objects)
    by_eyepiece = Counter(r["eyepiece_mm"] for r in seen)
    brightest = min(objects, key=lambda o: o["magnitude"])
    in_leo = sorted((o for o in objects if o["constellation"] == "Leo"), key=lambda o: o["magnitude"])
    part, part_count = parts.most_common(1)[0]
    good = [r for r in seen if r["seeing"] == 5]
    sketches = sum(r["sketch"] for r in seen)
    dark = sum(m["illumination"] < 5 for m in moon)
    mags: dict[str, list[float]] = defaultdict(list)
    for o in objects:
        mags[o["constellation"]].append(o["magnitude"])
    faint = max(mags, key=lambda c: mean(mags[c]))
    return [
        goal("astronomy/focal", "lookup", 1, "What's the focal length of my telescope?", number(1200)),
        goal("astronomy/battery", "lookup", 1, "which battery does the finder take", words("CR2032")),
        goal("astronomy/k42", "lookup", 1, "In which constellation is K42?", words(objects[41]["constellation"])),
        goal("astronomy/sketches", "count", 1, "How many of my observations have a sketch?", number(sketches)),
        goal("astronomy/dark-nights", "count", 1, "On how many days of 2024 is the moon less than 5 percent illuminated? (moon 2024.parquet)", number(dark)),
        goal("astronomy/galaxies", "count", 1, "number of galaxies in the catalogue", number(counts["galaxy"])),
        goal("astronomy/minutes", "aggregate", 1, "How many minutes have I observed in total?", number(sum(r["minutes"] for r in seen))),
        goal("astronomy/leo-mean", "aggregate", 1, "mean magnitude of the objects in Leo, two decimals", number(mean(o["magnitude"] for o in in_leo), 0.006)),
        goal("astronomy/kinds", "filter-group", 1, "how many objects of each kind are there", {"answer_contains_all": kinds, "answer_numbers_all": [[n, 0] for n in counts.values()]}),
        goal("astronomy/eyepieces", "filter-group", 1, "How often did I use which eyepiece?", {"answer_numbers_all": [[n, 0] for n in by_eyepiece.values()]}),
        goal("astronomy/faintest", "filter-group", 1, "Which constellation has the faintest objects on average (largest mean magnitude)?", words(faint)),
        goal("astronomy/five-in-leo", "filter-group", 1, "Show the three brightest objects in Leo (smallest magnitude first).", {"answer_order": [o["object"] for o in in_leo[:3]]}),
        goal("astronomy/power", "calc", 1, "1200 mm focal length with a 13 mm eyepiece, what's the magnification?", number(92.3077, 0.06)),
        goal("astronomy/frames", "calc", 1, "I took 48 frames of 180 seconds. How many hours is that?", number(2.4, 0.001)),
        goal("astronomy/inches", "units-dates", 1, "254 mm in inches?", number(10, 0.001)),
        goal("astronomy/parsec", "units-dates", 1, "how many light years are 12.5 parsecs", number(40.77, 0.05)),
        goal("astronomy/age", "units-dates", 1, "How many days is it from 12 October 2019 to 9 March 2024?", number((date(2024, 3, 9) - date(2019, 10, 12)).days)),
        goal("astronomy/springs", "search-passage", 1, "where did I put the spare springs?", words("blue", ["canister"])),
        goal("astronomy/polaris", "search-passage", 1, "Why should I point at Polaris for the star test?", words(["stays where it is", "stays"])),
        goal("astronomy/spikes", "search-passage", 1, "what caused the three spikes on the stars", words(["pinched", "overdid", "locking screws"])),
        goal("astronomy/diary", "read-summarise", 1, "Summarise my notes of the night of 9 March 2024 briefly.",
             {"answer_at_least": [2, [["Orion", "trapezium"], ["Leo", "NGC 3628"], ["dew", "hair dryer", "heating strap"], ["floodlight", "neighbour*"], ["2:15", "minus three"]]], "max_chars": 600}),
        goal("astronomy/kind-minutes", "multi-step", 2, "How many minutes did I spend on globular clusters? Kinds are in catalogue.csv, minutes in observations.jsonl.", number(minutes["globular cluster"])),
        goal("astronomy/brightest-ly", "multi-step", 2, "Find the brightest object (lowest magnitude) in the catalogue and give its distance in parsecs (3.2616 light years each).",
             number(brightest["distance_ly"] / 3.2616, brightest["distance_ly"] * 0.0005)),
        goal("astronomy/f-ratio", "multi-step", 2, "Look up focal length and aperture in equipment.toml and divide them to get the f-ratio.", number(1200 / 254, 0.01)),
        goal("astronomy/leo-file", "write-file", 2, "write the objects in Leo, brightest first, to plans/leo.csv", {"file": "plans/leo.csv", "rows": len(in_leo), "sorted": {"column": "magnitude"}}),
        goal("astronomy/good-file", "write-file", 2, "Collect all observations with seeing 5 in good.jsonl", {"file": "good.jsonl", "rows": len(good), "sum": {"minutes": [sum(r["minutes"] for r in good), 0]}}),
        goal("astronomy/moon-csv", "convert", 1, "Please convert 'moon 2024.parquet' into moon.csv.", {"file": "moon.csv", "rows": 366, "columns": ["date", "illumination"]}),
        goal("astronomy/catalogue-md", "convert", 1, "I'd like the catalogue as JSON lines: catalogue.jsonl", {"file": "catalogue.jsonl", "rows": 110, "columns": list(objects[0])}),
        goal("astronomy/errors", "log-analysis", 1, "How many errors are in camera.log?", number(levels["ERROR"])),
        goal("astronomy/error-part", "log-analysis", 2, "which part of the camera causes most of the errors, and how many", number(part_count, 0, answer_contains_all=[part])),
        goal("astronomy/exposure", "log-analysis", 2, "Add up all exposure seconds in logs/camera.log.", number(sum(exposures))),
        goal("astronomy/warnings-errors", "compare", 1, "Are there more warnings than errors in the camera log? How many more?", number(levels["WARNING"] - levels["ERROR"], 0, sign="any")),
        goal("astronomy/orion-lyra", "compare", 1, "orion or lyra: which one has more objects in catalogue.csv",
             words("Orion" if len(mags["Orion"]) > len(mags["Lyra"]) else "Lyra")),
        goal("astronomy/dark", "impossible", 1, "What is the exposure time of raw/dark.fits?", NEVER),
        goal("astronomy/plans", "impossible", 1, "How many plans are in plans.json?", NEVER),
        goal("astronomy/colour", "impossible", 1, "What colour is K42?", NEVER),
        goal("astronomy/best-one", "ambiguous", 1, "Which one is better?", ASKS),
        goal("astronomy/speed", "no-tool", 1, "Does the moon orbit the earth or the other way round?", words(["moon orbits", "orbits the earth", "moon"], max_chars=400)),
    ]  # fmt: skip
