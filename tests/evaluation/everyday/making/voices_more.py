"""More goals of the seven persons of `voices.py`: several steps, files to write, logs, and what cannot be known without asking."""

import csv
import json
import re
import tomllib
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.evaluation.everyday.making.folder import Folder, most, sums
from tests.evaluation.everyday.making.goal import ASKS, goal, number, words
from tests.evaluation.everyday.making.voices import one


def build(workspace: Path, web: Path) -> list[dict[str, Any]]:
    at = {path.name: Folder(path) for path in workspace.iterdir() if path.is_dir()}
    return [*_steps(at), *_on_the_web(web), *_files(at), *_lists(at), *_lines(at), *_objects(at), *_open(at)]


def _steps(at: dict[str, Folder]) -> list[dict[str, Any]]:
    odometer = [row["TK-104"] for row in at["fleet"].sheet("里程表 2024.xlsx")]
    filled = sum(float(f["升数"]) for f in at["fleet"].table("加油记录.csv") if f["车牌"] == "TK-104")
    price = {p["part"]: float(p["unit_price"]) for p in at["repairs"].table("parts.tsv")}
    hour = tomllib.loads(at["repairs"].text("shop.toml"))["workshop"]["labour_per_hour"]
    swedish = sum(f["minutes"] for f in at["cinema"].json("films.json") if f["country"] == "Sweden")
    harvest = [h for h in at["apiary"].table("harvest.tsv") if h["extracted_on"].endswith("2024")]
    honey = sums(harvest, lambda h: h["hive"], lambda h: float(h["kg"]))
    best = one(at["apiary"].table("hives.csv"), hive=most(honey))
    unpaid = {m["member"] for m in at["allotment"].table("members.csv") if m["paid"] == "no"}
    area = sum(int(p["area_m2"]) for p in at["allotment"].table("plots.csv") if p["member"] in unpaid)
    rescues = at["hut"].json_lines("rescues.jsonl")
    leaders = {r["leader"] for r in rescues if r["cause"] == "avalanche" and r["place"] == "North face"}
    phones = {v["name"]: v["phone"] for v in at["hut"].json("volunteers.json") if v["name"] in leaders}
    never = sorted({r["leader"] for r in rescues} - leaders)
    wages = {p["name"]: p["hourly_wage"] * p["hours"] for p in at["orchard"].sheet("pickers 2024.xlsx")}
    lake = [b for b in at["民宿"].table("预订.csv") if b["房间"] == "望湖"]
    lost, whole = (sum(int(b["金额"]) for b in rows) for rows in ([b for b in lake if b["状态"] == "已取消"], lake))
    assert len(phones) == len(leaders)
    return [
        goal("fleet/v-mileage", "multi-step", "TK-104: km by odometer January to August, divided by litres filled (加油记录.csv). km/l, 2 dec.", number((odometer[-1] - odometer[0]) / filled, 0.006)),
        goal("repairs/v-quote", "multi-step", "I've got a gentleman on the phone, he'd like three 9s chains, a saddle and twelve of the 262 spokes, and I reckon half an hour of labour at our usual rate. What do I tell him it comes to?", number(3 * price["chain 9s"] + price["saddle"] + 12 * price["spoke 262"] + hour / 2, 0.001)),
        goal("cinema/v-swedish", "multi-step", "if we show every swedish film back to back no breaks how many hrs is that, 1 decimal", number(swedish / 60, 0.06)),
        goal("apiary/v-queen", "multi-step", "Please first find which hive gave the most honey in 2024, then tell me in hives.csv its queen is of which year.", number(int(best["queen_year"]))),
        goal("allotment/v-area", "multi-step", "To the extent that members who have not yet paid hold plots, what is the total area, in square metres, of the plots so held?", number(area)),
        goal("hut/v-avalanche", "multi-step", "whoever led an avalanche mission on the North face - names + phones, fast pls", words(*phones, *phones.values(), answer_not_contains=never)),
        goal("orchard/v-rich", "multi-step", "which picker got the most money in total and how much did they get? you have to multiply what they get for 1 hour by their hours", number(wages[most(wages)], 0.01, answer_contains_all=[most(wages)])),
        goal("民宿/v-lost", "multi-step", "For the room 望湖, the cancelled orders are how much money, and it is how many percent of all orders money of this room? 1 decimal.", {"answer_numbers_all": [[lost, 0], [round(100 * lost / whole, 6), 0.06]]}),
    ]  # fmt: skip


