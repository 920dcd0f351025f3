"""Goals as seven persons would type them: a terse engineer, a chatty shop owner, a student, somebody whose English is from
China, a lawyer, a nurse in a hurry and a child of ten. Here what is looked up, added, compared and converted."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean, median
from typing import Any

from tests.evaluation.everyday.making.folder import Folder, most, sums
from tests.evaluation.everyday.making.goal import goal, number, words


def build(workspace: Path) -> list[dict[str, Any]]:
    at = {path.name: Folder(path) for path in workspace.iterdir() if path.is_dir()}
    return [*_lookup(at), *_aggregate(at), *_compare(at), *_units(at), *_dates(at)]


def one(rows: list[dict[str, Any]], **where: Any) -> dict[str, Any]:
    """The only row with these values."""
    (row,) = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return row


def _lookup(at: dict[str, Folder]) -> list[dict[str, Any]]:
    fritz = one(at["repairs"].json("customers.json"), name="Fritz Wyss")
    hive = one(at["apiary"].table("hives.csv"), hive="H21")
    cisterna = one(at["cinema"].json("films.json"), title="La Cisterna")
    plot = one(at["allotment"].table("plots.csv"), plot="P39")
    ines = one(at["hut"].json("volunteers.json"), name="Ines Valli")
    lamp = one(at["home"].json("appliances.json"), appliance="desk lamp")
    spray = one(at["orchard"].table("sprays.tsv"), date="2024-05-11")
    deng = one(at["fleet"].json("司机.json"), 姓名="邓伟")
    pine = one(at["民宿"].json("房间.json"), 房间="松月")
    hut = tomllib.loads(at["hut"].text("config/hut.toml"))
    return [
        goal("hut/v-tank", "lookup", "Capacity, generator tank. Litres.", number(hut["generator"]["tank_litres"])),
        goal("repairs/v-fritz", "lookup", "Fritz Wyss was in just now, lovely man, and he swears nobody has been with us longer than he has. Since what year do we have him on our books?", number(fritz["since"])),
        goal("cinema/v-cisterna", "lookup", "la cisterna, whos the director again", words(cisterna["director"])),
        goal("apiary/v-belongs", "lookup", "Please help me check, the hive H21 belongs to which stand?", words(hive["stand"])),
        goal("allotment/v-holder", "lookup", "With regard to the plot designated P39, kindly state the number of the member to whom it is, according to plots.csv, currently let.", words(plot["member"])),
        goal("hut/v-reach", "lookup", "Ines Valli phone?? have to reach her right now", words(ines["phone"])),
        goal("home/v-guarantee", "lookup", "my lamp on the desk is broken!! how many years of warranty did it have when we got it", number(lamp["warranty_years"])),
        goal("orchard/v-sprayed", "lookup", "Terrace, 11 May 2024: agent sprayed, and litres.", number(float(spray["litres"]), answer_contains_all=[spray["agent"]])),
        goal("fleet/v-deng", "lookup", "I want to call the driver 邓伟, his telephone is what number?", words(deng["电话"])),
        goal("民宿/v-pine", "lookup", "Would you be so kind as to inform me on which floor the room known as 松月 is situated and how many beds it contains.", {"answer_numbers_all": [[pine["楼层"], 0], [pine["床位"], 0]]}),
    ]  # fmt: skip


def _aggregate(at: dict[str, Folder]) -> list[dict[str, Any]]:
    fuel = at["fleet"].table("加油记录.csv")
    christmas = [s for s in at["cinema"].table("screenings.csv") if "2024-12-24" <= s["day"] <= "2024-12-31"]
    rail = [float(e["amount_eur"]) for e in at["home"].table("money/expenses.csv") if e["shop"] == "Rail"]
    hours = [v["hours_2024"] for v in at["hut"].json("volunteers.json")]
    quarter = [r for r in at["repairs"].table("repairs.csv") if "2024-04-01" <= r["received"] <= "2024-06-30"]
    stings = [v["Stings"] for v in at["apiary"].sheet("visits 2024.xlsx")]
    picked = [h["kg"] for h in at["allotment"].json_lines("harvest.jsonl")]
    terrace = [t["height_m"] for t in at["orchard"].parquet("trees.parquet") if t["block"] == "terrace"]
    stars = [int(r["评分"]) for r in at["民宿"].table("评价.tsv") if r["房间"] == "小满"]
    leeks = [int(s["plants"]) for s in at["allotment"].table("seedlings.tsv") if s["sort"] == "leek"]
    return [
        goal("fleet/v-litres", "aggregate", "加油记录.csv. Litres, grand total, 1 dec.", number(sum(float(f["升数"]) for f in fuel), 0.06)),
        goal("cinema/v-christmas", "aggregate", "Between Christmas Eve and New Year's Eve the whole town turns up here, or so I keep telling my wife. What did we take from 24 to 31 December 2024, both days counted, all the halls together?", number(sum(float(s["takings_eur"]) for s in christmas), 0.01)),
        goal("home/v-rail", "aggregate", "ok so a trip w Rail costs us how much on avarage? 2 decimals thx", number(fmean(rail), 0.006)),
        goal("hut/v-volunteers", "aggregate", "I want to know, all of the volunteers together in 2024 have worked how many hours.", number(sum(hours))),
        goal("repairs/v-quarter", "aggregate", "Please ascertain the sum of the prices of all repairs received in the second quarter of 2024, that is to say from 1 April up to and including 30 June, irrespective of whether the bicycle has since been collected.", number(sum(float(r["price"]) for r in quarter), 0.01)),
        goal("apiary/v-stings", "aggregate", "stings whole season, everyone, total? its in the visits sheet", number(sum(stings))),
        goal("allotment/v-record", "aggregate", "whats the most kilos anybody ever brought in at once?? its in harvest.jsonl", number(max(picked), 0.001)),
        goal("orchard/v-terrace", "aggregate", "trees.parquet, terrace block: median height in m, 2 dec.", number(median(terrace), 0.006)),
        goal("民宿/v-stars", "aggregate", "小满 avg 评分 pls, 2 decimals, have to run", number(fmean(stars), 0.006)),
        goal("allotment/v-leeks", "aggregate", "All those trays on the window sill, you should see them! How many leek plants does that make, if I put every tray together?", number(sum(leeks))),
    ]  # fmt: skip


def _compare(at: dict[str, Folder]) -> list[dict[str, Any]]:
    blankets = [int(one(at["hut"].table(f"inventory/stock {y}.csv"), item="blanket")["pieces"]) for y in (2023, 2024)]
    shows = at["cinema"].table("screenings.csv")
    tickets = sums([s for s in shows if s["hall"] in ("Red", "Blue")], lambda s: s["hall"], lambda s: int(s["sold"]))
    trees = at["orchard"].parquet("trees.parquet")
    height = {v: fmean(t["height_m"] for t in trees if t["variety"] == v) for v in ("Elstar", "Topaz")}
    fuel = [f for f in at["fleet"].table("加油记录.csv") if f["加油站"] in ("城东", "港口")]
    paid = sums(fuel, lambda f: f["加油站"], lambda f: float(f["金额"]))
    litres = sums(fuel, lambda f: f["加油站"], lambda f: float(f["升数"]))
    per_litre = {station: paid[station] / litres[station] for station in paid}
    rent = [tomllib.loads(at["allotment"].text(f"prices-{y}.toml"))["rent"]["per_m2"] for y in (2025, 2026)]
    rescues = at["hut"].json_lines("rescues.jsonl")
    flown, walked = (fmean(r["minutes"] for r in rescues if r["helicopter"] is is_flown) for is_flown in (True, False))
    clothes = [e for e in at["home"].table("money/expenses.csv") if e["category"] == "clothes"]
    dressed = sums(clothes, lambda e: e["paid_by"], lambda e: float(e["amount_eur"]))
    hives = at["apiary"].table("hives.csv")
    frames = {race: fmean(int(h["frames"]) for h in hives if h["race"] == race) for race in ("Buckfast", "Dark")}
    stays = [b for b in at["民宿"].table("预订.csv") if b["状态"] == "已完成" and b["房间"] in ("松月", "望湖")]
    nights = sums(stays, lambda b: b["房间"], lambda b: int(b["晚数"]))
    repairs = at["repairs"].table("repairs.csv")
    minutes = [fmean(int(r["minutes"]) for r in repairs if r["bike"] == bike) for bike in ("child", "road")]
    return [
        goal("hut/v-blankets", "compare", "Stock lists, blanket: 2023 / 2024, delta.", number(blankets[1] - blankets[0], sign="any")),
        goal("cinema/v-bet", "compare", "My sister bets on the red hall and I bet on the blue one. Whose hall sold more tickets, and how wide is the gap?", _gap(tickets)),
        goal("orchard/v-taller", "compare", "which r taller on avrage, the elstar trees or the topaz ones, n by how many cm", _gap({v: 100 * m for v, m in height.items()}, 0.6)),
        goal("fleet/v-stations", "compare", "The two stations 城东 and 港口, which one is more expensive for each litre (all money divide by all litre), and the difference is how much? Three decimals please.", _gap(per_litre, 0.0006)),
        goal("allotment/v-rent", "compare", "By what percentage, expressed to one decimal place, does the rent per square metre stipulated for 2026 exceed that which was payable in 2025?", number(100 * (rent[1] / rent[0] - 1), 0.06)),
        goal("hut/v-flown", "compare", "missions w helicopter vs without, mean minutes of each? whole min is ok", {"answer_numbers_all": [[round(flown, 6), 0.51], [round(walked, 6), 0.51]]}),
        goal("home/v-clothes", "compare", "who spent more on clothes, mom or dad? mom is Ines and dad is Marek. tell me how much more too", _gap(dressed, 0.01)),
        goal("apiary/v-frames", "compare", "Mean frames per hive, Buckfast against Dark. State the higher and the difference, 2 dec.", _gap(frames, 0.006)),
        goal("民宿/v-nights", "compare", "Room 松月 and room 望湖, which one people stayed more nights? more how many nights? Only count the 已完成.", _gap(nights)),
        goal("repairs/v-child", "compare", "Between you and me, I've always thought the children's bikes hold us up more than the road bikes do. How many minutes does the one kind take on average and how many the other?", {"answer_numbers_all": [[round(m, 6), 0.51] for m in minutes]}),
    ]  # fmt: skip


def _gap(values: dict[str, float], tolerance: float = 0.0) -> dict[str, Any]:
    """Which of two is more, and by how much."""
    more = most(values)
    (less,) = values.keys() - {more}
    return number(values[more] - values[less], tolerance, sign="any", answer_contains_all=[more])


def _units(at: dict[str, Folder]) -> list[dict[str, Any]]:
    filled = sum(float(f["升数"]) for f in at["fleet"].table("加油记录.csv") if f["车牌"] == "TK-150")
    warm = float(at["apiary"].said("settings.yaml", r"warm_cabinet_c: (\d+)"))
    return [
        goal("orchard/v-ladder", "units-dates", "Ladder, 23 ft. In m, 2 dec.", number(23 * 0.3048, 0.006)),
        goal("fleet/v-gallons", "units-dates", "The van TK-150 has filled in total how many US gallon? In 加油记录.csv it is litre. 1 decimal please.", number(filled / 3.785411784, 0.06)),
        goal("hut/v-pounds", "units-dates", "pt weighs 82.5 kg, heli crew want lb, 1 dec", number(82.5 / 0.45359237, 0.06)),
        goal("home/v-inches", "units-dates", "im 143 cm tall!! how many inches is that (1 number after the point)", number(143 / 2.54, 0.06)),
        goal("apiary/v-cabinet", "units-dates", "Warm cabinet setpoint in °F.", number(warm * 1.8 + 32, 0.06)),
    ]  # fmt: skip


def _dates(at: dict[str, Folder]) -> list[dict[str, Any]]:
    vacuum = date.fromisoformat(one(at["home"].json("appliances.json"), appliance="vacuum cleaner")["bought"])
    september, december = (date.fromisoformat(p.stem[-10:]) for p in sorted((at["cinema"].path / "notes").iterdir()))
    days = {"thirty": 30}[at["allotment"].said("letters/insurance.txt", r"write to us within (\w+) days")]
    letter = date(2025, 6, int(at["allotment"].said("letters/insurance.txt", r"(?m)^(\d+) June 2025$")))
    stay = one(at["民宿"].table("预订.csv"), 订单号="B305")
    leaves = date.fromisoformat(stay["入住日期"]) + timedelta(int(stay["晚数"]))
    selim = date.fromisoformat(one(at["hut"].json("volunteers.json"), name="Selim Aydin")["licence_until"])
    left = (selim - date(2024, 10, 15)).days
    weeks, rest = divmod((december - september).days, 7)
    assert not rest
    return [
        goal("home/v-vacuum", "units-dates", "It was a Monday when we bought the vacuum cleaner, I'd put my hand in the fire for it, only my husband says it never was. So what day of the week was it really?", words(f"{vacuum:%A}")),
        goal("cinema/v-weeks", "units-dates", "team evening in sept 2024 n then the one in december, how many weeks r between them", number(weeks)),
        goal("allotment/v-objection", "units-dates", "Reckoning the period allowed for objections from the date which the letter of Feldmark Insurance bears, on what date does that period expire?", words(_alternatives(letter + timedelta(days)))),
        goal("民宿/v-leaves", "units-dates", "The booking B305, on which date this guest should check out?", words(_alternatives(leaves))),
        goal("hut/v-licence", "units-dates", "Selim's licence, how many days has it still got, counting from 15 Oct 2024", number(left, or_number=[[left + 1, 0]])),
    ]  # fmt: skip


def _alternatives(day: date) -> list[str]:
    return [f"{day}", f"{day.day} {day:%B}", f"{day:%B} {day.day}", f"{day:%d.%m.%Y}", f"{day.month}月{day.day}日"]
