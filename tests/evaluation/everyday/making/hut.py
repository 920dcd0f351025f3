"""A mountain hut with its rescue group: goals over bookings, missions, gear, weather, logs, papers and a folder in Chinese."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean, median
from typing import Any

from tests.evaluation.everyday.making import hut_texts as texts
from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.everyday.making.hut_rows import ROOMS, Hut, written
from tests.evaluation.goals.making.writing import Row


def build(out: Path, web: Path) -> list[dict[str, Any]]:
    hut = written(out, web)
    return [
        *_single(hut),
        *_grouped(hut),
        *_joined(hut),
        *_files(hut),
        *_dated(hut),
        *_logged(hut),
        *_read(),
        *_chinese(hut),
        *_open(),
    ]


def _sums(rows: Iterable[Row], key: Callable[[Row], str], value: Callable[[Row], float]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        sums[key(row)] += value(row)
    return dict(sums)


def _most(values: dict[str, Any]) -> str:
    """The key of the highest value; a goal that asks for it would be unfair if two shared it."""
    first, second = sorted(values, key=lambda key: -values[key])[:2]
    assert values[first] > values[second], values
    return first


def _alternatives(day: date) -> list[str]:
    return [f"{day}", f"{day.day} {day:%B}", f"{day:%B} {day.day}", f"{day:%d.%m.%Y}"]


def _single(hut: Hut) -> list[dict[str, Any]]:
    cancelled = [b for b in hut.bookings if b["status"] == "cancelled"]
    ropes = [g["weight_kg"] for g in hut.gear if g["kind"] == "rope"]
    return [
        goal("hut/volts", "lookup", "Below how many volts does the generator start? It's in config/hut.toml.", number(23.2)),
        goal("hut/blanket", "lookup", "what do guests pay for a blanket they lost", number(48)),
        goal("hut/repeater", "lookup", "Where does the repeater stand? (config/radio.yaml)", words("Grauhorn")),
        goal("hut/bookings", "count", "How many bookings were cancelled? bookings.csv", number(len(cancelled))),
        goal("hut/windy", "count", "On how many days in weather/days.csv was the wind above 80 km/h?", number(sum(d["wind_kmh"] > 80 for d in hut.weather))),
        goal("hut/flown", "count", "number of missions with a helicopter", number(sum(r["helicopter"] for r in hut.rescues))),
        goal("hut/failed", "count", "How many pieces in inventory/gear.parquet have not passed the check?", number(sum(not g["passed"] for g in hut.gear))),
        goal("hut/ropes", "aggregate", "What do all the ropes in inventory/gear.parquet weigh together? Kilograms, two decimals.", number(sum(ropes), 0.006)),
        goal("hut/median", "aggregate", "median length of a rescue in minutes (rescues.jsonl)", number(median(r["minutes"] for r in hut.rescues))),
        goal("hut/paid", "aggregate", "Sum of amount_eur over all bookings with status paid?", number(sum(b["amount_eur"] for b in hut.bookings if b["status"] == "paid"), 0.01)),
        goal("hut/half-board", "calc", "5 people, 2 nights, half board at 68 each per night, 10% off for the group. What do they pay?", number(5 * 2 * 68 * 0.9, 0.001)),
        goal("hut/diesel", "calc", "1,150 litres of diesel at 1.87 plus 85 for the delivery", number(1150 * 1.87 + 85, 0.001)),
        goal("hut/grant", "calc", "The canton pays 35% of the solar panels, they cost 14,800. How much is left for us?", number(14800 * 0.65, 0.001)),
    ]  # fmt: skip


def _grouped(hut: Hut) -> list[dict[str, Any]]:
    causes = Counter(r["cause"] for r in hut.rescues)
    coldest: dict[str, float] = {
        f"{m:02d}": -fmean(d["temp_min"] for d in hut.weather if d["date"][3:5] == f"{m:02d}") for m in range(1, 13)
    }
    cold = _most(coldest)
    guests = _sums(hut.bookings, lambda b: b["country"], lambda b: b["people"])
    medics = [v["name"] for v in hut.volunteers if v["role"] == "medic"]
    shelves = _sums((g for g in hut.gear if g["bought"] < 2015), lambda g: g["kind"], lambda g: g["weight_kg"])
    places = Counter(r["place"] for r in hut.rescues)
    summer = {m: fmean(d["temp_max"] for d in hut.weather if d["date"][3:5] == m) for m in ("07", "08")}
    led = _sums(hut.rescues, lambda r: r["leader"], lambda r: r["minutes"])
    weight = {s["item"]: s["kg"] for s in hut.supplies}
    cylinders, potatoes = 14 * weight["gas cylinder"], 11 * weight["sack of potatoes"]
    old, new = ({s["item"] for s in stock} for stock in hut.stock)
    pair = {place: places[place] for place in ("Kessel couloir", "Ridge path")}
    warm = "July" if summer["07"] > summer["08"] else "August"
    two = {name: led[name] for name in ("Anneli Rast", "Bruno Zgraggen")}
    ranked = sorted(guests, key=lambda c: -guests[c])
    assert len({guests[c] for c in ranked[:4]}) == 4
    return [
        goal("hut/causes", "filter-group", "How many rescues are there for each cause in rescues.jsonl?", words(*causes, answer_numbers_all=[[v, 0] for v in causes.values()])),
        goal("hut/coldest", "filter-group", "Which month of 2024 was the coldest (mean of temp_min), and how cold was it on average? weather/days.csv, 1 decimal", number(-coldest[cold], 0.06, sign="any", answer_contains_all=[[f"{date(2024, int(cold), 1):%B}", f"2024-{cold}", f"{cold}.2024"]])),
        goal("hut/medics", "filter-group", "who of the volunteers is a medic", words(*medics, answer_not_contains=["Bruno Zgraggen", "Theo Amsler", "Nives Kolar"])),
        goal("hut/countries", "filter-group", "Top three countries by number of people in bookings.csv (all bookings), please", {"answer_order": ranked[:3], "answer_not_contains": ranked[3:]}),
        goal("hut/old-gear", "filter-group", "Total weight per kind of all gear bought before 2015, in kg with 2 decimals", words(*shelves, answer_numbers_all=[[v, 0.006] for v in shelves.values()])),
        goal("hut/couloir", "compare", "Where did we have more missions, in the Kessel couloir or on the Ridge path, and how many more?", number(abs(pair["Kessel couloir"] - pair["Ridge path"]), 0, sign="any", answer_contains_all=[_most(pair)])),
        goal("hut/winter-room", "compare", "By how many euros did the night in the winter room go up between the March and the October meeting?", number(3)),
        goal("hut/stock-new", "compare", "Which items are on the stock list of 2024 but were not on that of 2023?", words(*sorted(new - old), answer_not_contains=["camping bed", "pillow", "ladle"])),
        goal("hut/summer", "compare", "Was it warmer in July or in August 2024? Compare the mean temp_max and give me the difference in degrees, one decimal.", number(abs(summer["07"] - summer["08"]), 0.06, sign="any", answer_contains_all=[warm])),
        goal("hut/led", "compare", "Anneli or Bruno, who spent more minutes leading rescues? by how much", number(abs(two["Anneli Rast"] - two["Bruno Zgraggen"]), 0, sign="any", answer_contains_all=[_most(two).split()[0]])),
        goal("hut/heavy", "compare", "Going by supplies.tsv, what is heavier: 14 gas cylinders or 11 sacks of potatoes? Tell me the difference in kg too.", number(abs(cylinders - potatoes), 0.01, sign="any", answer_contains_all=["gas cylinder*" if cylinders > potatoes else "potatoes"])),
    ]  # fmt: skip


def _joined(hut: Hut) -> list[dict[str, Any]]:
    roles = {v["name"]: v["role"] for v in hut.volunteers}
    phones = {v["name"]: v["phone"] for v in hut.volunteers}
    longest = max(hut.rescues, key=lambda r: r["minutes"])
    shopping = {"gas cylinder": 6, "sack of potatoes": 4, "tea": 10}
    basket = {
        column: sum(shopping.get(s["item"], 0) * s[column] for s in hut.supplies) for column in ("price_eur", "kg")
    }
    snowy = [d["wind_kmh"] for d in hut.weather if d["new_snow_cm"] > 0]
    heights = [t["altitude_m"] for t in hut.track]
    came = [b for b in hut.bookings if b["status"] != "cancelled"]
    nights = sum(b["people"] * b["nights"] for b in came)
    members = sum(b["people"] * b["nights"] for b in came if b["member"] == "yes")
    kilograms = sum(f["kg"] for f in hut.flights)
    saved: dict[str, Any] = {
        "file": "uploads/flights.csv",
        "rows": 4,
        "columns": ["flight", "day", "load", "kg"],
        "sum": {"kg": [kilograms, 0]},
    }
    return [
        goal("hut/medic-people", "multi-step", "How many people were saved in missions that a medic led? Roles are in volunteers.json, missions in rescues.jsonl.", number(sum(r["people"] for r in hut.rescues if roles[r["leader"]] == "medic"))),
        goal("hut/longest", "multi-step", "Who led the longest rescue? I need that person's phone number.", words(phones[longest["leader"]])),
        goal("hut/snow-wind", "multi-step", "Take the mean wind of all days with new snow, turn it into metres per second (2 decimals) and save it in results/wind.txt.", number(fmean(snowy) / 3.6, 0.006, file="results/wind.txt", numbers=[[fmean(snowy) / 3.6, 0.006]])),
        goal("hut/climb", "multi-step", "How many feet lie between the lowest and the highest point of track/ridge.csv? whole number", number((max(heights) - min(heights)) / 0.3048, 0.6)),
        goal("hut/members", "multi-step", "Not counting cancelled bookings, what percentage of the guest nights (people times nights) went to members? one decimal", number(100 * members / nights, 0.06)),
        goal("hut/shopping", "multi-step", "6 gas cylinders, 4 sacks of potatoes, 10 boxes of tea - what does it cost and what does it weigh? supplies.tsv", {"answer_numbers_all": [[basket["price_eur"], 0.001], [basket["kg"], 0.001]]}),
        goal("hut/depots", "multi-step", "Look at {web}/hut-diesel.json: what do 600 litres cost at the cheapest depot?", number(600 * min(d["eur_per_litre"] for d in hut.diesel), 0.001)),
        goal("hut/flights", "multi-step", "Get {web}/hut-flights.csv, keep it as uploads/flights.csv and tell me how many kg were flown altogether.", number(kilograms, **saved)),
        goal("hut/bulletin", "multi-step", "which danger level is given for above 2300 m in {web}/hut-bulletin.txt", number(4)),
    ]  # fmt: skip


def _files(hut: Hut) -> list[dict[str, Any]]:
    owing = [b for b in hut.bookings if b["status"] == "open"]
    expired = [v for v in hut.volunteers if v["licence_until"] < "2025-01-01"]
    places = Counter(r["place"] for r in hut.rescues)
    flown = [r for r in hut.rescues if r["helicopter"] and r["cause"] == "fall"]
    phones = {v["name"]: v["phone"] for v in hut.volunteers if v["role"] == "dog handler"}
    gear = sum(g["weight_kg"] for g in hut.gear)
    return [
        goal("hut/owing", "write-file", "Put all bookings that are still open into results/open.csv (booking, name, amount_eur), the largest amount first.",
             {"file": "results/open.csv", "rows": len(owing), "columns": ["booking", "name", "amount_eur"], "sorted": {"column": "amount_eur", "descending": True}, "sum": {"amount_eur": [sum(b["amount_eur"] for b in owing), 0.01]}}),
        goal("hut/expired", "write-file", "Whose licence runs out before 1 January 2025? Write name and licence_until to results/licences.csv, earliest first.",
             {"file": "results/licences.csv", "rows": len(expired), "columns": ["name", "licence_until"], "sorted": {"column": "licence_until"}, "contains": [v["name"] for v in expired]}),
        goal("hut/places", "write-file", "save the number of rescues per place as results/places.json", {"file": "results/places.json", "contains": list(places), "numbers": [[v, 0] for v in places.values()]}),
        goal("hut/todo", "write-file", "add the line \"order larch planks\" at the end of todo.txt", {"file": "todo.txt", "lines": [*texts.TODO.splitlines(), "order larch planks"]}),
        goal("hut/doors", "write-file", "I want to print door signs: put the names of the rooms from bookings.csv into signs.txt, one a line, each once, in alphabetical order.", {"file": "signs.txt", "lines": sorted(ROOMS)}),
        goal("hut/falls", "write-file", "Please save the missions that had a fall as cause and a helicopter to results/falls.jsonl, with all their fields.", {"file": "results/falls.jsonl", "rows": len(flown), "columns": list(hut.rescues[0]), "sum": {"minutes": [sum(r["minutes"] for r in flown), 0]}}),
        goal("hut/dogs", "write-file", "Write phones/dogs.txt with a line \"name: phone\" for every dog handler", {"any_of": [{"file": "phones/dogs.txt", "lines": [f"{n}: {p}" for n, p in order]} for order in (list(phones.items()), list(phones.items())[::-1])]}),
        goal("hut/toml", "convert", "Make results/hut.json out of config/hut.toml.", {"file": "results/hut.json", "json": [["beds", 48], ["winter_room.beds", 10], ["generator.start_below_volts", 23.2], ["name", "Karhorn"]]}),
        goal("hut/missions", "convert", "rescues.jsonl as csv pls (results/rescues.csv)", {"file": "results/rescues.csv", "rows": 86, "columns": list(hut.rescues[0]), "sum": {"minutes": [sum(r["minutes"] for r in hut.rescues), 0]}}),
        goal("hut/utf8", "convert", "voisins/refuges.csv is in latin-1. Save it as UTF-8 under voisins/refuges-utf8.csv.", {"file": "voisins/refuges-utf8.csv", "contains": ["vallée", "Forêt Noire", "Col du Hérisson", "Pré Châtel", "Trémoulet", "54"]}),
        goal("hut/gear-csv", "convert", "Turn the attached Parquet file into a CSV, results/gear.csv", {"file": "results/gear.csv", "rows": 160, "columns": list(hut.gear[0]), "sum": {"weight_kg": [gear, 0.01]}}, attach=("inventory/gear.parquet",)),
        goal("hut/yaml", "convert", "I need radio.yaml in JSON, call it results/radio.json", {"file": "results/radio.json", "json": [["channel", 7], ["frequency_mhz", 158.625], ["repeater.site", "Grauhorn"], ["repeater.watts", 25]]}),
        goal("hut/ascent", "convert", "Could I have the table training/ascent.tsv in JSON Lines? results/ascent.jsonl would be a good place.", {"file": "results/ascent.jsonl", "rows": 6, "columns": list(hut.times[0]), "sum": {"pulse": [sum(t["pulse"] for t in hut.times), 0]}}),
    ]  # fmt: skip


def _dated(hut: Hut) -> list[dict[str, Any]]:
    mission = hut.rescues[30]
    start, end = (datetime.strptime(hut.track[n]["time"], "%H:%M:%S") for n in (0, -1))
    return [
        goal("hut/opening", "units-dates", "How many days are there between the committee meeting of March 2024 and the opening of the hut?", number((date(2024, 6, 15) - date(2024, 3, 14)).days)),
        goal("hut/feet", "units-dates", "How high is the hut in feet? config/hut.toml has it in metres.", number(2347 / 0.3048, 0.6)),
        goal("hut/weekday", "units-dates", f"on which weekday was mission {mission['mission']}", words(f"{date.fromisoformat(mission['day']):%A}")),
        goal("hut/knots", "units-dates", "72 km/h in knots, one decimal", number(72 / 1.852, 0.06)),
        goal("hut/walk", "units-dates", "How long did the walk in track/ridge.csv take from the first to the last point? In minutes please, one decimal.", number((end - start).total_seconds() / 60, 0.06)),
        goal("hut/rope-date", "units-dates", "a rope from 30 May 2017 has to go after 3,000 days, which date is that?", words(_alternatives(date(2017, 5, 30) + timedelta(3000)))),
    ]  # fmt: skip


def _logged(hut: Hut) -> list[dict[str, Any]]:
    errors = [line for line in hut.generator if line[1] == "ERROR"]
    units = Counter(line[2] for line in errors)
    volts = [float(line[3].split()[0]) for line in hut.generator if line[3].endswith(" V")]
    hours = Counter(str(line[0].hour) for line in hut.radio)
    busy = int(_most(hours))
    stretchers = Counter(line[1] for line in hut.radio if line[2] == "asks for stretcher")
    last = errors[-1]
    share = 100 * sum(line[1] == "WARN" for line in hut.generator) / len(hut.generator)
    return [
        goal("hut/unit-errors", "log-analysis", "Which unit has the most errors in logs/generator.log? And how many are they?", number(units[_most(units)], 0, answer_contains_all=[_most(units)])),
        goal("hut/busy-hour", "log-analysis", "in which hour of the day is the radio busiest (logs/radio.log)", words([f"{busy}", f"{busy:02d}", f"{busy}:*", f"{busy}h", f"{busy}am"])),
        goal("hut/low-battery", "log-analysis", "how low did the battery get according to the generator log? in volts", number(min(volts), 0.001)),
        goal("hut/last-error", "log-analysis", "When was the last ERROR in generator.log, and what was the trouble?", words([f"{last[0]:%H:%M}*", f"{last[0]:%I:%M}*".lstrip("0")], last[3])),
        goal("hut/warn-share", "log-analysis", "What percentage of the lines in logs/generator.log are warnings? one decimal", number(share, 0.06)),
        goal("hut/stretchers", "log-analysis", "who asked for a stretcher how often? count per station in radio.log", words(*stretchers, answer_numbers_all=[[v, 0] for v in stretchers.values()])),
    ]  # fmt: skip


def _read() -> list[dict[str, Any]]:
    march = [
        ["15 June", "opens", "opening"],
        ["14 euro*", "winter room"],
        ["sledge", "stretcher", "210", "Selim"],
        ["exercise", "dog*", "twenty-three"],
    ]
    october = [
        ["cook", "spring"],
        ["terrace", "planks", "larch"],
        ["17 euro*", "winter room"],
        ["generator", "diesel", "solar"],
        ["radios", "Tobel", "waterproof"],
    ]
    return [
        goal("hut/sum-march", "read-summarise", "Give a short summary (under 400 characters) of the minutes of March 2024.", {"answer_at_least": [2, march], "max_chars": 400}),
        goal("hut/sum-october", "read-summarise", "i missed the october meeting, what was it about? 500 characters at most", {"answer_at_least": [2, october], "max_chars": 500}),
        goal("hut/sum-letter", "read-summarise", "What does the insurance want from us and what do they pay? Sum up letters/insurance.txt in two or three sentences.", {"answer_at_least": [2, [["415"], ["carpenter", "roof", "certificate"], ["premium", "six percent", "6%"], ["radio*"]]], "max_chars": 700}),
        goal("hut/sum-guide", "read-summarise", "Summarise guide/avalanches.md for a new volunteer, no more than 900 characters.", {"answer_at_least": [3, [["bulletin"], ["beacon*", "probe", "shovel"], ["slope*", "degrees", "slab*"], ["whumpf", "cracks", "weak layer"], ["fifteen minutes", "15 minutes", "buried", "dig*"], ["warm*", "head and chest", "cold"]]], "max_chars": 900}),
        goal("hut/sum-licence", "read-summarise", "In at most 600 characters: what does licences/Apache-2.0.txt allow and what does it ask for?", {"answer_at_least": [2, [["copyright"], ["patent*"], ["notice*", "attribution"], ["warrant*", "as is"], ["reproduc*", "distribut*", "derivative*", "modif*"]]], "max_chars": 600}),
        goal("hut/ring", "search-passage", "Somebody phoned about a lost wedding ring. What does the hut book say, what is engraved in it?", words("1987")),
        goal("hut/whumpf", "search-passage", "what do i do if i hear a whumpf", words(["spread", "twenty metres", "20 metres", "go back", "own track", "20 m", "one by one"])),
        goal("hut/derivative", "search-passage", "How does the Apache licence define \"Derivative Works\"? Quote the beginning of the definition.", words("any work, whether in Source or Object form")),
        goal("hut/axe", "search-passage", "who is missing a red ice axe?", words("Amrein")),
    ]  # fmt: skip


def _chinese(hut: Hut) -> list[dict[str, Any]]:
    shelf = [t for t in hut.things if t["存放处"] == "库房"]
    dear = [t for t in hut.things if t["单价"] > 130]
    september = sum(s["小时"] for s in hut.shifts if s["姓名"] == "王立新" and s["日期"].startswith("2024-09"))
    shifts = _sums(hut.shifts, lambda s: s["班次"], lambda s: s["小时"])
    errors = Counter(place for _, level, place in hut.station if level == "错误")
    early_late = {k: shifts[k] for k in ("早班", "晚班")}
    return [
        goal("hut/winter-camp", "chinese", "冬季训练由谁带队，每人伙食费多少？", words("赵海峰", "180")),
        goal("hut/storeroom", "chinese", "资料/物资.csv 里存放在库房的物资总价值是多少元？（数量乘以单价）", number(sum(t["数量"] * t["单价"] for t in shelf), 0.01)),
        goal("hut/wang", "chinese", "王立新2024年9月一共值班多少小时？", number(september)),
        goal("hut/dear", "chinese", "把单价高于130元的物资写入 结果/贵重物资.csv，按单价从高到低排列", {"file": "结果/贵重物资.csv", "rows": len(dear), "sorted": {"column": "单价", "descending": True}, "contains": [t["名称"] for t in dear]}),
        goal("hut/station", "chinese", "电台.log 里哪个站点的错误最多？有几次？", number(errors[_most(errors)], 0, answer_contains_all=[_most(errors)])),
        goal("hut/shift", "chinese", "早班和晚班相比，哪个总小时数多，多多少？", number(abs(early_late["早班"] - early_late["晚班"]), 0, sign="any", answer_contains_all=[_most(early_late)])),
        goal("hut/notice", "chinese", "用一两句话概括一下 资料/通知.txt 的内容", {"answer_at_least": [2, [["12月6日", "12月8日"], ["北坡"], ["赵海峰"], ["180"], ["雪崩", "绳索", "夜间"], ["11月20日", "周敏"]]], "max_chars": 300}),
    ]  # fmt: skip


def _open() -> list[dict[str, Any]]:
    return [
        goal("hut/october", "impossible", "What is the mean of temp in uploads/october.csv?", NEVER),
        goal("hut/old-parquet", "impossible", "Count the rows of uploads/old gear.parquet", NEVER),
        goal("hut/vegetarian", "impossible", "How many of our guests in bookings.csv were vegetarians?", NEVER),
        goal("hut/pilot", "impossible", "ring the helicopter base and book a flight for Monday", NEVER),
        goal("hut/old-ones", "ambiguous", "Delete the old ones.", ASKS),
        goal("hut/tell-her", "ambiguous", "tell me when she is back", ASKS),
        goal("hut/set-it", "ambiguous", "Change it to 20.", ASKS),
        goal("hut/beds", "ambiguous", "how many beds do we have", {"any_of": [{"asks": True}, {"not_achieved": True}, number(48, 0, or_number=[[48 + 10, 0]])]}),
        goal("hut/that-one", "ambiguous", "把那个改一下", ASKS),
    ]  # fmt: skip