def _on_the_web(web: Path) -> list[dict[str, Any]]:
    bottles = csv.DictReader((web / "bottles.csv").read_text("utf-8").splitlines())
    price = {row["product"]: float(row["unit_price"]) for row in bottles}
    depots = json.loads((web / "hut-diesel.json").read_text("utf-8"))
    litre = {depot["depot"]: depot["eur_per_litre"] for depot in depots}
    return [
        goal("orchard/v-bottles", "multi-step", "The cider sold like hot cakes! I'm after 40 swing-top bottles and 250 corks now, and the dealer promised me 5% off because I come so often. So what will he charge me, going by {web}/bottles.csv? To the cent, please.", number(0.95 * (40 * price["swing-top bottle"] + 250 * price["cork"]), 0.0051)),
        goal("hut/v-depots", "multi-step", "{web}/hut-diesel.json has diesel prices... say we get 800 l, how much do we save at talstation instead of lindach", number(800 * (litre["Lindach"] - litre["Talstation"]), 0.001, sign="any")),
    ]  # fmt: skip


def _files(at: dict[str, Folder]) -> list[dict[str, Any]]:
    old = [v for v in at["fleet"].table("vans.csv") if v["bought"] < "2020"]
    short = [f for f in at["cinema"].json("films.json") if f["minutes"] < 110]
    stays = [b for b in at["民宿"].table("预订.csv") if b["状态"] == "已完成" and b["晚数"] == "5"]
    idle = [m for m in at["allotment"].table("members.csv") if float(m["work_hours"]) < 8]
    long = [r for r in at["hut"].json_lines("rescues.jsonl") if r["minutes"] >= 400]
    hives = Counter(h["stand"] for h in at["apiary"].table("hives.csv"))
    complaints = Counter(c["司机"] for c in at["fleet"].json_lines("投诉.jsonl"))
    return [
        goal("fleet/v-old", "write-file", "Vans bought before 2020 -> out/old.csv. Columns plate, bought. Oldest first.",
             {"file": "out/old.csv", "rows": len(old), "columns": ["plate", "bought"], "sorted": {"column": "bought"}, "contains": [v["plate"] for v in old]}),
        goal("cinema/v-short", "write-file", "can u put the films under 110 min in short.csv, only title n minutes, shortest on top",
             {"file": "short.csv", "rows": len(short), "columns": ["title", "minutes"], "sorted": {"column": "minutes"}, "sum": {"minutes": [sum(f["minutes"] for f in short), 0]}}),
        goal("民宿/v-long", "write-file", "Please take out all the 已完成 orders which stay 5 nights, and put in the file 长住.csv, every column should be kept.",
             {"file": "长住.csv", "rows": len(stays), "columns": list(stays[0]), "sum": {"金额": [sum(int(b["金额"]) for b in stays), 0]}}),
        goal("allotment/v-idle", "write-file", "Kindly draw up a file, overdue/members.csv, which is to contain the columns member, name and work_hours and to list exclusively those members whose hours of common work fall short of eight, in ascending order of hours.",
             {"file": "overdue/members.csv", "rows": len(idle), "columns": ["member", "name", "work_hours"], "sorted": {"column": "work_hours"}, "sum": {"work_hours": [sum(float(m["work_hours"]) for m in idle), 0.001]}}),
        goal("hut/v-long", "write-file", "need long.csv: mission + minutes of everything that took 400 min or more, longest on top. thx",
             {"file": "long.csv", "rows": len(long), "columns": ["mission", "minutes"], "sorted": {"column": "minutes", "descending": True}, "sum": {"minutes": [sum(r["minutes"] for r in long), 0]}}),
        goal("apiary/v-stands", "write-file", "No. of hives per stand: stand-count.csv, columns stand, hives, descending.",
             {"file": "stand-count.csv", "rows": len(hives), "columns": ["stand", "hives"], "sorted": {"column": "hives", "descending": True}, "cells": _cells("stand", "hives", hives)}),
        goal("fleet/v-complaints", "write-file", "Help me count how many complaints each driver has, then save it to 投诉统计.csv, two columns: 司机 and 次数.",
             {"file": "投诉统计.csv", "rows": len(complaints), "columns": ["司机", "次数"], "cells": _cells("司机", "次数", complaints)}),
    ]  # fmt: skip


