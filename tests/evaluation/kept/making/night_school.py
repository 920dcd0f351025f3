"""An evening school in a Chinese town: courses, students, results, teachers, rooms, books, notices, the log of its doors."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.goals.making.writing import Row, as_json, delimited, json_lines, text
from tests.evaluation.kept.making.goal import ASKS, NEVER, asks_or, calendar_day, goal, groups, most, number, words

CHILD_AGE, REFUND_SHARE, CERTIFICATE = 10, 60, 80
HANDBOOK = f"""# Handbook for participants who do not read Chinese yet

**Coming late.** The doors close fifteen minutes after a lesson has begun. Ring the bell at the side entrance, the caretaker will open. He is a
patient man, but he has the stairs to climb, so please do not do it every week.

**Missed lessons** can be made up within the same month in a parallel course, if a seat is free. Tell the office beforehand, in person or by
telephone; a note on the door of the classroom is not enough.

**Leaving a course.** Until the third lesson you get {REFUND_SHARE} per cent of the tuition back, later nothing. The money goes back to the account
from which it came. Books are not taken back once your name is in them.

**Children** from the age of {CHILD_AGE} may come along if the teacher agrees. They need no card, but they count when the room is full. The pottery
oven and the kitchen are not for them.

**Receipts** for your employer are printed by the accounts desk on the second floor. Bring your card. For terms that lie more than two years back
it may take a week, because the papers are in the cellar.

**Certificate.** Whoever has attended {CERTIFICATE} per cent of the lessons receives one at the end of the term. It bears a stamp and can be translated
into English on request.
"""
GRANT, DEADLINE, RAMP = 86_000, "15 January", "ramp"
LETTER = f"""To the head of the evening school

Thank you for your application of September, which the board has read with pleasure, above all the pages about the choir of the
grandparents. The district will support the school with {GRANT:,} yuan in the coming year. We know that this is less than you asked for;
the number of applicants has doubled, the purse has not. The first half is paid in March, the second after we have seen your accounts.

There are two conditions. The building must get a {RAMP} for wheelchairs at the main entrance before summer; our building office will
gladly advise you. And at least one course in each term has to be free of charge for people over seventy. Which one it is, you decide.

Please confirm in writing by {DEADLINE} that you accept both. Otherwise the money goes to the next school on the list, and it is a long list.

With kind regards, Office for Adult Education
"""
TERM_BEGINS, HOST, HALL = date(2024, 9, 9), "何敏", "二楼礼堂"
OPENING = f"""# 开学通知

各位学员：

2024年秋季班将于2024年{TERM_BEGINS.month}月{TERM_BEGINS.day}日正式开课。开学典礼定于9月7日（星期六）下午两点半在{HALL}举行，由教务主任{HOST}主持。

请携带学员证。教材可在前台领取，押金五十元，期末归还时退回。
"""
MAKE_UP, NEW_ROOM = "30日", "B203"
CLOSED = f"""停课通知

各位学员、各位老师：

接物业公司通知，教学楼将进行电路检修。经研究决定，11月21日和22日两晚全部停课，所缺课程于11月{MAKE_UP}（星期六）补上，上课时间和教室不变。
当天不能来的学员，可以在十二月内到其他班补课，请提前三天在前台登记，名额有限，先到先得。

检修期间钢琴课原来的教室没有电，改在{NEW_ROOM}教室，直到12月初。请不要自行搬动钢琴，去年搬动以后花了两个星期才调好音。

