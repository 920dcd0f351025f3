"""A guesthouse: bookings, rooms, reviews, a door log; in Chinese."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, text

RULES = """住客须知

入住时间为下午三点以后，退房时间为中午十二点以前。延迟退房每小时收三十元，下午六点以后按一天计算。

早餐七点半到九点半在一楼餐厅供应，六岁以下儿童免费。房间内禁止吸烟，违者罚款二百元。

宠物须提前告知，每晚加收五十元。停车场在后院，共有八个车位，先到先得。

入住前三天取消全额退款，三天内取消扣第一晚房费。
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(73)
    rooms: list[Row] = [{"房间": n, "类型": t, "楼层": f, "床位": b, "每晚价格": p} for n, t, f, b, p in
             [("听雨", "大床房", 1, 2, 288), ("观竹", "大床房", 1, 2, 268), ("望湖", "湖景房", 2, 2, 458), ("临溪", "双床房", 1, 2, 258), ("云上", "湖景房", 3, 3, 528),
              ("松月", "家庭房", 2, 4, 568), ("小满", "双床房", 2, 2, 238)]]  # fmt: skip
    as_json(out / "房间.json", rooms)
    bookings: list[Row] = []
    for number_ in range(210):
        room = rng.choice(rooms)
        stay = rng.randrange(1, 6)
        bookings.append({"订单号": f"B{300 + number_}", "入住日期": (date(2024, 4, 1) + timedelta(rng.randrange(122))).isoformat(), "房间": room["房间"], "渠道": rng.choice(["携程", "美团", "电话", "官网"]),
                         "晚数": stay, "金额": stay * room["每晚价格"], "状态": rng.choice(["已完成", "已完成", "已完成", "已取消"])})  # fmt: skip
    delimited(out / "预订.csv", bookings)
    reviews: list[Row] = [
        {
            "日期": (date(2024, 4, 3) + timedelta(i * 2)).isoformat(),
            "房间": rng.choice(rooms)["房间"],
            "评分": rng.choice([3, 4, 5, 5]),
            "城市": rng.choice(["上海", "杭州", "南京", "苏州"]),
        }
        for i in range(48)
    ]
    delimited(out / "评价.tsv", reviews, "\t")
    text(out / "须知.txt", RULES)
    when, log = datetime(2024, 7, 1, 6, 0), []
    doors: Counter[str] = Counter()
    happened = {"INFO": "开门", "WARN": "门未关好", "ERROR": "读卡失败"}
    for _ in range(260):
        when += timedelta(minutes=rng.randrange(4, 30))
        level = rng.choices(["INFO", "WARN", "ERROR"], [14, 3, 1])[0]
        place = rng.choice(["大门", "后院", "车库"])
        doors[f"{level} {place}"] += 1
        log.append(f"{when:%Y-%m-%d %H:%M:%S} {level} {place} {happened[level]}")
    text(out / "门禁.log", "\n".join(log) + "\n")

    def rows(**same: Any) -> list[Row]:
        return [r for r in bookings if all(r[k] == v for k, v in same.items())]

    channel = Counter(r["渠道"] for r in bookings)
    money: dict[str, int] = defaultdict(int)
    nights: dict[str, int] = defaultdict(int)
    for row in bookings:
        money[row["房间"]] += row["金额"]
        nights[row["房间"]] += row["晚数"]
    by_channel = {c: sum(r["金额"] for r in rows(渠道=c)) for c in channel}
    may, june = ([r for r in bookings if r["入住日期"].startswith(f"2024-0{m}")] for m in (5, 6))
    scores: dict[str, list[int]] = defaultdict(list)
    for row in reviews:
        scores[row["城市"]].append(row["评分"])
    done = rows(状态="已完成")
    top = max(money, key=lambda r: money[r])
    few = min(nights, key=lambda r: nights[r])
    two = sorted(by_channel, key=lambda c: -by_channel[c])
    ctrip, meituan = channel["携程"], channel["美团"]
    return [
        goal("民宿/price", "chinese", "望湖一晚多少钱？", number(458)),
        goal("民宿/cancelled", "chinese", "取消了的订单有几个", number(len(rows(状态="已取消")))),
        goal("民宿/ctrip-june", "chinese", "2024年6月从携程来的预订有多少个？", number(sum(r["渠道"] == "携程" for r in june))),
        goal("民宿/income", "chinese", "已完成的订单总金额是多少", number(sum(r["金额"] for r in done))),
        goal("民宿/mean-nights", "chinese", "客人平均住几晚？保留两位小数", number(sum(r["晚数"] for r in bookings) / len(bookings), 0.006)),
        goal("民宿/top-room", "chinese", "哪个房间的收入最高？", words(top)),
        goal("民宿/few", "chinese", "哪个房间住的晚数最少", words(few)),
        goal("民宿/by-channel", "chinese", "麻烦您按渠道算一下预订数量，谢谢", {"answer_contains_all": list(channel), "answer_numbers_all": [[v, 0] for v in channel.values()]}),
        goal("民宿/top-channels", "chinese", "金额最多的两个渠道是哪些", words(*two[:2], answer_not_contains=two[2:])),
        goal("民宿/city", "chinese", "各城市客人的平均评分", {"answer_contains_all": list(scores), "answer_numbers_all": [[sum(v) / len(v), 0.01] for v in scores.values()]}),
        goal("民宿/lake", "chinese", "湖景房有哪几间？", words("望湖", "云上", answer_not_contains=["松月"])),
        goal("民宿/cheap", "chinese", "每晚价格低于260元的房间", words("临溪", "小满", answer_not_contains=["望湖"])),
        goal("民宿/may-june", "chinese", "5月和6月哪个月的预订更多，多几个？", number(len(may) - len(june), 0, sign="any")),
        goal("民宿/ctrip-meituan", "chinese", "携程的订单比美团多多少？", number(ctrip - meituan, 0, sign="any")),
        goal("民宿/breakfast", "chinese", "早餐几点开始", words(["七点半", "7:30"])),
        goal("民宿/pet", "chinese", "带狗住一晚要加多少钱？须知.txt", words(["五十", "50"])),
        goal("民宿/log", "chinese", "门禁.log 里读卡失败出现了多少次", number(sum(v for k, v in doors.items() if k.startswith("ERROR")))),
        goal("民宿/warn-place", "chinese", "门禁日志里哪个地方的 WARN 最多？", words(max(("大门", "后院", "车库"), key=lambda p: doors[f"WARN {p}"]))),
        goal("民宿/file", "chinese", "把美团的已完成订单导出到 导出/美团.csv", {"file": "导出/美团.csv", "rows": len(rows(渠道="美团", 状态="已完成"))}),
        goal("民宿/group-file", "chinese", "统计每个房间的总金额，保存为 收入.csv", {"file": "收入.csv", "rows": 7, "numbers": [[v, 0] for v in money.values()]}),
        goal("民宿/convert", "chinese", "请将评价.tsv转为评价.json", {"file": "评价.json", "rows": 48}),
        goal("民宿/percent", "chinese", "取消的订单占百分之几？", number(100 * len(rows(状态="已取消")) / len(bookings), 0.06)),
        goal("民宿/discount", "chinese", "288元打九折是多少", number(259.2, 0.01)),
        goal("民宿/english", "chinese", "How many bookings came through 官网?", number(channel["官网"])),
        goal("民宿/english-sum", "chinese", "total 金额 for room 云上", number(money["云上"])),
        goal("民宿/not", "chinese", "除了电话以外的渠道一共有多少订单？", number(len(bookings) - channel["电话"])),
        goal("民宿/summary", "chinese", "须知.txt 讲了什么，简单概括一下", {"answer_at_least": [2, [["三点", "十二点"], "早餐", "宠物", ["取消", "退款"], "吸烟"]]}),
        goal("民宿/wifi", "impossible", "无线网密码是多少", NEVER),
        goal("民宿/profit", "impossible", "6月份的利润是多少？", NEVER),
        goal("民宿/order", "impossible", "帮我给携程打电话取消B301", NEVER),
        goal("民宿/next", "impossible", "下个月会有多少客人", NEVER),
        goal("民宿/that", "ambiguous", "把它删掉", ASKS),
        goal("民宿/how", "ambiguous", "那个怎么样了？", ASKS),
        goal("民宿/thanks", "no-tool", "谢谢，没事了", words(answer_contains_any=["不客气"])),
    ]  # fmt: skip