def _cells(key: str, column: str, counts: Counter[str]) -> list[dict[str, Any]]:
    return [{"where": {key: each}, "column": column, "value": count} for each, count in counts.items()]


def _lists(at: dict[str, Folder]) -> list[dict[str, Any]]:
    readers, others = (
        [c["name"] for c in at["repairs"].json("customers.json") if c["newsletter"] is wants] for wants in (True, False)
    )
    boskoop = sum(h["crates"] for h in at["orchard"].json_lines("harvest.jsonl") if h["variety"] == "Boskoop")
    chores = ["feed the cat", "water the plants", "tidy my room"]
    return [
        goal("repairs/v-newsletter", "write-file", "I want to sit down tonight with a cup of tea and write to everybody who gets our newsletter. Be a dear and jot their names down in newsletter.txt for me, one under the other.",
             {"file": "newsletter.txt", "rows": len(readers), "contains": readers, "not_contains": others}),
        goal("home/v-chores", "write-file", f"can you make a file chores.txt with 3 lines: {', '.join(chores)}", {"file": "chores.txt", "lines": chores}),
        goal("orchard/v-crates", "write-file", "My husband keeps asking how many crates of Boskoop we filled. Put the number in boskoop.txt, nothing else in it, so I can pin it on his door!", {"file": "boskoop.txt", "text": str(boskoop)}),
    ]  # fmt: skip


def _lines(at: dict[str, Folder]) -> list[dict[str, Any]]:
    """Over logs in plain lines."""
    paid = [int(ms) for ms in re.findall(r"till-1 payment accepted in (\d+) ms", at["repairs"].text("logs/till.log"))]
    slow = len(re.findall(r"beamer-red \| WARNING \| fan slow", at["cinema"].text("logs/projector.log")))
    opened = re.findall(r"(?m) (\d\d):\d\d:\d\d INFO (\S+) 开门$", at["民宿"].text("门禁.log"))
    doors = Counter(door for hour, door in opened if int(hour) < 12)
    silent = Counter(re.findall(r"\[(\S+)\] no reception", at["hut"].text("logs/radio.log")))
    errors = Counter(re.findall(r"(?m)^(\S+) \S+ ERROR", at["hut"].text("logs/generator.log")))
    stones = at["orchard"].text("press/belt.log").count("ALARM stone caught")
    warned = Counter(re.findall(r"警告 (\S+?)：", at["hut"].text("资料/电台.log")))
    taken = Counter(re.findall(r"OUT \S+ (M\d+)", at["allotment"].text("logs/shed.log")))
    door, station, borrower = (most(count) for count in (doors, silent, taken))
    name = one(at["allotment"].table("members.csv"), member=borrower)["name"]
    day = sorted(errors)[2]
    return [
        goal("repairs/v-payment", "log-analysis", "till.log: payments, till-1 only. Mean ms, 1 dec.", number(fmean(paid), 0.06)),
        goal("cinema/v-fan", "log-analysis", "beamer-red n its fan... how many times was it slow", number(slow)),
        goal("民宿/v-door", "log-analysis", "According to 门禁.log, before 12 o'clock at noon which door is opened the most? It is how many times?", number(doors[door], answer_contains_all=[door])),
        goal("hut/v-silent", "log-analysis", "With respect to logs/radio.log, please identify the station which reported \"no reception\" more frequently than any other, together with the number of such reports.", number(silent[station], answer_contains_all=[station])),
        goal("hut/v-day", "log-analysis", f"anything with ERROR on {date.fromisoformat(day):%-d %B %Y} in generator.log? just how many", number(errors[day])),
        goal("orchard/v-stones", "log-analysis", "how many times did the belt catch a stone?? belt.log knows", number(stones)),
        goal("hut/v-warned", "log-analysis", "In 资料/电台.log, the 警告 of each station is how many?", {"answer_contains_all": list(warned), "answer_numbers_all": [[n, 0] for n in warned.values()]}),
        goal("allotment/v-borrower", "log-analysis", "shed.log, who took out tools the most n how often (member no is ok)", number(taken[borrower], answer_contains_all=[[borrower, name]])),
    ]  # fmt: skip