停课的两天里办公室照常办公，可以缴费、借书、领取证书。电梯停用，请走东侧楼梯。
如有疑问，请致电前台，或者在学员群里留言。给大家带来不便，敬请谅解。
"""
TEACHERS = {
    "王建国": "Wang Jianguo",
    "王丽": "Wang Li",
    "刘芳": "Liu Fang",
    "陈涛": "Chen Tao",
    "赵敏": "Zhao Min",
    "孙浩": "Sun Hao",
    "周洁": "Zhou Jie",
    "吴磊": "Wu Lei",
    "郑琳": "Zheng Lin",
    "冯刚": "Feng Gang",
}
COURSES = [("书法", "王建国"), ("瑜伽", "王丽"), ("国画", "刘芳"), ("摄影", "陈涛"), ("钢琴", "赵敏"), ("二胡", "孙浩"), ("太极", "周洁"), ("烘焙", "吴磊"), ("英语入门", "郑琳"),
           ("日语入门", "郑琳"), ("电脑基础", "冯刚"), ("茶艺", "刘芳"), ("声乐", "赵敏"), ("园艺", "吴磊")]  # fmt: skip
DISTRICTS = {
    "东湖区": ["东湖", "Donghu"],
    "柳林区": ["柳林", "Liulin"],
    "北桥区": ["北桥", "Beiqiao"],
    "石塘区": ["石塘", "Shitang"],
}
ROOMS: dict[str, Row] = {
    "A101": {"seats": 24, "floor": 1, "projector": True},
    "A102": {"seats": 16, "floor": 1, "projector": False},
    "B201": {"seats": 30, "floor": 2, "projector": True},
    "B203": {"seats": 12, "floor": 2, "projector": False},
}
BOOKS = [
    "First Strokes",
    "Everyday English 1",
    "Everyday English 2",
    "日语五十音",
    "茶经浅说",
    "Yoga for Desks",
    "The Patient Gardener",
    "Bread and Steam",
    "Light and Shadow",
    "电脑入门图解",
]


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(6173)
    weekdays = ["周一", "周二", "周三", "周四", "周五"]
    courses: list[Row] = [{"编号": f"C{each:02}", "课程": c, "教师": t, "教室": rng.choice(list(ROOMS)), "星期": rng.choice(weekdays), "学费": rng.randrange(280, 900, 20), "名额": rng.randrange(10, 26)}
                          for each, (c, t) in enumerate(COURSES, 1)]  # fmt: skip
    delimited(out / "课程.csv", courses)
    names = rng.sample(
        [
            f"{a}{b}"
            for a in "李张杨黄林徐马朱邓郭高罗梁宋唐"
            for b in ("伟", "秀英", "娜", "强", "静", "军", "艳", "勇", "桂兰", "杰", "志明", "雪梅", "超", "婷")
        ],
        176,
    )
    students: list[Row] = [{"学号": f"S{1001 + each}", "姓名": name, "年龄": rng.randrange(17, 79), "区": rng.choices(list(DISTRICTS), [5, 4, 3, 2])[0], "课程": rng.choice(courses)["编号"],
                            "已缴费": rng.random() < 0.8} for each, name in enumerate(names)]  # fmt: skip
    json_lines(out / "学员.jsonl", students)
    scores: list[Row] = [{"学号": s["学号"], "分数": min(100, max(35, round(rng.gauss(76, 11))))} for s in students]
    delimited(out / "成绩" / "2024 秋季.csv", scores)
    teachers: list[Row] = [{"name": pinyin, "hanzi": hanzi, "rate_per_hour": rng.randrange(80, 160, 5), "hours_per_week": rng.randrange(2, 9), "email": f"{pinyin.lower().replace(' ', '.')}{rng.randrange(10, 99)}@yexiao.example"}
                           for hanzi, pinyin in TEACHERS.items()]  # fmt: skip
    as_json(out / "teachers.json", teachers)
    text(
        out / "rooms.yaml",
        "building: 文化路 8 号\nrooms:\n"
        + "".join(
            f"  {name}:\n" + "".join(f"    {k}: {str(v).lower()}\n" for k, v in room.items())
            for name, room in ROOMS.items()
        ),
    )
    books: list[Row] = [
        {"title": title, "price": rng.randrange(180, 960) / 10, "stock": rng.randrange(0, 24)} for title in BOOKS
    ]
    delimited(out / "books.tsv", books, "\t")
    old: list[Row] = [
        {"姓名": n, "入学年份": rng.randrange(1996, 2004), "班级": c}
        for n, c in [
            ("欧阳晓", "国画班"),
            ("司马青", "书法班"),
            ("诸葛岚", "合唱班"),
            ("上官雨", "书法班"),
            ("夏侯平", "烹饪班"),
            ("慕容雪", "国画班"),
        ]
    ]
    delimited(out / "旧名单.csv", old, ",", "gb18030")
    text(out / "handbook.md", HANDBOOK)
    text(out / "letters" / "district 2024-12.txt", LETTER)
    text(out / "通知" / "开学通知.md", OPENING)
    text(out / "通知" / "停课通知 11月.txt", CLOSED)
    when, log = datetime(2024, 10, 8, 17, 30), []
    granted, refused = Counter[str](), Counter[str]()
    lost = students[40]["学号"]
    for _ in range(520):
        when += timedelta(seconds=rng.randrange(15, 1400))
        door = rng.choices(["main", "A101", "A102", "B201", "side"], [8, 5, 4, 4, 1])[0]
        is_open = rng.random() < 0.9
        card = rng.choice(students)["学号"] if is_open or rng.random() < 0.7 else lost
        log.append(f"ts={when:%Y-%m-%dT%H:%M:%S} door={door} card={card} result={'granted' if is_open else 'denied'}")
        granted[door] += is_open
        refused[card] += not is_open
    text(out / "door.log", "\n".join(log) + "\n")

    course = {c["课程"]: c for c in courses}
    fee = {c["编号"]: c["学费"] for c in courses}
    teacher_of = {c["编号"]: c["教师"] for c in courses}
    unpaid = [s for s in students if not s["已缴费"]]
    marks: dict[str, list[int]] = defaultdict(list)
    for student, score in zip(students, scores, strict=True):
        marks[teacher_of[student["课程"]]].append(score["分数"])
    best, best_mean = most({teacher: sum(each) / len(each) for teacher, each in marks.items()})
    districts = Counter(s["区"] for s in students)
    unpaid_in = Counter(s["区"] for s in unpaid)
    wang = next(t for t in teachers if t["name"] == "Wang Jianguo")
    few = [b["title"] for b in books if b["stock"] < 5]
    photo, piano = course["摄影"]["学费"], course["钢琴"]["学费"]
    east, willow = districts["东湖区"], districts["柳林区"]
    door, opened = most(granted)
    card, _ = most(refused)
    people, price, room = 17, 480, 2350
    wednesday = {"周一": "Monday", "周二": "Tuesday", "周三": "Wednesday", "周四": "Thursday", "周五": "Friday"}
    day = course["书法"]["星期"]
    class_seven = [s for s in students if s["课程"] == "C07"]
    return [
        goal("夜校/calligraphy-fee", "lookup", "what's the tuition for calligraphy (书法)?", number(course["书法"]["学费"])),
        goal("夜校/wang-mail", "lookup", "I have to write to Wang Jianguo, what is his e-mail adress?", words(wang["email"])),
        goal("夜校/unpaid", "count", "How many students have not paid so far? The file is 学员.jsonl, the field 已缴费.", number(len(unpaid))),
        goal("夜校/wednesday", "count", "how many courses r on wednesday (周三)", number(sum(c["星期"] == "周三" for c in courses))),
        goal("夜校/mean-score", "aggregate", "The headmistress asks for the average score (分数) of the autumn results, to two decimals.", number(sum(s["分数"] for s in scores) / len(scores), 0.006)),
        goal("夜校/wages", "aggregate", "what do all teachers together cost us per week? rate_per_hour times hours_per_week, in teachers.json", number(sum(t["rate_per_hour"] * t["hours_per_week"] for t in teachers))),
        goal("夜校/per-district", "filter-group", "Students per district please (区 in 学员.jsonl)", groups(districts, names=DISTRICTS)),
        goal("夜校/few-books", "filter-group", "books we have less than 5 of in stock, only the titles", words(*few, answer_not_contains=[b["title"] for b in books if b["title"] not in few])),
        goal("夜校/what-remains", "calc", f"ok so {people} students pay {price} each and the room costs {room}, what remains for us?", number(people * price - room)),
        goal("夜校/brackets", "calc", "(3.5 + 4.25) * 12", number((3.5 + 4.25) * 12)),
        goal("夜校/fahrenheit", "units-dates", "My american colleague puts the heating on 68 fahrenheit. What is it in celsius?", number((68 - 32) / 1.8, 0.06)),
        goal("夜校/ten-weeks", "units-dates", "The autumn term starts on the date given in 开学通知.md (first lessons, not the ceremony). What date is exactly ten weeks later?", words(calendar_day(TERM_BEGINS + timedelta(weeks=10)))),
        goal("夜校/children", "search-passage", "From what age may children come along to a lesson?", number(CHILD_AGE)),
        goal("夜校/receipt", "search-passage", "my boss wants a receipt for the course.. where do i get one", words(["second floor", "2nd floor", "floor 2", "accounts", "accounting", "二楼"])),
        goal("夜校/letter", "read-summarise", "Please summarize the letter of the district for our teachers, 450 characters maximum.",
             {"answer_at_least": [2, [[f"{GRANT:,}", str(GRANT), f"{GRANT // 1000} thousand", f"{GRANT:,}".replace(",", " ")], [RAMP, "wheelchair*"], ["seventy", "70", "free of charge", "free course"], [DEADLINE, "January"]]], "max_chars": 450}),
        goal("夜校/handbook", "read-summarise", "handbook.md in 5 bullet points or less",
             {"answer_at_least": [3, [["fifteen", "15", "late"], ["missed", "made up", "make up"], [f"{REFUND_SHARE}", "third lesson", "refund*"], ["children", str(CHILD_AGE)], ["receipt*", "employer"], [f"{CERTIFICATE}", "certificate*"]]], "max_chars": 900}),
        goal("夜校/tuition-in", "multi-step", "How much money have we received from the students who have paid? Who paid is in 学员.jsonl, what each course costs in 课程.csv.", number(sum(fee[s["课程"]] for s in students if s["已缴费"]))),
        goal("夜校/best-teacher", "multi-step", "Whose students did best this autumn? For each teacher take the average score of the students in his or her courses, and tell me the teacher with the highest one and the value with 2 decimals. Scores: 成绩/2024 秋季.csv, students: 学员.jsonl, courses: 课程.csv", number(best_mean, 0.006, answer_contains_all=[[best, TEACHERS[best]]])),
        goal("夜校/course-seven", "write-file", "Save the students of course C07 in 名单/C07.csv, with 学号 and 姓名 as the only columns.", {"file": "名单/C07.csv", "rows": len(class_seven), "columns": ["学号", "姓名"], "contains": [s["学号"] for s in class_seven]}),
        goal("夜校/unpaid-json", "write-file", "i need a json file unpaid.json: one object, key = district (区), value = number of students there who havent paid", {"file": "unpaid.json", "json": [[each, n] for each, n in unpaid_in.items()]}),
        goal("夜校/rooms-json", "convert", "rooms.yaml -> rooms.json", {"file": "rooms.json", "json": [[f"rooms.{name}.{key}", value] for name, of in ROOMS.items() for key, value in of.items()]}),
        goal("夜校/old-list", "convert", "The attached list is from an old Windows computer (encoding GB18030). I would be grateful for a UTF-8 version under the name 旧名单-utf8.csv.", {"file": "旧名单-utf8.csv", "rows": len(old), "columns": list(old[0]), "contains": [each["姓名"] for each in old]}, attach=("旧名单.csv",)),
        goal("夜校/donghu-liulin", "compare", "do more students live in 东湖区 or in 柳林区? and how many more", number(east - willow, sign="any", answer_contains_all=[["东湖", "Donghu"] if east > willow else ["柳林", "Liulin"]])),
        goal("夜校/photo-piano", "compare", "Which course is more expensive, photography (摄影) or piano (钢琴)? What is the difference in yuan?", number(photo - piano, sign="any", answer_contains_all=[["摄影", "photography"] if photo > piano else ["钢琴", "piano"]])),
        goal("夜校/denied", "log-analysis", "how many times access was denied, acording to door.log", number(sum(refused.values()))),
        goal("夜校/busiest-door", "log-analysis", "door.log: which door let people in most often (result=granted)? Give me the count as well.", number(opened, answer_contains_all=[door])),
        goal("夜校/refused-card", "log-analysis", "Someone seems to try a blocked card over and over. Which card number was denied most in the door log?", words(card)),
        goal("夜校/书法教室", "chinese", "书法课在哪个教室上？星期几？", words(course["书法"]["教室"], [day, day.replace("周", "星期"), day.replace("周", "礼拜"), wednesday[day]])),
        goal("夜校/六十岁", "chinese", "学员里年满六十岁（含六十岁）的有几个人", number(sum(s["年龄"] >= 60 for s in students))),
        goal("夜校/典礼", "chinese", "请问开学典礼由谁主持？在什么地方举行？", words(HOST, [HALL, "礼堂"])),
        goal("夜校/平均学费", "chinese", "课程.csv里学费平均多少钱，保留一位小数", number(sum(fee.values()) / len(fee), 0.06)),
        goal("夜校/催缴", "chinese", "麻烦把还没缴费的学员姓名存到 催缴名单.txt，每行一个名字，谢谢！", {"file": "催缴名单.txt", "rows": len(unpaid), "contains": [s["姓名"] for s in unpaid]}),
        goal("夜校/停课", "chinese", "用一两句话概括一下11月的停课通知", {"answer_at_least": [2, [["电路", "检修"], ["21日", "22日", "21"], [MAKE_UP, "补"], [NEW_ROOM, "钢琴"]]], "max_chars": 200}),
        goal("夜校/survey", "impossible", "What did the students write about the yoga teacher in the evaluation forms of this term?", NEVER),
        goal("夜校/王老师", "ambiguous", "王老师教什么课？", asks_or(words(["书法", "calligraphy"], ["瑜伽", "yoga"]))),
        goal("夜校/cancel", "ambiguous", "cancel the lesson", ASKS),
        goal("夜校/next-week", "no-tool", 'How do I say "See you next week" in Chinese?', words(answer_contains_any=["下周见", "下星期见", "下礼拜见", "下个星期见", "下周再见", "下星期再见", "下週見", "下星期見", "xià zhōu jiàn", "xia zhou jian", "xiàzhōu jiàn", "xiazhou jian"])),
    ]  # fmt: skip
