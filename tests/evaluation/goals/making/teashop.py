"""A tea shop in Hangzhou; its people write Chinese."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, excel, text

NOTICE = """# 五一放假通知

各位同事：

五一期间门店从5月1日休息到5月3日，5月4日上午九点正常营业。西湖店因装修多休息一天，5月5日开门。

值班由周敏负责，电话 0571-8822-3390。冷柜每天检查两次，记录写在蓝色本子上。

放假前请把龙井全部收进二号仓库，门口的样品茶不要过夜。
"""
MANUAL = """员工手册（节选）

一、上班时间
早班八点到下午四点，晚班下午两点到晚上十点。迟到三次扣除当月全勤奖两百元。

二、泡茶
绿茶用八十度的水，乌龙茶用九十五度，普洱茶必须用沸水，并且第一泡倒掉。给客人试喝的杯子每次用完要烫洗。

三、退货
未开封的茶叶七天内可以退货，需要小票。散装茶不退。超过一千元的退款由店长林海签字。

四、安全
仓库内禁止烟火。每月第一个星期一检查灭火器。
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(888)
    prices = {
        "龙井": 280.0,
        "碧螺春": 240.0,
        "铁观音": 160.0,
        "大红袍": 320.0,
        "普洱": 120.0,
        "茉莉花茶": 80.0,
        "白毫银针": 360.0,
    }
    shops = ["西湖店", "城站店", "滨江店"]
    sales: list[Row] = [{"日期": (date(2024, 3, 1) + timedelta(rng.randrange(92))).isoformat(), "品名": (name := rng.choice(list(prices))), "数量": rng.randrange(1, 9), "单价": prices[name], "门店": rng.choice(shops)}
             for _ in range(520)]  # fmt: skip
    delimited(out / "销售.csv", sales)
    stock: list[Row] = [{"品名": name, "库存": rng.randrange(5, 120), "产地": place, "年份": rng.choice([2021, 2022, 2023, 2024])}
             for name, place in zip(prices, ["杭州", "苏州", "安溪", "武夷山", "云南", "福州", "福鼎"], strict=True)]  # fmt: skip
    as_json(out / "库存.json", stock)
    suppliers: list[Row] = [
        {"供应商": n, "联系人": c, "电话": t, "账期": d}
        for n, c, t, d in [
            ("翠峰茶场", "吴建国", "0571-5566", 30),
            ("武夷岩茶社", "郑丽", "0599-1203", 45),
            ("滇红公司", "杨志远", "0871-9080", 60),
        ]
    ]
    delimited(out / "供应商.tsv", suppliers, "\t")
    customers: list[Row] = [
        {
            "姓名": rng.choice("王李张刘陈杨") + rng.choice(["伟", "芳", "娜", "强", "敏", "静"]),
            "级别": rng.choice(["普通", "银卡", "金卡"]),
            "积分": rng.randrange(0, 5000, 10),
        }
        for _ in range(90)
    ]
    excel(out / "客户 名单.xlsx", "客户", customers)
    text(out / "公告" / "五一放假.md", NOTICE)
    text(out / "员工手册.txt", MANUAL)
    when, lines, levels = datetime(2024, 4, 8, 9), [], Counter[str]()
    for _ in range(300):
        when += timedelta(minutes=rng.randrange(1, 6))
        level = rng.choice(["INFO"] * 8 + ["WARN", "ERROR"])
        levels[level] += 1
        lines.append(
            f"{when:%Y-%m-%d %H:%M} {level} 收银台{rng.randrange(1, 4)}: {'打印失败' if level == 'ERROR' else '网络慢' if level == 'WARN' else '结账成功'}"
        )
    text(out / "日志" / "收银.log", "\n".join(lines) + "\n")
    text(out / "旧数据" / "二月.csv", "品名,数量\n龙井,3\n普洱,5\n大红袍,2\n", "gb18030")
    text(out / "旧数据" / "一月.csv", "")

    turnover: dict[str, float] = defaultdict(float)
    count, shop_count = Counter[str](), Counter[str]()
    for row in sales:
        turnover[row["门店"]] += row["数量"] * row["单价"]
        count[row["品名"]] += row["数量"]
        shop_count[row["门店"]] += row["数量"]
    best, _ = count.most_common(1)[0]
    gold = [c for c in customers if c["级别"] == "金卡"]
    low = [s for s in stock if s["库存"] < 40]
    return [
        goal("teashop/wu", "chinese", 1, "武夷岩茶社的联系人是谁？", words("郑丽")),
        goal("teashop/stock", "chinese", 1, "白毫银针还有多少库存？", number(stock[-1]["库存"])),
        goal("teashop/gold", "chinese", 1, "客户 名单.xlsx 里有多少个金卡客户", number(len(gold))),
        goal("teashop/longjing", "chinese", 1, "销售.csv 中龙井一共卖了多少？（数量合计）", number(count["龙井"])),
        goal("teashop/points", "chinese", 1, "金卡客户的平均积分是多少，保留一位小数", number(sum(c["积分"] for c in gold) / len(gold), 0.06)),
        goal("teashop/shops", "chinese", 1, "请按门店统计销售数量", {"answer_contains_all": shops, "answer_numbers_all": [[n, 0] for n in shop_count.values()]}),
        goal("teashop/best", "chinese", 1, "哪种茶卖得最多？", words(best)),
        goal("teashop/duty", "chinese", 1, "五一期间谁值班，电话是多少？", words("周敏", "0571-8822-3390")),
        goal("teashop/water", "chinese", 1, "乌龙茶用多少度的水泡？", words(["九十五", "95"])),
        goal("teashop/refund", "chinese", 1, "一千二百元的退款要谁签字", words("林海")),
        goal("teashop/gift", "chinese", 1, "6盒茶，每盒128元，打八五折，总共多少钱？", number(652.8, 0.006)),
        goal("teashop/days", "chinese", 1, "2024年5月4日到2024年10月1日有多少天？", number(150)),
        goal("teashop/turnover", "chinese", 2, "滨江店的销售额是多少元？销售额等于数量乘以单价", number(turnover["滨江店"], 0.01)),
        goal("teashop/compare", "chinese", 1, "西湖店和城站店哪个卖的数量多？", words("西湖店" if shop_count["西湖店"] > shop_count["城站店"] else "城站店")),
        goal("teashop/gold-file", "chinese", 2, "把所有金卡客户保存到 结果/金卡.csv，按积分从高到低排序", {"file": "结果/金卡.csv", "rows": len(gold), "sorted": {"column": "积分", "descending": True}}),
        goal("teashop/stock-csv", "chinese", 1, "把库存.json转换成库存.csv", {"file": "库存.csv", "rows": 7, "columns": ["品名", "库存", "产地", "年份"], "sum": {"库存": [sum(s["库存"] for s in stock), 0]}}),
        goal("teashop/errors", "chinese", 1, "收银.log 里有多少条 ERROR？", number(levels["ERROR"])),
        goal("teashop/notice", "chinese", 1, "用两三句话总结一下五一放假通知", {"answer_at_least": [2, [["5月1日", "5月3日"], ["5月4日", "九点"], ["西湖店", "装修"], ["周敏"], ["二号仓库", "龙井"]]], "max_chars": 300}),
        goal("teashop/low", "chinese", 1, "哪些茶的库存少于40？", words(*[s["品名"] for s in low])),
        goal("teashop/february", "chinese", 1, "旧数据/二月.csv 里一共卖了多少？", number(10)),
        goal("teashop/english", "chinese", 1, "what is the phone number of 翠峰茶场?", words("0571-5566")),
        goal("teashop/january", "impossible", 1, "一月份卖了多少龙井？（旧数据/一月.csv）", NEVER),
        goal("teashop/wechat", "impossible", 1, "给王伟发一条微信，说他的茶到了", NEVER),
        goal("teashop/weather", "impossible", 1, "明天杭州会下雨吗？", NEVER),
        goal("teashop/that", "ambiguous", 1, "把那个改一下", ASKS),
        goal("teashop/hello", "no-tool", 1, "你好，谢谢你的帮助！", {"any_of": [{"not_achieved": True}, {"answer_contains_any": ["不客气", "你好", "您好", "welcome", "help*"], "max_chars": 300}]}),
    ]  # fmt: skip
