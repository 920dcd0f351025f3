"""A small town's swimming pool and sauna: what its staff and guests ask of the folder."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from statistics import mean, median
from typing import Any

from tests.evaluation.everyday.making import pool_files as files
from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row

Goals = list[dict[str, Any]]


def build(out: Path, web: Path) -> Goals:
    pool = files.make(random.Random(7319))
    files.write(pool, out, web)
    return [*_small(pool), *_tables(pool), *_texts(), *_work(pool), *_rest(pool)]


def _people(row: Row) -> int:
    return int(row["adults"] + row["children"] + row["pass_holders"])


def _sums(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for key, value in pairs:
        sums[key] += value
    return {key: round(value, 2) for key, value in sums.items()}


def _basin(pool: files.Pool, basin: str, column: str) -> list[float]:
    return [r[column] for r in pool.readings if r["basin"] == basin]


def _small(pool: files.Pool) -> Goals:
    holder = next(p for p in pool.passes if p["pass"] == "S047")
    return [
        goal("pool/shower", "lookup", "After how long does a shower stop by itself? It is in settings.toml (seconds).", number(40)),
        goal("pool/sauna-thursday", "lookup", "till when is the sauna open on thursdays", {"answer_contains_any": ["22:30", "22.30", "10:30 pm", "10.30 pm", "half past ten"]}),
        goal("pool/s047", "lookup", "Whose season pass is S047? passes.csv", words(holder["name"])),
        goal("pool/found", "count", "How many things were found and handed in? See lost/found.csv.", number(len(pool.lost))),
        goal("pool/hot-days", "count", "On how many days in weather/2025.tsv was it warmer than 30 degrees?", number(sum(r["air_c"] > 30 for r in pool.weather))),
        goal("pool/family-locker", "count", "how many family passes come with a locker (passes.csv)", number(sum(p["kind"] == "family" and p["locker"] == "yes" for p in pool.passes))),
        goal("pool/chlorine-median", "aggregate", "What is the median of chlorine_mg_l in water/readings.parquet? Two decimals.", number(median(r["chlorine_mg_l"] for r in pool.readings), 0.006)),
        goal("pool/plunge-mean", "aggregate", "avarage temperature of the plunge pool according to readings.parquet, 2 decimals please", number(round(mean(_basin(pool, "plunge", "temp_c")), 4), 0.006)),
        goal("pool/takings", "aggregate", "Total takings in tickets.jsonl, in euro?", number(round(sum(t["eur"] for t in pool.tickets), 2), 0.006)),
        goal("pool/basin-volume", "calc", "A basin is 25 m long, 12.5 m wide and 1.9 m deep. How many cubic metres of water does it hold?", number(25 * 12.5 * 1.9, 0.06)),
        goal("pool/salt-vat", "calc", "3 sacks of salt at 11.75 and 2 test kits at 26.40, plus 19% VAT. What do I pay?", number(round((3 * 11.75 + 2 * 26.4) * 1.19, 4), 0.006)),
        goal("pool/kwh-percent", "calc", "Heating took 38,460 kWh last year and 34,230 kWh this year. By how many percent did it fall? One decimal.", number(round((38460 - 34230) / 38460 * 100, 4), 0.06, sign="any")),
        goal("pool/meeting-opening", "units-dates", "How many days are there between the committee meeting of March 2025 and the start of the season?", number((date(2025, 5, 10) - date(2025, 3, 12)).days)),
        goal("pool/sports-fahrenheit", "units-dates", "To how many degrees Fahrenheit is the sports basin heated? heating.yaml has it in Celsius.", number(round(24.5 * 9 / 5 + 32, 2), 0.06)),
        goal("pool/swim-weekday", "units-dates", "On what day of the week is the winter swim?", words(f"{date(2025, 12, 28):%A}")),
    ]  # fmt: skip


def _tables(pool: files.Pool) -> Goals:
    paid = _sums((t["paid"], t["eur"]) for t in pool.tickets)
    highest = {basin: max(_basin(pool, basin, "ph")) for basin in ("sports", "leisure", "plunge")}
    hours = _sums((r["name"], r["hours"]) for r in pool.rota if r["role"] == "lifeguard")
    busy = max(hours, key=lambda name: hours[name])
    before, now = sum(r["children"] for r in pool.before), sum(r["children"] for r in pool.visits)
    sports, leisure = mean(_basin(pool, "sports", "temp_c")), mean(_basin(pool, "leisure", "temp_c"))
    dearer = {each["item"]: round(each["eur"] - files.SHOP_2024[each["item"]], 2) for each in files.SHOP}
    risen = max(dearer, key=lambda item: dearer[item])
    sauna = {price["kind"] for price in files.PRICES if price["area"] == "sauna"}
    visitors = round(mean(_people(r) for r in pool.visits))
    volume = next(each["m3"] for each in files.BASINS if each["basin"] == "sports")
    drinking = next(each["eur_per_m3"] for each in files.WATER if each["kind"] == "drinking")
    return [
        goal("pool/ways-to-pay", "filter-group", "How much was taken in each way of payment? (tickets.jsonl, euros)", {"answer_contains_all": sorted(paid), "answer_numbers_all": [[value, 0.006] for _, value in sorted(paid.items())]}),
        goal("pool/highest-ph", "filter-group", "What was the highest pH in each basin? water/readings.parquet", {"answer_contains_all": sorted(highest), "answer_numbers_all": [[value, 0.001] for _, value in sorted(highest.items())]}),
        goal("pool/lifeguard-hours", "filter-group", "Which lifeguard has the most hours in staff/rota.tsv, and how many are they?", number(hours[busy], 0.001, answer_contains_all=[busy])),
        goal("pool/children-years", "compare", "Did more children come in 2024 or in 2025, and how many more?", number(abs(now - before), sign="any", answer_contains_all=["2025" if now > before else "2024"])),
        goal("pool/warmer-basin", "compare", "Which basin was warmer on average, sports or leisure, and by how many degrees? readings.parquet, two decimals", number(round(abs(sports - leisure), 4), 0.011, sign="any", answer_contains_all=["sports" if sports > leisure else "leisure"])),
        goal("pool/dearer", "compare", "Compare shop.json with the shop prices of 2024 in the archive. Which article has become dearer by the largest amount, and by how much?", number(dearer[risen], 0.006, answer_contains_all=[risen])),
        goal("pool/sauna-takings", "multi-step", "How much money came from sauna tickets? The area of each kind is in prices.json, the sales are in tickets.jsonl.", number(round(sum(t["eur"] for t in pool.tickets if t["kind"] in sauna), 2), 0.006)),
        goal("pool/filling", "multi-step", "Get {web}/pool-water.json and work out what the drinking water for one filling of the sports basin costs. Its volume is in water/basins.json.", number(round(volume * drinking, 2), 0.006)),
        goal("pool/mean-visitors", "multi-step", "Work out how many people came per day on average in 2025 (adults, children and pass holders together, visits/2025.csv), round to a whole number, and save it in results/visitors.txt.", number(visitors, file="results/visitors.txt", numbers=[[visitors, 0]])),
    ]  # fmt: skip


def _texts() -> Goals:
    return [
        goal("pool/sandals", "search-passage", "Why must plastic sandals stay outside the sauna?", words(["soften*", "soft", "mark", "marks"])),
        goal("pool/affirmer", "search-passage", 'In CC0, who is called the "Affirmer"? Quote the words.', words("associating CC0 with a Work")),
        goal("pool/chair", "search-passage", "why do the lifeguards move their chair to the west side in the afternoon", words(["glare", "deep end", "sun"])),
        goal("pool/september", "read-summarise", "Sum up the minutes of September 2025 in at most 350 characters.", {"answer_at_least": [2, [["hail", "panes", "insurance", "2150", "2,150"], ["kiosk", "tenant", "Deniz", "320"], ["winter swim", "winter swimming", "December", "Red Cross"], ["diving board", "museum"]]], "max_chars": 350}),
        goal("pool/march", "read-summarise", "What was decided in March 2025? Two or three sentences are enough.", {"answer_at_least": [2, [["season", "10 May"], ["ticket", "tickets", "5.20", "5.2"], ["pump", "Hydrotec", "3480", "3,480"], ["early swim", "early swimming", "Tuesdays", "6:30"]]], "max_chars": 700}),
        goal("pool/chlorine-alarm", "read-summarise", "Tell me briefly (under 300 characters) what the lifeguards' guide says about a chlorine alarm.", {"answer_at_least": [2, [["enter", "enters", "entering", "stay out", "keep out"], ["wind"], ["112", "fire brigade"], ["lever", "spray"], ["siren", "tone"]]], "max_chars": 300}),
    ]  # fmt: skip


def _work(pool: files.Pool) -> Goals:
    left = [r for r in pool.lost if r["collected"] == "no"]
    missing = {
        each["item"]: each["min_stock"] - each["stock"] for each in files.SHOP if each["stock"] < each["min_stock"]
    }
    busiest = [r["day"] for r in sorted(pool.visits, key=_people, reverse=True)[:3]]
    columns = list(pool.readings[0])
    return [
        goal("pool/uncollected", "write-file", "Put everything that nobody has collected from the lost property into results/uncollected.csv (columns id, item and where, sorted by item).", {"file": "results/uncollected.csv", "rows": len(left), "columns": ["id", "item", "where"], "sorted": {"column": "item"}, "contains": [left[0]["id"], left[-1]["id"]]}),
        goal("pool/busiest", "write-file", "Write the three busiest days of 2025 into results/busiest.txt, only the dates, one a line, the busiest first. All visitors count: adults, children and pass holders.", {"file": "results/busiest.txt", "lines": busiest}),
        goal("pool/order", "write-file", "Which shop articles are below their minimum stock? Save them as results/order.csv with the columns item and missing (how many are missing).", {"file": "results/order.csv", "rows": len(missing), "columns": ["item", "missing"], "sum": {"missing": [sum(missing.values()), 0.001]}, "contains": sorted(missing)}),
        goal("pool/readings-csv", "convert", "I need water/readings.parquet as a CSV file, results/readings.csv.", {"file": "results/readings.csv", "rows": len(pool.readings), "columns": columns, "sum": {"ph": [round(sum(r["ph"] for r in pool.readings), 2), 0.01]}}),
        goal("pool/old-prices", "convert", "The umlauts in archive/eintritt_1987.csv are broken in our editor. Save the file as UTF-8 under results/eintritt_1987.csv.", {"file": "results/eintritt_1987.csv", "contains": [r["Gruppe"] for r in files.OLD] + ["gültig", "täglich"], "not_contains": ["\ufffd"]}),
        goal("pool/badges", "convert", "Turn the attached list into JSON Lines: results/badges.jsonl", {"file": "results/badges.jsonl", "rows": len(pool.badges), "columns": ["child", "badge", "seconds"], "sum": {"seconds": [sum(r["seconds"] for r in pool.badges), 0.01]}}, attach=("courses/badges.tsv",)),
    ]  # fmt: skip


def _rest(pool: files.Pool) -> Goals:
    warned, often = Counter(
        r["said"] for r in pool.pump if r["level"] == "WARNING" and r["pump"] == "pump-2"
    ).most_common(1)[0]
    first = next(r for r in pool.pump if r["level"] == "ERROR" and r["at"].date() == date(2025, 7, 16))
    errors = Counter(r["pump"] for r in pool.pump if r["level"] == "ERROR")
    course = max(files.COURSES, key=lambda row: row["人数"])
    short = [each["名称"] for each in files.GOODS if each["库存"] < 10]
    annas = [p for p in pool.passes if p["name"].startswith("Anna ")]
    sold = sum(t["quantity"] for t in pool.tickets)
    return [
        goal("pool/pump-2-warnings", "log-analysis", "Which warning does pump-2 give most often in pump.log? And how many times?", number(often, answer_contains_all=[warned])),
        goal("pool/first-error", "log-analysis", "what was the first error in pump.log on 16 July 2025, which pump and at what time", words(first["pump"], first["said"], [f"{first['at']:%H:%M}", f"{first['at']:%H:%M}".lstrip("0")])),
        goal("pool/errors-per-pump", "log-analysis", "Count the errors of each pump in pump.log.", {"answer_contains_all": sorted(errors), "answer_numbers_all": [[count, 0] for _, count in sorted(errors.items())]}),
        goal("pool/游泳班", "chinese", "少儿游泳班由哪位教练负责，学员要自己带什么？", words("吴晓梅", "泳帽", "泳镜")),
        goal("pool/人数最多", "chinese", "资料/课程.csv 里哪门课程的人数最多？有多少人？", number(course["人数"], answer_contains_all=[course["课程"]])),
        goal("pool/补货", "chinese", "把资料/物品.csv 里库存少于10的物品存到 results/补货.csv，只要名称和库存两列。", {"file": "results/补货.csv", "rows": len(short), "columns": ["名称", "库存"], "contains": short}),
        goal("pool/may-empty", "impossible", "What is the mean pH in incoming/may.csv?", NEVER),
        goal("pool/september-shift", "impossible", "Who is the lifeguard of the early shift on 3 September 2025?", NEVER),
        goal("pool/phone", "impossible", "What is Greta Holm's phone number?", NEVER),
        goal("pool/same-august", "ambiguous", "Do the same for August.", ASKS),
        goal("pool/anna", "ambiguous", "What kind of season pass does Anna have?", {"any_of": [*ASKS["any_of"], words(*(p["kind"] for p in annas))]}),
        goal("pool/tickets-sold", "ambiguous", "how many tickets did we sell", {"any_of": [*ASKS["any_of"], number(sold, or_number=[[len(pool.tickets), 0]])]}),
    ]  # fmt: skip
