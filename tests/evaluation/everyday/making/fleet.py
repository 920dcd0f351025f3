"""A delivery service with Chinese and English files: vans, drivers, rounds, fuel, complaints."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, excel, json_lines, parquet, text

RULES = """# 车队管理规定

一、每日出车前检查轮胎、灯光和刹车，检查表交给调度员何雨欣。

二、市区限速四十公里，违章罚款由司机本人承担。

三、货物破损超过五百元的，须在二十四小时内上报；五百元以下由班组长处理。

四、夜班补贴每班八十元，周末加班按一点五倍计算。

五、车钥匙存放在二号柜，丢失赔偿三百元。
"""
MEETING = """车队例会  2024年9月12日

参加：何雨欣、罗建国、阿依古丽、马小龙。
一、新电动货车十月八日到货，停放在东侧车位，充电桩由罗建国联系安装。
二、近期客户投诉多为迟到，决定把第二轮发车时间提前到下午一点。
三、马小龙下周去培训，路线由阿依古丽代跑。
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(89)
    vans: list[Row] = [{"plate": p, "model": m, "payload_kg": k, "fuel": f, "bought": b, "depot": d} for p, m, k, f, b, d in
             [("TK-104", "Crafter", 1200, "diesel", "2019-03-14", "North"), ("TK-117", "Sprinter", 1150, "diesel", "2021-11-02", "North"), ("TK-122", "e-Vito", 800, "electric", "2022-06-20", "Harbour"),
              ("TK-131", "Ducato", 1350, "diesel", "2017-08-09", "Harbour"), ("TK-139", "Berlingo", 650, "petrol", "2020-01-27", "North"), ("TK-146", "e-Crafter", 975, "electric", "2023-09-05", "South"),
              ("TK-150", "Master", 1400, "diesel", "2018-05-30", "South")]]  # fmt: skip
    delimited(out / "vans.csv", vans, ";")
    names = ["罗建国", "阿依古丽", "马小龙", "田甜", "邓伟"]
    drivers: list[Row] = [{"姓名": n, "班次": s, "驾龄": y, "车牌": p, "电话": t} for n, s, y, p, t in
             [("罗建国", "早班", 18, "TK-104", "13800001122"), ("阿依古丽", "晚班", 7, "TK-122", "13911112233"), ("马小龙", "早班", 4, "TK-131", "13722223344"),
              ("田甜", "夜班", 11, "TK-146", "13633334455"), ("邓伟", "晚班", 25, "TK-150", "13544445566")]]  # fmt: skip
    as_json(out / "司机.json", drivers)
    fuel: list[Row] = []
    for _ in range(170):
        litres = round(rng.uniform(22, 68), 1)
        fuel.append({"日期": (date(2024, 1, 3) + timedelta(rng.randrange(240))).isoformat(), "车牌": rng.choice(["TK-104", "TK-117", "TK-131", "TK-139", "TK-150"]),
                     "加油站": rng.choice(["城东", "港口", "高速"]), "升数": litres, "金额": round(litres * rng.uniform(7.1, 8.3), 2)})  # fmt: skip
    delimited(out / "加油记录.csv", fuel)
    rounds: list[Row] = [{"round": n + 1, "day": (date(2024, 4, 1) + timedelta(rng.randrange(150))).isoformat(), "driver": rng.choice(names), "plate": rng.choice(vans)["plate"],
                          "stops": rng.randrange(6, 40), "km": round(rng.uniform(18, 190), 1), "late": rng.choice([True, False, False, False])} for n in range(900)]  # fmt: skip
    parquet(out / "rounds.parquet", rounds)
    complaints: list[Row] = [{"编号": f"T{n + 1}", "日期": (date(2024, 5, 2) + timedelta(n * 2)).isoformat(), "司机": rng.choice(names), "原因": rng.choice(["迟到", "迟到", "破损", "态度"]),
                              "已处理": rng.choice(["是", "是", "否"])} for n in range(60)]  # fmt: skip
    json_lines(out / "投诉.jsonl", complaints)
    odometer: list[Row] = [{"月份": f"2024-{m:02}", "TK-104": 0, "TK-131": 0} for m in range(1, 9)]
    a, b = 81250, 140310
    for row in odometer:
        row["TK-104"], row["TK-131"] = a, b
        a, b = a + rng.randrange(900, 2100), b + rng.randrange(700, 2600)
    excel(out / "里程表 2024.xlsx", "里程", odometer)
    text(out / "规定.md", RULES)
    text(out / "会议" / "例会 9月.txt", MEETING)
    text(out / "旧" / "2023 加油.csv", "\x00\x01\x02 坏\n")

    kind = {v["plate"]: v["fuel"] for v in vans}
    depot = {v["plate"]: v["depot"] for v in vans}
    shift = {d["姓名"]: d["班次"] for d in drivers}
    paid: dict[str, float] = defaultdict(float)
    tank: dict[str, float] = defaultdict(float)
    at: dict[str, float] = defaultdict(float)
    for row in fuel:
        paid[row["车牌"]] += row["金额"]
        tank[row["车牌"]] += row["升数"]
        at[row["加油站"]] += row["金额"]
    km: dict[str, float] = defaultdict(float)
    by_fuel: dict[str, float] = defaultdict(float)
    by_depot: dict[str, int] = defaultdict(int)
    by_driver: dict[str, list[float]] = defaultdict(list)
    stops: dict[str, int] = defaultdict(int)
    by_shift: Counter[str] = Counter()
    for row in rounds:
        km[row["plate"]] += row["km"]
        by_fuel[kind[row["plate"]]] += row["km"]
        by_depot[depot[row["plate"]]] += row["stops"]
        by_driver[row["driver"]].append(row["km"])
        stops[row["driver"]] += row["stops"]
    for row in complaints:
        by_shift[shift[row["司机"]]] += 1
    late = [r for r in rounds if r["late"]]
    late_by = Counter(r["driver"] for r in late)
    reason = Counter(r["原因"] for r in complaints)
    march = [r for r in fuel if r["日期"].startswith("2024-03")]
    july = [r for r in fuel if r["日期"].startswith("2024-07")]
    june, may = ([r for r in rounds if r["day"].startswith(f"2024-0{m}")] for m in (6, 5))
    heavy = [v["plate"] for v in vans if v["payload_kg"] > 1100]
    total_paid, total_tank = sum(paid.values()), sum(tank.values())
    open_ = [r for r in complaints if r["已处理"] == "否"]
    walked = odometer[-1]["TK-104"] - odometer[0]["TK-104"]
    other = odometer[-1]["TK-131"] - odometer[0]["TK-131"]
    top = sorted(stops, key=lambda d: -stops[d])
    return [
        goal("fleet/payload", "lookup", "max load for TK-139", number(650)),
        goal("fleet/bought", "lookup", "When was the Master bought?", words(["2018-05-30", "30 May 2018", "May 30"])),
        goal("fleet/electric", "count", "how many of the vans are electric", number(2)),
        goal("fleet/late", "count", "Kindly inform me how many rounds have been late in June 2024.", number(sum(r["late"] for r in june))),
        goal("fleet/before", "count", "vans bought before 2020, how many", number(sum(v["bought"] < "2020" for v in vans))),
        goal("fleet/long", "count", "how many rounds were longer then 150 km?", number(sum(r["km"] > 150 for r in rounds))),
        goal("fleet/km-crafter", "aggregate", "total km driven with TK-104 acc. to rounds.parquet", number(km["TK-104"], 0.06)),
        goal("fleet/mean-stops", "aggregate", "mean number of stops per round", number(sum(r["stops"] for r in rounds) / len(rounds), 0.06)),
        goal("fleet/km-stop", "aggregate", "What is the distance per stop over all rounds (km divided by stops)? Give 2 decimals", number(sum(km.values()) / sum(stops.values()), 0.006)),
        goal("fleet/by-fuel", "filter-group", "km by type of fuel (rounds + vans)", {"answer_contains_all": list(by_fuel), "answer_numbers_all": [[v, 0.06] for v in by_fuel.values()]}),
        goal("fleet/by-depot", "filter-group", "I would like to know the number of stops for each depot.", {"answer_contains_all": list(by_depot), "answer_numbers_all": [[v, 0] for v in by_depot.values()]}),
        goal("fleet/heavy", "filter-group", "vans which can carry over 1.1 tonnes", words(*heavy, answer_not_contains=["TK-122", "TK-139"])),
        goal("fleet/late-share", "filter-group", "What percentage of rounds was late?", number(100 * len(late) / len(rounds), 0.06)),
        goal("fleet/latest-driver", "filter-group", "the driver that is late most often", words(late_by.most_common(1)[0][0])),
        goal("fleet/months", "compare", "more rounds in May or June 2024? how many more", number(len(june) - len(may), 0, sign="any", answer_contains_all=["June" if len(june) > len(may) else "May"])),
        goal("fleet/payloads", "compare", "by how many kg is the payload of the Ducato bigger than the one of the Sprinter", number(200)),
        goal("fleet/north-south", "compare", "Does North have more vans than South?", {"any_of": [words(["yes", "North"], answer_numbers_all=[[3, 0], [2, 0]]), words("North")]}),
        goal("fleet/night", "chinese", "夜班一班补贴多少钱", number(80)),
        goal("fleet/key", "chinese", "车钥匙放在哪里？", words(["二号柜", "2号柜"])),
        goal("fleet/damage", "chinese", "货物坏了价值八百元，多长时间内必须报告？", words(["二十四小时", "24小时", "24 小时"])),
        goal("fleet/course", "chinese", "谁替马小龙跑路线？", words("阿依古丽")),
        goal("fleet/arrival", "chinese", "新的电动车什么时候到", words(["十月八日", "10月8日", "2024-10-08"])),
        goal("fleet/shift", "chinese", "田甜上什么班？", words("夜班")),
        goal("fleet/years", "chinese", "驾龄最长的司机是谁，多少年", number(25, answer_contains_all=["邓伟"])),
        goal("fleet/liters", "chinese", "TK-131一共加了多少升油", number(tank["TK-131"], 0.06)),
        goal("fleet/march", "chinese", "三月份加油花了多少钱？", number(sum(r["金额"] for r in march), 0.01)),
        goal("fleet/price", "chinese", "平均每升油多少钱（总金额除以总升数，两位小数）", number(total_paid / total_tank, 0.006)),
        goal("fleet/station", "chinese", "各加油站的金额合计", {"answer_contains_all": list(at), "answer_numbers_all": [[v, 0.01] for v in at.values()]}),
        goal("fleet/reason", "chinese", "投诉原因里最多的是什么，有几次？", number(reason.most_common(1)[0][1], answer_contains_all=[reason.most_common(1)[0][0]])),
        goal("fleet/open", "chinese", "还没处理的投诉有多少条", number(len(open_))),
        goal("fleet/late-pct", "chinese", "因为迟到的投诉占多大比例？用百分数表示", number(100 * reason["迟到"] / len(complaints), 0.06)),
        goal("fleet/by-shift", "chinese", "按班次统计投诉数量", {"answer_contains_all": list(by_shift), "answer_numbers_all": [[v, 0] for v in by_shift.values()]}),
        goal("fleet/odometer", "chinese", "TK-104从1月到8月里程表走了多少公里？", number(walked)),
        goal("fleet/odometers", "chinese", "1月到8月TK-104和TK-131哪辆跑得更多，差多少公里？", number(walked - other, 0, sign="any", answer_contains_all=["TK-104" if walked > other else "TK-131"])),
        goal("fleet/july", "chinese", "三月比七月多加了几次油？", number(len(july) - len(march), 0, sign="any")),
        goal("fleet/top", "chinese", "送货站点（stops）最多的前两名司机", words(*top[:2], answer_not_contains=top[2:])),
        goal("fleet/salary", "impossible", "罗建国的工资是多少？", NEVER),
        goal("fleet/broken", "impossible", "请统计 旧/2023 加油.csv 里的总升数", NEVER),
        goal("fleet/parking", "impossible", "which van has the most parking tickets", NEVER),
        goal("fleet/this", "ambiguous", "这个月怎么样", ASKS),
        goal("fleet/change", "ambiguous", "改一下时间", ASKS),
        goal("fleet/sheet", "ambiguous", "make the table nicer", ASKS),
    ]  # fmt: skip
