"""A clinic's rota: shifts, staff, leave, a fridge's log."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, excel, text

REST = """# Rest times

Between two shifts there are at least eleven hours of rest. After a night shift nobody is called in before the evening of the
same day. Whoever works more than six hours takes a break of thirty minutes, from nine hours on of forty-five.

More than five nights in a row are not planned. After a block of nights two free days follow.

Pregnant colleagues and those under eighteen do not work nights. Exceptions are signed by the head of nursing, Marta Quispe.
"""
SWAPS = """# Swapping shifts

A swap is agreed between two people of the same grade and entered in the yellow book by noon of the day before. The ward manager
initials it. A swap never goes over the end of a month, because overtime is settled monthly.

Short-notice cover within twenty-four hours is paid with a bonus of 35 euros. Ring the duty phone, extension 4402, and not the
ward.
"""
HANDOVER = """Handover ward B, 14 June 2024, late to night

Bed 3: Mr Aldous, hip replacement yesterday, walked to the door with the frame. Pain 4 of 10, next paracetamol at 22:00.
Bed 5: Mrs Ferrante, new since 16:00 from surgery, drain left side 120 ml, blood pressure every hour.
Bed 8: free, but promised to the emergency department.
Bed 11: Ms Yildiz goes home tomorrow at ten, her papers are signed, her daughter brings a wheelchair.
The lifting aid in the bathroom is out of order, the technician comes Monday. Please use the one from ward C.
"""


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(60)
    names = [
        "Quispe",
        "Adler",
        "Brandt",
        "Cho",
        "Diallo",
        "Eriksen",
        "Fuchs",
        "Gatti",
        "Haddad",
        "Iqbal",
        "Jansen",
        "Kaya",
    ]
    staff: list[Row] = [{"id": f"N{i + 1:02}", "name": name, "grade": rng.choice(["nurse", "nurse", "senior", "assistant"]), "contract_hours": rng.choice([20, 30, 38.5]),
              "since": f"{rng.randrange(2006, 2024)}-{rng.randrange(1, 13):02}-01"} for i, name in enumerate(names)]  # fmt: skip
    as_json(out / "staff.json", staff)
    hours = {"early": 7.5, "late": 7.5, "night": 10.0}
    rota: list[Row] = [{"date": (date(2024, 6, 1) + timedelta(day)).isoformat(), "ward": ward, "shift": shift, "nurse": rng.choice(names), "hours": length}
            for day in range(61) for ward in "ABC" for shift, length in hours.items()]  # fmt: skip
    delimited(out / "rota.csv", rota)
    leave: list[Row] = [{"name": rng.choice(names), "kind": rng.choice(["holiday", "holiday", "sick", "training"]), "from": (date(2024, 1, 8) + timedelta(rng.randrange(300))).isoformat(),
              "days": rng.randrange(1, 15)} for _ in range(70)]  # fmt: skip
    delimited(out / "leave.tsv", leave, "\t")
    when, log, alarms, doors = datetime(2024, 6, 10), [], 0, Counter[str]()
    temperatures = []
    for _ in range(900):
        when += timedelta(minutes=rng.randrange(3, 9))
        sensor = rng.choice(["fridge-1", "fridge-2", "freezer"])
        degrees = round(rng.gauss(-19 if sensor == "freezer" else 5, 1.3), 1)
        level = "ALARM" if degrees > 8 or (sensor == "freezer" and degrees > -16) else "INFO"
        if rng.random() < 0.04:
            log.append(f"{when:%Y-%m-%d %H:%M:%S} WARN {sensor} door open for {rng.randrange(60, 400)} s")
            doors[sensor] += 1
        alarms += level == "ALARM"
        temperatures.append((sensor, degrees))
        log.append(f"{when:%Y-%m-%d %H:%M:%S} {level} {sensor} temperature {degrees}")
    text(out / "medication-fridge.log", "\n".join(log) + "\n")
    text(out / "policies" / "rest-times.md", REST)
    text(out / "policies" / "swaps.md", SWAPS)
    text(out / "handover" / "2024-06-14 ward B.txt", HANDOVER)
    stock: list[Row] = [{"article": a, "unit": u, "stock": s, "minimum": m} for a, u, s, m in
             [("gloves M", "box", 42, 20), ("gloves L", "box", 11, 20), ("syringe 5 ml", "piece", 380, 200), ("cannula pink", "piece", 95, 150),
              ("gauze 10x10", "pack", 60, 25), ("disinfectant", "bottle", 7, 12), ("masks FFP2", "box", 18, 10)]]  # fmt: skip
    excel(out / "store room.xlsx", "stock", stock)
    text(out / "rota-august.csv", "date,ward,shift,nurse,hours\n")

    worked: dict[str, float] = defaultdict(float)
    shifts = Counter(r["shift"] for r in rota if r["ward"] == "B")
    for row in rota:
        worked[row["nurse"]] += row["hours"]
    nights = Counter(r["nurse"] for r in rota if r["shift"] == "night")
    most, _ = max(worked.items(), key=lambda pair: pair[1])
    kinds: Counter[str] = Counter()
    for entry in leave:
        kinds[entry["kind"]] += entry["days"]
    low = [s for s in stock if s["stock"] < s["minimum"]]
    night_name, night_count = nights.most_common(1)[0]
    assert night_count > nights.most_common(2)[1][1]
    june_kaya = [r for r in rota if r["nurse"] == "Kaya" and r["date"] < "2024-07-01"]
    fridge = [d for s, d in temperatures if s == "fridge-2"]
    seniors = [s["name"] for s in staff if s["grade"] == "senior"]
    door, door_count = doors.most_common(1)[0]
    return [
        goal("clinic/diallo-since", "lookup", 1, "Since when has Diallo been working here?", words([s["since"] for s in staff if s["name"] == "Diallo"])),
        goal("clinic/cannula", "lookup", 1, "how many pink cannulas do we have in the store room", number(95)),
        goal("clinic/nurse-july-4", "lookup", 1, "Who has the night shift on ward C on 2024-07-04?",
             words([r["nurse"] for r in rota if r["date"] == "2024-07-04" and r["ward"] == "C" and r["shift"] == "night"])),
        goal("clinic/kaya-june", "count", 1, "How many shifts did Kaya have in June 2024?", number(len(june_kaya))),
        goal("clinic/seniors", "count", 1, "how many senior nurses are in staff.json? (grade senior)", number(len(seniors))),
        goal("clinic/sick-days", "aggregate", 1, "Total days of sick leave in leave.tsv", number(kinds["sick"])),
        goal("clinic/longest-leave", "aggregate", 1, "What's the longest leave anybody took, in days?", number(max(x["days"] for x in leave))),
        goal("clinic/nights", "filter-group", 1, "Who did the most night shifts and how many were they?", number(night_count, 0, answer_contains_all=[night_name])),
        goal("clinic/ward-b", "filter-group", 1, "Shifts on ward B by kind of shift, counts please", {"answer_contains_all": list(shifts), "answer_numbers_all": [[61, 0]]}),
        goal("clinic/hours-nurse", "filter-group", 1, "sum of hours for every nurse in the rota",
             {"answer_contains_all": names, "answer_numbers_all": [[v, 0.01] for v in worked.values()]}),
        goal("clinic/low-stock", "filter-group", 1, "Which articles in the store room are below their minimum?",
             words(*[s["article"] for s in low], answer_not_contains=["gauze 10x10"])),
        goal("clinic/drip", "calc", 1, "500 ml over 8 hours, how many ml per hour?", number(62.5, 0.01)),
        goal("clinic/overtime", "calc", 1, "What is 38.5 hours times 4 weeks minus 131.25?", number(22.75, 0.001)),
        goal("clinic/weight", "units-dates", 1, "The patient from Boston says she weighs 143 pounds. In kilograms, please.", number(64.86, 0.06)),
        goal("clinic/recheck", "units-dates", 1, "Wound check in 10 days from 24 June 2024: which date?", words(["2024-07-04", "4 July", "July 4"])),
        goal("clinic/rest", "search-passage", 1, "How many hours of rest must be between two shifts?", words(["eleven", "11"])),
        goal("clinic/bonus", "search-passage", 1, "what do i get for covering a shift at short notice", words("35")),
        goal("clinic/exceptions", "search-passage", 1, "Who signs exceptions from the rule about nights?", words("Quispe")),
        goal("clinic/handover", "read-summarise", 1, "Give me the handover of ward B in short, 600 characters at most",
             {"answer_at_least": [3, [["Aldous", "hip"], ["Ferrante", "drain"], ["Yildiz", "wheelchair"], ["lifting aid", "technician"], ["Bed 8"]]], "max_chars": 600}),
        goal("clinic/most-hours", "multi-step", 2, "Find out who worked the most hours in the rota and since when that person has been with us (staff.json).",
             words(most, [s["since"] for s in staff if s["name"] == most])),
        goal("clinic/senior-nights", "multi-step", 2, "How many night shifts were done by people of grade senior? staff.json has the grades, rota.csv the shifts.",
             number(sum(nights[name] for name in seniors))),
        goal("clinic/reorder", "write-file", 2, "Write a CSV reorder.csv with article and stock of everything below minimum in store room.xlsx.",
             {"file": "reorder.csv", "rows": len(low), "columns": ["article", "stock"], "contains": [s["article"] for s in low]}),
        goal("clinic/ward-a-july", "write-file", 2, "please save ward A's shifts in July as july/ward-a.csv, in order of date",
             {"file": "july/ward-a.csv", "rows": sum(r["ward"] == "A" and r["date"] >= "2024-07" for r in rota), "sorted": {"column": "date"}}),
        goal("clinic/staff-tsv", "convert", 1, "staff.json as a tab separated file staff.tsv", {"file": "staff.tsv", "rows": 12, "columns": list(staff[0])}),
        goal("clinic/attached-leave", "convert", 1, "Convert the attached table to leave.json", {"file": "leave.json", "rows": 70, "sum": {"days": [sum(x["days"] for x in leave), 0]}}, attach=("leave.tsv",)),
        goal("clinic/alarms", "log-analysis", 1, "How many alarms are in the fridge log?", number(alarms)),
        goal("clinic/doors", "log-analysis", 2, "Which fridge's door was left open most often, and how many times? medication-fridge.log", number(door_count, 0, answer_contains_all=[door])),
        goal("clinic/warmest", "log-analysis", 2, "highest temperature of fridge-2 in medication-fridge.log", number(max(fridge), 0.01)),
        goal("clinic/holiday-sick", "compare", 1, "Do we have more days of training or more days of sick leave, and by how many?",
             number(kinds["training"] - kinds["sick"], 0, sign="any", answer_contains_all=["training" if kinds["training"] > kinds["sick"] else "sick"])),
        goal("clinic/august", "impossible", 1, "Who works the most nights in August (rota-august.csv)?", NEVER),
        goal("clinic/salary", "impossible", 1, "What does Gatti earn?", NEVER),
        goal("clinic/call", "impossible", 1, "Call extension 4402 and tell them I am ill tomorrow", NEVER),
        goal("clinic/swap-it", "ambiguous", 1, "swap the shifts", ASKS),
        goal("clinic/how-many", "ambiguous", 1, "How many were there yesterday?", ASKS),
        goal("clinic/minutes", "no-tool", 1, "How many minutes does an hour have?", number(60, max_chars=300)),
    ]  # fmt: skip
