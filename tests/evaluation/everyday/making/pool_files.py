"""The tables and the log of the swimming pool, made from a fixed seed and written into the folder."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.evaluation.everyday.making import pool_texts as texts
from tests.evaluation.goals.making.writing import Row, as_json, delimited, json_lines, parquet, text

CC0 = Path(__file__).with_name("pool_cc0.txt")
FIRST = ["Greta", "Ruben", "Lotte", "Mattis", "Selma", "Ivar", "Noor", "Pia", "Tarik", "Wanda", "Ole", "Jule", "Fritz", "Mira", "Kasimir", "Edda"]  # fmt: skip
LAST = ["Holm", "Quist", "Rehm", "Aydin", "Vogt", "Sander", "Lindqvist", "Marek", "Bauer", "Tesfaye", "Roth", "Imhof"]
LIFEGUARDS, OTHERS = ["Jonas", "Silvia", "Batu", "Carla"], ["Renate", "Milan", "Ines"]
PRICES: list[Row] = [{"kind": k, "area": a, "eur": p} for k, a, p in [
    ("adult", "pool", 5.2), ("child", "pool", 2.8), ("family", "pool", 13.5), ("evening", "pool", 3.6), ("sauna day", "sauna", 17.0), ("sauna evening", "sauna", 12.5)]]  # fmt: skip
SHOP: list[Row] = [{"item": i, "eur": p, "stock": s, "min_stock": m} for i, p, s, m in [
    ("goggles", 12.9, 14, 10), ("bathing cap", 4.5, 31, 20), ("swim nappies", 8.2, 3, 12), ("earplugs", 3.4, 6, 15), ("kickboard", 15.8, 9, 5), ("sauna towel", 24.5, 4, 8),
    ("sun cream", 9.6, 22, 10), ("locker padlock", 7.9, 11, 6), ("nose clip", 2.7, 2, 10)]]  # fmt: skip
SHOP_2024 = {"goggles": 11.9, "bathing cap": 4.2, "swim nappies": 7.9, "earplugs": 3.4, "kickboard": 14.5, "sauna towel": 19.5, "sun cream": 9.1, "locker padlock": 7.5, "nose clip": 2.6}  # fmt: skip
BASINS: list[Row] = [{"basin": b, "m3": v, "depth_m": d, "built": y} for b, v, d, y in [("sports", 940, 2.1, 1968), ("leisure", 415, 1.3, 1994), ("plunge", 6, 1.4, 2009)]]  # fmt: skip
WATER: list[Row] = [{"kind": "drinking", "eur_per_m3": 2.18}, {"kind": "waste", "eur_per_m3": 3.05}, {"kind": "garden", "eur_per_m3": 1.42}]  # fmt: skip
OLD: list[Row] = [{"Gruppe": g, "Mark": m, "gültig": y} for g, m, y in [("Schüler", "0,80", "werktags"), ("Erwachsene", "2,50", "täglich"), ("Frühschwimmer", "1,60", "dienstags"), ("Rentner", "1,20", "täglich")]]  # fmt: skip
COURSES: list[Row] = [{"课程": c, "教练": t, "人数": n, "学费": f} for c, t, n, f in [("蛙泳", "吴晓梅", 24, 380), ("自由泳", "高峰", 17, 420), ("水中健身", "罗静", 31, 260), ("亲子游泳", "吴晓梅", 12, 450), ("跳水", "高峰", 6, 520)]]  # fmt: skip
GOODS: list[Row] = [{"名称": n, "库存": s, "单价": p} for n, s, p in [("泳帽", 56, 18.0), ("泳镜", 8, 45.0), ("浮板", 23, 32.5), ("毛巾", 4, 39.0), ("耳塞", 70, 6.5), ("鼻夹", 9, 5.0)]]  # fmt: skip


@dataclass(frozen=True)
class Pool:
    before: list[Row]
    visits: list[Row]
    weather: list[Row]
    tickets: list[Row]
    passes: list[Row]
    rota: list[Row]
    readings: list[Row]
    pump: list[Row]
    lost: list[Row]
    badges: list[Row]


def make(rng: random.Random) -> Pool:
    weather = _weather(rng)
    return Pool(_visits(rng, _days(date(2024, 5, 11), 128), None), _visits(rng, [r["day"] for r in weather], weather), weather, _tickets(rng), _passes(rng), _rota(rng), _readings(rng), _pump(rng), _lost(rng), _badges(rng))  # fmt: skip


def _days(first: date, count: int) -> list[str]:
    return [(first + timedelta(n)).isoformat() for n in range(count)]


def _weather(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for n, day in enumerate(_days(date(2025, 5, 10), 128)):
        rain = round(rng.choice([0, 0, rng.uniform(0.3, 18)]), 1)
        air = round(17 + 11 * (1 - abs(n - 70) / 70) + rng.uniform(-5, 8) - (4 if rain else 0), 1)
        sky = rng.choice(["rain", "storm"]) if rain > 6 else "rain" if rain else rng.choice(["sun", "sun", "clouds"])
        rows.append({"day": day, "air_c": air, "rain_mm": rain, "wind_kmh": rng.randrange(3, 41), "sky": sky})
    return rows


def _visits(rng: random.Random, days: list[str], weather: list[Row] | None) -> list[Row]:
    rows: list[Row] = []
    for n, day in enumerate(days):
        warm = 6 + (weather[n]["air_c"] if weather else rng.uniform(14, 34)) * 3
        factor = 0.4 if weather and weather[n]["rain_mm"] else 1.0
        rows.append({"day": day, **{who: int(warm * factor * share * rng.uniform(0.7, 1.4)) for who, share in (("adults", 1.5), ("children", 2.2), ("pass_holders", 0.6))}})  # fmt: skip
    return rows


def _tickets(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    when = datetime(2025, 6, 2, 9, 0)
    for n in range(1, 211):
        when += timedelta(minutes=rng.randrange(4, 190))
        if when.hour >= 20:
            when = when.replace(hour=9, minute=rng.randrange(0, 30)) + timedelta(1)
        price, quantity = rng.choice([*PRICES, *PRICES[:2]]), rng.choice([1, 1, 1, 2, 2, 3])
        rows.append({"no": n, "at": f"{when:%Y-%m-%d %H:%M}", "kind": price["kind"], "quantity": quantity, "eur": round(price["eur"] * quantity, 2), "paid": rng.choice(["cash", "card", "card", "voucher"])})  # fmt: skip
    return rows


def _passes(rng: random.Random) -> list[Row]:
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    names = [*rng.sample([name for name in names if name != "Greta Holm"], 89), "Greta Holm", "Anna Brandis", "Anna Villiger"]  # fmt: skip
    rng.shuffle(names)
    kinds = {"Anna Brandis": "family", "Anna Villiger": "youth"}
    return [{"pass": f"S{n:03d}", "name": name, "kind": kinds.get(name) or rng.choices(["single", "youth", "family", "senior"], [5, 3, 2, 1])[0], "bought": (date(2025, 3, 20) + timedelta(rng.randrange(90))).isoformat(), "locker": rng.choice(["yes", "no", "no"])} for n, name in enumerate(names, 1)]  # fmt: skip


def _rota(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for day in _days(date(2025, 7, 1), 31):
        early, late = rng.sample(LIFEGUARDS, 2)
        rows += [{"day": day, "shift": "early", "name": early, "role": "lifeguard", "hours": rng.choice([5, 6, 6.5])},
                 {"day": day, "shift": "late", "name": late, "role": "lifeguard", "hours": rng.choice([5.5, 6, 7])},
                 {"day": day, "shift": "all day", "name": rng.choice(OTHERS), "role": "till", "hours": rng.choice([8, 9])}]  # fmt: skip
    return rows


def _readings(rng: random.Random) -> list[Row]:
    warm = {"sports": 24.4, "leisure": 28.3, "plunge": 11.8}
    ph = {"sports": 7.0, "leisure": 6.9, "plunge": 7.15}
    return [{"at": f"{day}T{hour}:00:00", "basin": basin, "ph": round(ph[basin] + rng.uniform(0, 0.55), 2), "chlorine_mg_l": round(rng.uniform(0.28, 0.64), 2), "temp_c": round(warm[basin] + rng.uniform(-0.9, 0.9), 1)}
            for day in _days(date(2025, 6, 1), 92) for hour in ("07", "14") for basin in warm]  # fmt: skip


def _pump(rng: random.Random) -> list[Row]:
    when, rows = datetime(2025, 7, 14, 4, 50), list[Row]()
    said = {"INFO": ["running", "running", "backwash done"], "WARNING": ["pressure low", "bearing warm", "filter nearly full"], "ERROR": ["stopped", "no signal", "overheated"]}  # fmt: skip
    for _ in range(190):
        when += timedelta(seconds=rng.randrange(90, 5200))
        level = rng.choices(["INFO", "WARNING", "ERROR"], [6, 3, 1])[0]
        pump = rng.choice(["pump-1", "pump-2", "pump-2", "pump-3"])
        rows.append({"at": when, "level": level, "pump": pump, "said": rng.choice(said[level])})
    return rows


def _lost(rng: random.Random) -> list[Row]:
    things = ["towel", "goggles", "bottle", "sandal", "watch", "cap", "book", "bracelet", "football", "jacket"]
    days = sorted(rng.sample(_days(date(2025, 5, 10), 128), 47))
    return [{"id": f"L{n:02d}", "found_on": day, "item": rng.choice(things), "where": rng.choice(["lawn", "showers", "sauna", "lockers", "kiosk"]), "collected": rng.choice(["yes", "no"])} for n, day in enumerate(days, 1)]  # fmt: skip


def _badges(rng: random.Random) -> list[Row]:
    return [{"child": f"{rng.choice(FIRST)} {rng.choice('ABCDEFGKLMRSTW')}.", "badge": rng.choice(["seahorse", "bronze", "bronze", "silver", "gold"]), "seconds": rng.randrange(48, 410)} for _ in range(26)]  # fmt: skip


def write(pool: Pool, out: Path, web: Path) -> None:
    delimited(out / "visits" / "2024.csv", pool.before)
    delimited(out / "visits" / "2025.csv", pool.visits)
    delimited(out / "weather" / "2025.tsv", pool.weather, "\t")
    json_lines(out / "tickets.jsonl", pool.tickets)
    as_json(out / "prices.json", PRICES)
    delimited(out / "passes.csv", pool.passes)
    delimited(out / "staff" / "rota.tsv", pool.rota, "\t")
    parquet(out / "water" / "readings.parquet", pool.readings)
    as_json(out / "water" / "basins.json", BASINS)
    as_json(out / "shop.json", SHOP)
    as_json(out / "archive" / "shop 2024.json", [{"item": item, "eur": eur} for item, eur in SHOP_2024.items()])
    delimited(out / "archive" / "eintritt_1987.csv", OLD, ";", "latin-1")
    delimited(out / "lost" / "found.csv", pool.lost)
    delimited(out / "courses" / "badges.tsv", pool.badges, "\t")
    text(out / "pump.log", "".join(f"{r['at']} [{r['level']}] {r['pump']} {r['said']}\n" for r in pool.pump))
    for place, content in {
        "README.md": texts.README, "rules.md": texts.RULES, "sauna.md": texts.SAUNA, "settings.toml": texts.SETTINGS, "heating.yaml": texts.HEATING, "guide/lifeguards.txt": texts.GUIDE,
        "minutes/2025-03-12.md": texts.MARCH, "minutes/2025-09-25.md": texts.SEPTEMBER, "licences/CC0-1.0.txt": CC0.read_text("utf-8"), "资料/通知.md": texts.NOTICE_ZH,
        "incoming/may.csv": "", "incoming/lab report.json": texts.BROKEN,
    }.items():  # fmt: skip
        text(out / place, content)
    delimited(out / "资料" / "课程.csv", COURSES)
    delimited(out / "资料" / "物品.csv", GOODS)
    as_json(web / "pool-water.json", WATER)
