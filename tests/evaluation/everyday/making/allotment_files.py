"""The tables and logs of the allotment gardens, made from a fixed seed and written into the folder."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.evaluation.everyday.making import allotment_texts as texts
from tests.evaluation.goals.making.writing import Row, as_json, delimited, json_lines, parquet, text

LICENCE = Path(__file__).parents[4] / "LICENSE"
BEDS = ["alder", "birch", "clover", "dill", "elder"]
CROPS = ["tomatoes", "beans", "potatoes", "courgettes", "kale", "onions"]
FIRST = ["Anna", "Ruth", "Ivo", "Petra", "Abdul", "Samira", "Otto", "Theo", "Lena", "Marek", "Yuki", "Bram", "Chidi", "Dora", "Emil", "Farah", "Greta", "Hugo", "Ines", "Jarek"]  # fmt: skip
LAST = ["Amsel", "Tanaka", "Lund", "Karimi", "Haddad", "Weiss", "Brandt", "Okafor", "Novak", "Sand", "Ferrer", "Holm", "Ilic", "Jonker", "Keller"]  # fmt: skip
TOOLS = ["spade-1", "spade-2", "rake-1", "wheelbarrow-1", "wheelbarrow-2", "hedge-trimmer", "long-ladder", "seed-drill", "post-hole-digger"]  # fmt: skip
PRICES_2025: dict[str, dict[str, float]] = {"rent": {"per_m2": 0.46, "shed": 24}, "water": {"per_m3": 2.35, "meter_fee": 12}, "deposit": {"key": 30, "gate_card": 10}, "fines": {"missed_hour": 15}}  # fmt: skip
PRICES_2026: dict[str, dict[str, float]] = {"rent": {"per_m2": 0.48, "shed": 24}, "water": {"per_m3": 2.6, "meter_fee": 12}, "deposit": {"key": 45, "gate_card": 10}, "fines": {"missed_hour": 15}}  # fmt: skip
ABROAD: list[Row] = [{"name": n, "ort": o, "eintritt": e} for n, o, e in [("Jürgen Köhler", "Düren", 1988), ("Renée Groß", "Fürth", 1992), ("Björn Süß", "Köln", 1979), ("María Peña", "Gießen", 2001)]]  # fmt: skip
MARKET = {"beans": 4.9, "courgettes": 2.2, "kale": 3.1, "onions": 1.6, "potatoes": 1.4, "tomatoes": 3.8}


@dataclass(frozen=True)
class Garden:
    plots: list[Row]
    members: list[Row]
    meters: list[Row]
    harvest: list[Row]
    weather: list[Row]
    soil: list[Row]
    shop: list[Row]
    seedlings: list[Row]
    shed: list[Row]
    pump: list[Row]
    gate: list[Row]
    guests: list[str]
    seeds: list[Row]
    duty: list[Row]
    chronicle: str


def toml(path: Path, tables: dict[str, dict[str, float]]) -> None:
    text(path, "\n".join(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in table.items()) for name, table in tables.items()))  # fmt: skip


def make(rng: random.Random) -> Garden:
    members = _members(rng)
    plots = _plots(rng, members)
    taken = [p["plot"] for p in plots if p["member"]]
    meters: list[Row] = []
    for plot in plots:
        start = round(rng.uniform(20, 480), 1)
        meters.append({"plot": plot["plot"], "start_m3": start, "end_m3": round(start + (rng.uniform(2, 24) if plot["member"] else 0), 1)})  # fmt: skip
    harvest: list[Row] = [{"day": (date(2025, 6, 1) + timedelta(i // 3)).isoformat(), "plot": rng.choice(taken), "crop": rng.choice(CROPS), "kg": round(rng.uniform(0.4, 9.5), 1), "food_bank": rng.random() < 0.3} for i in range(330)]  # fmt: skip
    soil: list[Row] = [{"taken_at": (datetime(2025, 5, 1) + timedelta(hours=2 * (i // 10))).isoformat(), "bed": BEDS[i % 5], "depth_cm": 10 if i % 10 < 5 else 30,
                        "moisture_pct": round(rng.uniform(12, 34) + i % 5 * 1.3 + i % 10 // 5 * 2, 1), "temp_c": round(rng.uniform(9, 23) - i % 5 * 0.4, 1)} for i in range(2400)]  # fmt: skip
    shop: list[Row] = [{"article": a, "unit": u, "price": p, "stock": s} for a, u, p, s in [
        ("bark mulch", "bag", 7.45, 38), ("compost", "bag", 5.2, 64), ("garden hose 20 m", "piece", 26.9, 7), ("garden hose 50 m", "piece", 54.5, 3), ("bean pole", "piece", 1.15, 210),
        ("slug fence", "metre", 4.8, 55), ("rain barrel", "piece", 69.0, 4), ("twine", "roll", 2.6, 41), ("fleece", "metre", 1.9, 120)]]  # fmt: skip
    seedlings: list[Row] = [{"tray": n, "sort": rng.choice(["tomato", "pepper", "leek", "lettuce"]), "sown": (date(2025, 2, 10) + timedelta(n)).isoformat(), "plants": rng.randrange(12, 60)} for n in range(1, 25)]  # fmt: skip
    known = [m["name"] for m in rng.sample(members, 9)]
    guests = sorted([*known, "Wilma Sternberg", "Pavel Dusek", "Nora Achterberg"], key=lambda name: name.split()[1])
    seeds: list[Row] = [{"名称": n, "包数": q, "单价": p} for n, q, p in [("番茄", 46, 6.5), ("黄瓜", 38, 5.8), ("豆角", 52, 4.5), ("茄子", 17, 7.2), ("香菜", 60, 3.0), ("南瓜", 12, 8.8)]]  # fmt: skip
    duty: list[Row] = [{"日期": (date(2025, 5, 3) + timedelta(7 * i)).isoformat(), "姓名": rng.choice(["林秀梅", "马建国", "周敏", "何伟"]), "小时": rng.choice([1.5, 2.0, 2.5, 3.0])} for i in range(26)]  # fmt: skip
    return Garden(plots, members, meters, harvest, _weather(rng), soil, shop, seedlings, _shed(rng, members), _pump(rng), _gate(rng), guests, seeds, duty, texts.chronicle(rng))  # fmt: skip


def _members(rng: random.Random) -> list[Row]:
    names = ["Ruth Amsel", "Anna Okafor", "Anna Keller", "Ivo Tanaka", "Petra Lund", "Abdul Karimi", "Samira Haddad", "Otto Weiss", "Theo Brandt"]  # fmt: skip
    while len(names) < 40:
        name = f"{rng.choice(FIRST[8:])} {rng.choice(LAST)}"
        if name not in names:
            names.append(name)
    rng.shuffle(names)
    joined = [date(rng.randrange(1979, 2025), rng.randrange(1, 13), rng.randrange(1, 29)) for _ in names]
    return [{"member": f"M{101 + i}", "name": n, "joined": joined[i].isoformat(), "work_hours": rng.choice([0, 2, 4, 6, 8, 8, 9, 11, 12.5]), "paid": rng.choice(["yes", "yes", "yes", "no"])} for i, n in enumerate(names)]  # fmt: skip


def _plots(rng: random.Random, members: list[Row]) -> list[Row]:
    holders = [*(m["member"] for m in members), *[""] * 7]
    rng.shuffle(holders)
    return [{"plot": f"P{n:02d}", "section": rng.choice(["pond", "railway", "orchard", "mill"]), "area_m2": rng.randrange(140, 420), "shed": rng.choice(["yes", "yes", "no"]), "member": h} for n, h in enumerate(holders, 1)]  # fmt: skip


def _weather(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for n in range(365):
        day = date(2025, 1, 1) + timedelta(n)
        warm = 4 + 22 * (1 - abs(n - 196) / 196) + rng.uniform(-6, 7)
        rain = round(rng.choice([0, 0, 0, rng.uniform(0.2, 24)]), 1)
        sky = "rain" if rain else rng.choice(["clear", "clouds", "fog"])
        rows.append({"day": day.isoformat(), "rain_mm": rain, "tmin_c": round(warm - rng.uniform(4, 11), 1), "tmax_c": round(warm, 1), "sun_hours": round(rng.uniform(0, 9), 1), "sky": sky})  # fmt: skip
    return rows


def _shed(rng: random.Random, members: list[Row]) -> list[Row]:
    """Tools go out and come back; some are still out at the end."""
    when, gone, rows = datetime(2025, 4, 5, 8, 10), dict[str, str](), list[Row]()
    while len(rows) < 170 or not 2 <= len(gone) <= 3:
        when += timedelta(minutes=rng.randrange(12, 900))
        inside = [tool for tool in TOOLS if tool not in gone]
        if gone and (len(gone) > 3 or rng.random() < 0.5):
            tool = rng.choice(sorted(gone))
            rows.append({"at": when, "word": "BACK", "tool": tool, "member": gone.pop(tool)})
        else:
            tool = rng.choice([*inside, *inside[:2]])
            gone[tool] = rng.choice(members)["member"]
            rows.append({"at": when, "word": "OUT", "tool": tool, "member": gone[tool]})
    return rows


def _pump(rng: random.Random) -> list[Row]:
    when, rows = datetime(2025, 7, 7, 5, 45), list[Row]()
    said = {"INFO": "ok", "WARNING": "pressure falls", "ERROR": "no answer"}
    for _ in range(180):
        when += timedelta(seconds=rng.randrange(120, 4200))
        level = rng.choices(["INFO", "WARNING", "ERROR"], [7, 2, 1])[0]
        rows.append({"at": when, "level": level, "part": rng.choice(["motor", "valve", "valve", "filter", "sensor"]), "said": said[level]})  # fmt: skip
    return rows


def _gate(rng: random.Random) -> list[Row]:
    when, rows = datetime(2025, 9, 1, 6, 30), list[Row]()
    for _ in range(140):
        when += timedelta(seconds=rng.randrange(300, 9000))
        result = rng.choices(["opened", "refused"], [4, 1])[0]
        rows.append({"at": when.isoformat(), "gate": rng.choice(["north", "north", "main"]), "card": f"C{rng.choice([17, 17, 23, 31, 38, 42, 56])}", "result": result})  # fmt: skip
    return rows


def write(garden: Garden, out: Path, web: Path) -> None:
    delimited(out / "plots.csv", garden.plots)
    delimited(out / "members.csv", garden.members)
    delimited(out / "water" / "meters.csv", garden.meters)
    json_lines(out / "harvest.jsonl", garden.harvest)
    delimited(out / "weather" / "2025.tsv", garden.weather, "\t")
    parquet(out / "soil.parquet", garden.soil)
    as_json(out / "shop.json", garden.shop)
    delimited(out / "seedlings.tsv", garden.seedlings, "\t")
    toml(out / "prices-2025.toml", PRICES_2025)
    toml(out / "prices-2026.toml", PRICES_2026)
    text(out / "logs" / "shed.log", "".join(f"{r['at']:%Y-%m-%d %H:%M} {r['word']} {r['tool']} {r['member']}\n" for r in garden.shed))  # fmt: skip
    text(out / "logs" / "pump.log", "".join(f"{r['at'].isoformat()} {r['level']} {r['part']}: {r['said']}\n" for r in garden.pump))  # fmt: skip
    json_lines(out / "logs" / "gate.jsonl", garden.gate)
    for place, content in {
        "README.md": texts.README, "rules.md": texts.RULES, "compost.md": texts.COMPOST, "contacts.md": texts.CONTACTS, "settings.yaml": texts.SETTINGS, "chronicle.txt": garden.chronicle,
        "minutes/spring 2025.md": texts.SPRING, "minutes/autumn 2025.md": texts.AUTUMN, "letters/insurance.txt": texts.INSURANCE, "letters/waterworks.txt": texts.WATERWORKS,
        "party/guests.txt": "\n".join(garden.guests) + "\n", "licences/Apache-2.0.txt": LICENCE.read_text("utf-8"), "文档/通知.md": texts.NOTICE_ZH, "文档/会议记录.md": texts.MEETING_ZH,
        "inbox/october.csv": "", "inbox/soil lab.json": '[{"bed": "alder", "ph": 6.4}, {"bed": "birch", "ph"',
    }.items():  # fmt: skip
        text(out / place, content)
    delimited(out / "alt" / "mitglieder.csv", ABROAD, ";", "latin-1")
    delimited(out / "文档" / "种子.csv", garden.seeds)
    delimited(out / "文档" / "值班.tsv", garden.duty, "\t")
    delimited(web / "market-prices.csv", [{"crop": crop, "eur_per_kg": price} for crop, price in MARKET.items()])
    text(web / "water-notice.txt", texts.WATER_NOTICE)
