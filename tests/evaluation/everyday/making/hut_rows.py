"""The files of the mountain hut: tables, logs and the height profile, from a fixed seed."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making import hut_texts as texts
from tests.evaluation.goals.making.writing import Row, as_json, delimited, json_lines, parquet, text

LICENCE = Path(__file__).parents[4] / "LICENSE"
ROOMS = ["Gentian", "Edelweiss", "Arnica", "Lady's Mantle", "Attic"]
SURNAMES = (
    "Abel Brunner Cerny Dvorak Egli Fontana Gruber Hansen Imhof Jansen Keller Lopez Moretti Novak Olsen Peter".split()
)


@dataclass(frozen=True)
class Hut:
    """The rows of each file; of the logs, what each line says."""

    bookings: list[Row]
    volunteers: list[Row]
    rescues: list[Row]
    supplies: list[Row]
    gear: list[Row]
    stock: tuple[list[Row], list[Row]]
    """Of 2023 and of 2024."""
    weather: list[Row]
    track: list[Row]
    times: list[Row]
    things: list[Row]
    shifts: list[Row]
    diesel: list[Row]
    flights: list[Row]
    generator: list[tuple[datetime, str, str, str]]
    """Time, level, unit, message."""
    radio: list[tuple[datetime, str, str]]
    """Time, station, message."""
    station: list[tuple[datetime, str, str]]
    """Time, level, place."""


def written(out: Path, web: Path) -> Hut:
    """Writes all files and returns what is in them."""
    rng = random.Random(5083)
    hut = Hut(
        bookings=_bookings(rng),
        volunteers=_volunteers(),
        rescues=_rescues(rng),
        supplies=_supplies(),
        gear=_gear(rng),
        stock=_stock(),
        weather=_weather(rng),
        track=_track(rng),
        times=[
            {"name": n, "pack_kg": p, "minutes": m, "pulse": h}
            for n, p, m, h in [
                ("Anneli", 12.5, 71, 148),
                ("Bruno", 14.0, 66, 155),
                ("Ferdi", 9.5, 84, 139),
                ("Maud", 12.5, 69, 161),
                ("Selim", 16.0, 73, 150),
                ("Ottokar", 8.0, 97, 133),
            ]
        ],
        things=[
            {"名称": n, "数量": q, "单价": p, "存放处": w}
            for n, q, p, w in [
                ("毛毯", 64, 88.0, "二楼"),
                ("气罐", 22, 145.5, "库房"),
                ("急救包", 15, 236.0, "值班室"),
                ("冰爪", 30, 318.0, "库房"),
                ("头灯", 41, 76.5, "值班室"),
                ("雪铲", 18, 129.0, "库房"),
                ("绳索", 9, 540.0, "值班室"),
            ]
        ],
        shifts=[
            {
                "日期": (date(2024, 8, 20) + timedelta(n)).isoformat(),
                "姓名": rng.choice(["王立新", "周敏", "赵海峰"]),
                "班次": rng.choice(["早班", "晚班", "夜班"]),
                "小时": rng.choice([6, 7, 8, 10]),
            }
            for n in range(64)
        ],
        diesel=[
            {"depot": d, "eur_per_litre": p} for d, p in [("Oberau", 1.84), ("Talstation", 1.79), ("Lindach", 1.91)]
        ],
        flights=[
            {"flight": n, "day": d, "load": w, "kg": k}
            for n, d, w, k in [
                (1, "2024-06-11", "wood", 740),
                (2, "2024-06-11", "gas", 615),
                (3, "2024-06-12", "flour and rice", 682),
                (4, "2024-06-14", "drinks", 798),
            ]
        ],
        generator=_generator(rng),
        radio=_radio(rng),
        station=_station(rng),
    )
    _tables(out, hut)
    _logs(out, hut)
    _papers(out, rng)
    as_json(web / "hut-diesel.json", hut.diesel)
    delimited(web / "hut-flights.csv", hut.flights)
    text(web / "hut-bulletin.txt", texts.BULLETIN)
    return hut


def _bookings(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for n in range(240):
        people, nights, member = rng.randrange(1, 9), rng.choice([1, 1, 1, 2, 2, 3]), rng.choice(["yes", "no", "no"])
        board = rng.choice(["half", "half", "breakfast", "none"])
        price = {"half": 68.0, "breakfast": 45.5, "none": 31.0}[board] - (9 if member == "yes" else 0)
        rows.append({"booking": f"B{n + 501}", "arrival": (date(2024, 6, 15) + timedelta(rng.randrange(112))).isoformat(), "name": f"{rng.choice(SURNAMES)} {rng.choice('ABCDEFGHKLM')}.",
                     "country": rng.choices(["Switzerland", "Germany", "Austria", "Italy", "Netherlands", "Czechia"], [9, 7, 5, 3, 2, 1])[0], "people": people, "nights": nights, "room": rng.choice(ROOMS), "board": board,
                     "member": member, "amount_eur": people * nights * price, "status": rng.choices(["paid", "open", "cancelled"], [9, 2, 2])[0]})  # fmt: skip
    return rows


def _volunteers() -> list[Row]:
    return [{"name": n, "role": r, "since": s, "phone": p, "hours_2024": h, "licence_until": u} for n, r, s, p, h, u in
            [("Anneli Rast", "medic", 2009, "079 555 0311", 214, "2025-06-30"), ("Bruno Zgraggen", "winch", 2001, "079 555 0324", 188, "2024-11-30"), ("Ferdi Lauber", "dog handler", 2016, "079 555 0337", 251, "2026-03-31"),
             ("Maud Perren", "medic", 2018, "079 555 0342", 167, "2024-09-15"), ("Selim Aydin", "driver", 2021, "079 555 0359", 143, "2027-01-31"), ("Ottokar Wyss", "winch", 1994, "079 555 0366", 92, "2024-12-20"),
             ("Nives Kolar", "dog handler", 2020, "079 555 0378", 205, "2025-10-15"), ("Theo Amsler", "driver", 2013, "079 555 0381", 119, "2025-02-28"), ("Ines Valli", "medic", 2022, "079 555 0395", 98, "2026-08-31")]]  # fmt: skip


def _rescues(rng: random.Random) -> list[Row]:
    leaders = ["Anneli Rast", "Bruno Zgraggen", "Maud Perren", "Nives Kolar"]
    days = sorted(date(2024, 1, 4) + timedelta(rng.randrange(355)) for _ in range(86))
    return [{"mission": f"R{n + 1:03d}", "day": day.isoformat(), "place": rng.choice(["Kessel couloir", "Ridge path", "Tobel", "Schafboden", "North face"]),
             "cause": rng.choices(["fall", "lost", "exhaustion", "avalanche", "illness"], [8, 6, 4, 2, 3])[0], "people": rng.choice([1, 1, 1, 2, 2, 3, 4]), "minutes": rng.randrange(45, 460),
             "helicopter": rng.choice([True, False, False]), "leader": rng.choice(leaders)} for n, day in enumerate(days)]  # fmt: skip


def _supplies() -> list[Row]:
    return [{"item": i, "unit": u, "price_eur": p, "kg": k} for i, u, p, k in
            [("gas cylinder", "piece", 34.9, 21.5), ("sack of potatoes", "25 kg", 18.75, 25.2), ("flour", "10 kg", 9.4, 10.1), ("rice", "5 kg", 11.2, 5.1), ("lentils", "5 kg", 14.6, 5.1), ("tea", "box", 6.35, 0.4),
             ("barley soup", "case", 27.8, 8.9), ("dish soap", "5 l", 8.15, 5.3), ("lamp oil", "litre", 4.25, 0.9), ("cheese wheel", "piece", 61.5, 6.2), ("toilet paper", "bale", 19.95, 7.4), ("apple juice", "crate", 16.6, 14.8)]]  # fmt: skip


def _gear(rng: random.Random) -> list[Row]:
    kilograms = {"rope": 4.1, "harness": 0.62, "helmet": 0.38, "radio": 0.45, "probe": 0.33}
    rows: list[Row] = []
    for n in range(160):
        kind = rng.choices(list(kilograms), [5, 6, 5, 3, 4])[0]
        rows.append({"number": f"G{n + 1:03d}", "kind": kind, "shelf": rng.choice(["A", "B", "C", "D"]), "bought": rng.randrange(2009, 2025), "weight_kg": round(kilograms[kind] * rng.uniform(0.85, 1.2), 3), "passed": rng.random() > 0.12})  # fmt: skip
    return rows


def _stock() -> tuple[list[Row], list[Row]]:
    old = {
        "blanket": 70,
        "pillow": 62,
        "soup bowl": 95,
        "ladle": 6,
        "camping bed": 8,
        "oil lamp": 14,
        "wash basin": 12,
        "slippers": 80,
    }
    new = {
        "blanket": 64,
        "pillow": 62,
        "soup bowl": 88,
        "ladle": 7,
        "oil lamp": 14,
        "solar lamp": 10,
        "wash basin": 12,
        "slippers": 71,
        "first-aid kit": 5,
        "fire blanket": 3,
    }
    return [{"item": i, "pieces": p} for i, p in old.items()], [{"item": i, "pieces": p} for i, p in new.items()]


def _weather(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for n in range(366):
        day = date(2024, 1, 1) + timedelta(n)
        warm = 11 - abs(day.timetuple().tm_yday - 205) / 8.5
        low = round(warm - 5 + rng.uniform(-5, 5), 1)
        snow = rng.choice([0, 0, 4, 11, 23]) if low < -4 else 0
        rows.append({"date": f"{day:%d.%m.%Y}", "temp_min": low, "temp_max": round(low + rng.uniform(3, 11), 1), "new_snow_cm": snow, "wind_kmh": rng.randrange(4, 96), "sky": "snow" if snow else rng.choice(["clear", "clear", "cloudy", "fog", "rain"])})  # fmt: skip
    return rows


def _track(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    when, height = datetime(2024, 8, 11, 5, 52, 10), 1688.0
    for n in range(140):
        rows.append({"point": n + 1, "time": f"{when:%H:%M:%S}", "lat": round(46.5121 + n * 0.00021, 5), "lon": round(8.6034 + n * 0.00017, 5), "altitude_m": round(height, 1)})  # fmt: skip
        when += timedelta(seconds=rng.randrange(50, 140))
        height += rng.uniform(-4, 15) if n < 104 else rng.uniform(-16, 4)
    return rows


def _generator(rng: random.Random) -> list[tuple[datetime, str, str, str]]:
    when, lines = datetime(2024, 8, 1, 4, 55), []
    for _ in range(320):
        when += timedelta(seconds=rng.randrange(90, 2600))
        unit = rng.choice(["battery", "battery", "generator", "inverter", "pump"])
        level = rng.choices(["INFO", "WARN", "ERROR"], [13, 4, 2])[0]
        fine = f"{rng.uniform(22.4, 28.6):.1f} V" if unit == "battery" else rng.choice(["running", "idle"])
        trouble = {"WARN": "slow answer", "ERROR": rng.choice(["overheated", "no contact", "fuse blown"])}
        lines.append((when, level, unit, trouble.get(level, fine)))
    return lines


def _radio(rng: random.Random) -> list[tuple[datetime, str, str]]:
    when, lines = datetime(2024, 2, 3, 6, 14), []
    for _ in range(210):
        when += timedelta(minutes=rng.randrange(2, 75))
        lines.append((when, rng.choice(["karhorn-1", "karhorn-2", "base", "dog-team"]), rng.choices(["position check", "weather report", "asks for stretcher", "no reception", "out"], [6, 3, 1, 2, 3])[0]))  # fmt: skip
    return lines


def _station(rng: random.Random) -> list[tuple[datetime, str, str]]:
    when, lines = datetime(2024, 9, 3, 7, 40), []
    for _ in range(110):
        when += timedelta(minutes=rng.randrange(4, 90))
        lines.append((when, rng.choices(["信息", "警告", "错误"], [7, 3, 2])[0], rng.choice(["基站", "北坡", "东脊"])))
    return lines


def _tables(out: Path, hut: Hut) -> None:
    delimited(out / "bookings.csv", hut.bookings)
    as_json(out / "volunteers.json", hut.volunteers)
    json_lines(out / "rescues.jsonl", hut.rescues)
    delimited(out / "supplies.tsv", hut.supplies, "\t")
    parquet(out / "inventory" / "gear.parquet", hut.gear)
    for year, rows in zip(("2023", "2024"), hut.stock, strict=True):
        delimited(out / "inventory" / f"stock {year}.csv", rows)
    delimited(out / "weather" / "days.csv", hut.weather)
    delimited(out / "track" / "ridge.csv", hut.track)
    delimited(out / "training" / "ascent.tsv", hut.times, "\t")
    delimited(out / "资料" / "物资.csv", hut.things)
    delimited(out / "资料" / "值班表.tsv", hut.shifts, "\t")
    neighbours: list[dict[str, Any]] = [{"refuge": "Forêt Noire", "vallée": "Trémoulet", "lits": 32}, {"refuge": "Col du Hérisson", "vallée": "Bréval", "lits": 54}, {"refuge": "Pré Châtel", "vallée": "Bréval", "lits": 18}]  # fmt: skip
    delimited(out / "voisins" / "refuges.csv", neighbours, ";", "latin-1")


def _logs(out: Path, hut: Hut) -> None:
    text(
        out / "logs" / "generator.log",
        "".join(f"{t:%Y-%m-%d %H:%M:%S} {level} {unit}: {message}\n" for t, level, unit, message in hut.generator),
    )
    text(
        out / "logs" / "radio.log",
        "".join(f"{t:%d.%m.%Y %H:%M} [{station}] {message}\n" for t, station, message in hut.radio),
    )
    text(
        out / "资料" / "电台.log",
        "".join(
            f"{t:%Y-%m-%d %H:%M} {level} {place}：{'信号中断' if level == '错误' else '通话'}\n"
            for t, level, place in hut.station
        ),
    )


def _papers(out: Path, rng: random.Random) -> None:
    for place, content in {
        "README.md": texts.README, "rules.md": texts.RULES, "minutes/2024-03-14.md": texts.MARCH, "minutes/2024-10-24.md": texts.OCTOBER,
        "letters/insurance.txt": texts.LETTER, "guide/avalanches.md": texts.GUIDE, "todo.txt": texts.TODO, "资料/安全须知.md": texts.SAFETY, "资料/通知.txt": texts.NOTICE,
        "licences/Apache-2.0.txt": LICENCE.read_text("utf-8"), "uploads/october.csv": "", "uploads/old gear.parquet": "PAR1\x00broken",
        "config/hut.toml": 'name = "Karhorn"\naltitude_m = 2347\nbeds = 48\n\n[winter_room]\nbeds = 10\nstove = "wood"\n\n[generator]\ntank_litres = 600\nstart_below_volts = 23.2\nquiet_hours = "22:00-04:30"\n',
        "config/radio.yaml": "channel: 7\nfrequency_mhz: 158.625\nrepeater:\n  site: Grauhorn\n  watts: 25\ntest_call: '06:30'\n",
    }.items():  # fmt: skip
        text(out / place, content)
    entries: list[str] = []
    for n in range(380):
        day = (date(2024, 6, 16) + timedelta(n * 112 // 380)).isoformat()
        if day in texts.NEEDLES and not any(texts.NEEDLES[day] in entry for entry in entries):
            entries.append(f"{day}\n{texts.NEEDLES[day]}\n")
        entries.append(
            f"{day}\n{rng.choice(SURNAMES)}, party of {rng.randrange(1, 9)}. {' '.join(rng.sample(texts.PRAISE, 3))}\n"
        )
    text(out / "hut book 2024.txt", "\n".join(entries))