def _objects(at: dict[str, Folder]) -> list[dict[str, Any]]:
    """Over logs of JSON Lines."""
    pump = at["orchard"].json_lines("press/pump.log")
    bars = [float(e["message"].split()[1]) for e in pump if e["unit"] == "tank-2" and "pressure" in e["message"]]
    gate = at["allotment"].json_lines("logs/gate.jsonl")
    refused = [datetime.fromisoformat(e["at"]) for e in gate if e["gate"] == "north" and e["result"] == "refused"]
    night = sum(when.hour < 6 for when in refused)
    assert 0 < night < len(refused)
    return [
        goal("orchard/v-bars", "log-analysis", "pump.log, tank-2. Pressure min, max, bar.", {"answer_numbers_all": [[min(bars), 0.001], [max(bars), 0.001]]}),
        goal("allotment/v-night", "log-analysis", "I can't prove it, but I've got this feeling that somebody is trying cards at our north gate while decent people are in bed. How often was a card refused there between midnight and six in the morning? It'll be in gate.jsonl.", number(night)),
    ]  # fmt: skip


def _open(at: dict[str, Folder]) -> list[dict[str, Any]]:
    """What has no meaning, or more than one, until somebody is asked."""
    novaks = [m["name"].split()[0] for m in at["allotment"].table("members.csv") if m["name"].endswith(" Novak")]
    popcorn = [float(s["price_eur"]) for s in at["cinema"].table("kiosk/snacks.tsv") if "popcorn" in s["snack"]]
    assert len(novaks) > 1 < len(popcorn)
    return [
        goal("fleet/v-increase", "ambiguous", "Increase by 10.", ASKS),
        goal("repairs/v-other-one", "ambiguous", "Oh, that was quick! And now the same again for the other one, would you?", ASKS),
        goal("apiary/v-wrong", "ambiguous", "its wrong can u fix it", ASKS),
        goal("orchard/v-agreed", "ambiguous", "Please help me to change that price to the one we talked about.", ASKS),
        goal("hut/v-clause", "ambiguous", "Kindly amend the said clause in the manner agreed and let me have the revised version.", ASKS),
        goal("民宿/v-room", "ambiguous", "move him to the other room, thx", ASKS),
        goal("home/v-bigger", "ambiguous", "make it bigger!!!", ASKS),
        goal("allotment/v-novak", "ambiguous", "Novak: paid?", {"any_of": [*ASKS["any_of"], words(*novaks)]}),
        goal("cinema/v-popcorn", "ambiguous", "The popcorn, one portion is how much money?", {"any_of": [*ASKS["any_of"], {"answer_numbers_all": [[p, 0.001] for p in popcorn]}]}),
    ]  # fmt: skip
