"""An apple farm with a press: the harvest, the trees, the pickers, letters, a diary, the logs of pump and belt."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making.goal import goal, number, words
from tests.evaluation.goals.making.writing import Row, delimited, excel, json_lines, parquet, text

PRUNING = """# Pruning

Winter is the season, on dry days above minus five degrees. A young tree is cut back to eighty centimetres when it is planted. Old trees
lose at most a fifth of their wood in a year, or they answer with water shoots.

## Tools

Blades are wiped with spirit between two trees, so that canker does not travel. Ladders stand on the uphill side.

## After the cut

Wounds larger than a coin are left open. The old advice to paint them with wax traps the damp and does more harm than good. Cuttings are
chipped and go under the currants; wood with canker is burnt on the same day.
"""
DIARY = """14 March 2024
Grafted the Topaz on forty rootstocks. Cold hands. Ilse says I talk to the trees.

3 May 2024
The bees of Mr Sandoval arrived, twelve hives, and stay until the blossom is over. Frost on two nights, the lower block has brown flowers.

19 July 2024
Found fire blight on the Gravensteiner, three trees. Cut deep into the healthy wood and burnt everything. Reported it to the office.

2 September 2024
Press cleaned, new cloths ordered. The pump leaks at the flange.
"""
BANK = """Genossenschaftsbank Lindental
9 January 2024

Dear Mrs Aebischer,

we are pleased to grant you the loan of 18,000 euros for the new cider press. The rate of interest is 3.4 percent, fixed for five years. The first
instalment of 310 euros is due on 1 April 2024. The press itself serves as security. Please send us the signed contract by the end of the month, together
with a copy of the insurance policy. Early repayment is possible once a year without charge.

Yours sincerely,
M. Ruckstuhl
"""
INSPECTOR = """To: Hof Lindental
Concerning: plant health

The inspector, Mr Dominik Wals, will visit your orchard on 8 August 2024 at nine o'clock. Please keep the list of treatments ready and let nobody prune the
affected trees before.
"""
FROST = """Frost report of the valley station, spring 2024

Four nights with frost were recorded. The coldest night was that of 23 April, with minus 4.1 degrees at the ground. The warmest of the four was 2 May with
minus 0.3 degrees. Damage is highest in the lower terraces, where about a third of the blossom is lost.
"""


def build(out: Path, web: Path) -> list[dict[str, Any]]:
    rng = random.Random(409)
    names = ["Ilse", "Jonas", "Mirela", "Taro", "Vesna"]
    kinds = ["Boskoop", "Topaz", "Gravensteiner", "Elstar"]
    harvest: list[Row] = []
    for _ in range(230):
        crates = rng.randrange(3, 22)
        harvest.append({"day": (date(2024, 9, 5) + timedelta(rng.randrange(44))).isoformat(), "block": rng.choice(["north", "brook", "terrace"]), "variety": rng.choice(kinds), "picker": rng.choice(names), "crates": crates, "kg": round(crates * rng.uniform(15, 20), 1)})  # fmt: skip
    json_lines(out / "harvest.jsonl", harvest)
    trees: list[Row] = [{"tree": f"T{n:03d}", "block": rng.choice(["north", "brook", "brook", "terrace"]), "variety": rng.choice(kinds), "planted_year": rng.randrange(1968, 2022), "height_m": round(rng.uniform(2.1, 6.8), 2)} for n in range(1, 321)]  # fmt: skip
    parquet(out / "trees.parquet", trees)
    pickers: list[Row] = [{"name": n, "hourly_wage": w, "hours": h, "phone": p} for n, w, h, p in zip(
        names, [15.5, 14.2, 16.0, 14.8, 15.0], [182, 164, 97, 140, 121], ["079 555 0111", "079 555 0122", "079 555 0133", "079 555 0144", "079 555 0155"], strict=True)]  # fmt: skip
    excel(out / "pickers 2024.xlsx", "pickers", pickers)
    sprays: list[Row] = [{"date": d, "agent": a, "block": b, "litres": q} for d, a, b, q in
              [("2024-04-02", "copper", "north", 140), ("2024-04-19", "sulphur", "brook", 90), ("2024-05-11", "clay", "terrace", 60), ("2024-06-07", "sulphur", "north", 85)]]  # fmt: skip
    delimited(out / "sprays.tsv", sprays, "\t")
    orders: list[Row] = [{"客户": c, "瓶数": n, "单价": p} for c, n, p in [("和平饭馆", 48, 26), ("老街茶馆", 120, 24), ("陈太太", 6, 30), ("山下民宿", 72, 25)]]  # fmt: skip
    delimited(out / "果园" / "客户.csv", orders)

    when, pump = datetime(2024, 9, 21, 6, 40), []
    for _ in range(240):
        when += timedelta(seconds=rng.randrange(40, 1500))
        unit = rng.choice(["pump", "filter", "filter", "tank-2"])
        level = rng.choices(["info", "warn", "error"], [8, 3, 1])[0]
        bar = round(rng.uniform(1.1, 6.4), 1)
        pump.append({"time": when.isoformat(), "level": level, "unit": unit, "message": {"info": f"pressure {bar} bar", "warn": "flow low", "error": "valve stuck"}[level]})  # fmt: skip
    json_lines(out / "press" / "pump.log", pump)
    when, belt, lines = datetime(2024, 9, 20, 7, 0), [], []
    for _ in range(150):
        when += timedelta(minutes=rng.randrange(3, 70))
        word = rng.choices(["START", "STOP", "ALARM"], [4, 4, 1])[0]
        belt.append((when, word))
        lines.append(f"{when:%d.%m.%Y %H:%M} [belt] {word}{' stone caught' if word == 'ALARM' else ''}")
    text(out / "press" / "belt.log", "\n".join(lines) + "\n")
    for place, content in {"guide/pruning.md": PRUNING, "diary.txt": DIARY, "letters/bank.txt": BANK, "letters/inspector.txt": INSPECTOR}.items():  # fmt: skip
        text(out / place, content)
    text(out / "old trees.parquet", "PAR1 not really")
    text(web / "bottles.csv", "product,unit_price\nswing-top bottle,0.89\ncork,0.07\nlabel crate,18.4\nfunnel,5.6\n")
    text(web / "frost.txt", FROST)

    kg: dict[str, float] = defaultdict(float)
    by_picker: dict[str, float] = defaultdict(float)
    by_block: dict[str, float] = defaultdict(float)
    for row in harvest:
        kg[row["variety"]] += row["kg"]
        by_picker[row["picker"]] += row["kg"]
        by_block[row["block"]] += row["kg"]
    total, crates = sum(kg.values()), sum(row["crates"] for row in harvest)
    most_trees = Counter(t["block"] for t in trees).most_common(1)[0][0]
    boskoop = [t["height_m"] for t in trees if t["variety"] == "Boskoop"]
    best = max(by_picker, key=lambda name: by_picker[name])
    wage = next(p["hourly_wage"] for p in pickers if p["name"] == best)
    errors = [line for line in pump if line["level"] == "error"]
    per_unit, warned = Counter(e["unit"] for e in errors), Counter(e["unit"] for e in pump if e["level"] == "warn")
    alarms = [when for when, word in belt if word == "ALARM"]
    stop_day = Counter(when.date() for when, word in belt if word == "STOP").most_common(1)[0][0]
    ilse = [row for row in harvest if row["picker"] == "Ilse"]
    share = 100 * kg["Boskoop"] / total
    return [
        goal("orchard/wages", "multi-step", "What do the pickers cost me altogether? It's wage times hours, see the xlsx.", number(sum(p["hourly_wage"] * p["hours"] for p in pickers), 0.01)),
        goal("orchard/block", "multi-step", "How many kg were harvested in the block with the most trees? (trees.parquet and harvest.jsonl)", number(by_block[most_trees], 0.06)),
        goal("orchard/feet", "multi-step", "mean height of the Boskoop trees in feet, 1 decimal", number(sum(boskoop) / len(boskoop) / 0.3048, 0.06)),
        goal("orchard/bottles", "multi-step", "get {web}/bottles.csv and work out what 30 swing-top bottles, 200 corks and 2 label crates come to", number(30 * 0.89 + 200 * 0.07 + 2 * 18.4, 0.001)),
        goal("orchard/frost", "multi-step", "From {web}/frost.txt: which night was the coldest?", words(["23 April", "April 23"])),
        goal("orchard/tonnes", "multi-step", "Total harvest in tonnes, written into out/harvest.txt (3 decimals please)", {"file": "out/harvest.txt", "numbers": [[total / 1000, 0.0006]]}),
        goal("orchard/crate-pounds", "multi-step", "Average kg per crate (all the kg divided by all the crates), in pounds with 2 decimals", number(total / crates / 0.45359237, 0.006)),
        goal("orchard/best-wage", "multi-step", "who picked the most kg and what is the hourly wage of that person", number(wage, 0, answer_contains_all=[best])),
        goal("orchard/share", "multi-step", "what percentage of all kg was Boskoop? save it in share.txt, one decimal", {"file": "share.txt", "numbers": [[share, 0.06]]}),
        goal("orchard/yuan", "multi-step", "果园/客户.csv 里所有订单的总价是多少？（瓶数乘以单价）", number(sum(o["瓶数"] * o["单价"] for o in orders))),
        goal("orchard/unit-errors", "log-analysis", "pump.log: errors per unit", {"answer_contains_all": list(per_unit), "answer_numbers_all": [[v, 0] for v in per_unit.values()]}),
        goal("orchard/warned", "log-analysis", "Would you kindly tell me which unit had the most warnings in press/pump.log?", words(warned.most_common(1)[0][0])),
        goal("orchard/last-error", "log-analysis", "when happened the last error in the pump log?", words([errors[-1]["time"], errors[-1]["time"][11:]])),
        goal("orchard/stop-day", "log-analysis", "on which day did the belt stop most often? see belt.log", words([f"{stop_day}", f"{stop_day:%d.%m.%Y}", f"{stop_day.day} {stop_day:%B}", f"{stop_day:%B} {stop_day.day}"])),
        goal("orchard/alarm-span", "log-analysis", "how many minutes lie between the first ALARM and the last ALARM of belt.log", number((alarms[-1] - alarms[0]).total_seconds() / 60)),
        goal("orchard/pressure", "log-analysis", "Highest pressure in pump.log, in bar?", number(max(float(e["message"].split()[1]) for e in pump if e["level"] == "info"), 0.001)),
        goal("orchard/alarms", "log-analysis", "count the alarm lines in belt.log pls", number(len(alarms))),
        goal("orchard/hello", "no-tool", "hello, are you there?", words(answer_not_contains=["harvest.jsonl"], answer_contains_any=["hello", "hi", "here", "yes"], max_chars=400)),
        goal("orchard/day", "no-tool", "How many hours has a day?", number(24, max_chars=300)),
        goal("orchard/bank", "read-summarise", "tl;dr of letters/bank.txt (max 350 chars)",
             {"answer_at_least": [2, [["18,000", "18000", "loan"], ["3.4"], ["310", "1 April"], ["contract", "insurance"], ["repayment"]]], "max_chars": 350}),
        goal("orchard/pruning", "read-summarise", "I have no time to read the pruning guide now. What are its main points?",
             {"answer_at_least": [2, [["winter", "dry"], ["eighty", "80"], ["fifth", "water shoots"], ["spirit", "canker"], ["wax", "open"]]], "max_chars": 1200}),
        goal("orchard/diary", "read-summarise", "What is in my diary, in a few sentences?",
             {"answer_at_least": [2, [["graft*", "Topaz"], ["bees", "hives"], ["fire blight", "Gravensteiner"], ["press", "pump"]]], "max_chars": 900}),
        goal("orchard/young", "search-passage", "How far down do I cut back a young tree?", words(["eighty", "80"])),
        goal("orchard/bees", "search-passage", "whose bees were here in may", words("Sandoval")),
        goal("orchard/illness", "search-passage", "Which disease did we find on the Gravensteiner?", words("fire blight")),
        goal("orchard/interest", "search-passage", "what interest do I pay to the bank", words("3.4")),
        goal("orchard/wax", "search-passage", "Is it good to paint the wounds of a tree with wax? what do our notes say", words(["harm", "left open", "damp"])),
        goal("orchard/ilse-file", "write-file", "make a file lists/ilse.csv with everything that Ilse picked, newest first", {"file": "lists/ilse.csv", "rows": len(ilse), "sorted": {"column": "day", "descending": True}}),
        goal("orchard/phones", "write-file", "Write the names and phone numbers of the pickers to phones.csv", {"file": "phones.csv", "rows": 5, "columns": ["name", "phone"], "contains": ["079 555 0133"]}),
        goal("orchard/varieties", "write-file", "kg per variety -> out/varieties.csv, highest first", {"file": "out/varieties.csv", "rows": 4, "numbers": [[v, 0.06] for v in kg.values()]}),
        goal("orchard/todo", "write-file", "create notes/todo.txt with the text: order corks, call the bank", {"file": "notes/todo.txt", "contains": ["order corks, call the bank"], "max_chars": 30}),
        goal("orchard/excel", "convert", "Convert the pickers 2024 excel to json, call it pickers.json", {"file": "pickers.json", "rows": 5, "columns": list(pickers[0]), "sum": {"hours": [704, 0]}}),
        goal("orchard/trees-csv", "convert", "trees.parquet as csv plz: trees.csv", {"file": "trees.csv", "rows": 320, "columns": list(trees[0])}),
        goal("orchard/sprays", "convert", "I need sprays.tsv in the JSON Lines format.", {"file": "sprays.jsonl", "rows": 4, "columns": list(sprays[0]), "sum": {"litres": [375, 0]}}),
        goal("orchard/tare", "calc", "14 crates of 18.5 kg each, minus 0.8 kg tare per crate, how many kg?", number(247.8, 0.001)),
        goal("orchard/left", "calc", "If I sell 350 bottles for 4.80 each and give 30% of it to the press, what is left for me?", number(1176, 0.001)),
        goal("orchard/root", "calc", "Square root of 5329", number(73)),
        goal("orchard/instalment", "units-dates", "How many days are there between the bank's letter and the first instalment?", number(83)),
        goal("orchard/inspector", "units-dates", "how many days from the grafting of the Topaz to the visit of the inspector?", number(147)),
        goal("orchard/acres", "units-dates", "We have 12 acres. How many hectares is it?", number(4.856, 0.006)),
        goal("orchard/celsius", "units-dates", "68 °F in celsius", number(20, 0.01)),
        goal("orchard/ninety", "units-dates", "which date is 90 days after 21 September 2024", words(["2024-12-20", "20 December", "December 20"])),
    ]  # fmt: skip
