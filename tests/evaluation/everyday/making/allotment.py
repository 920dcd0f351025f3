"""An allotment-garden association: goals over its tables, papers and logs."""

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from tests.evaluation.everyday.making import allotment_work
from tests.evaluation.everyday.making.allotment_figures import each, either, mean, ranked, total, totals
from tests.evaluation.everyday.making.allotment_files import PRICES_2026, Garden, make, write
from tests.evaluation.everyday.making.goal import ASKS, NEVER, goal, number, words

SPRING, AUTUMN, MARKET_DAY, PARTY = date(2025, 3, 13), date(2025, 9, 18), date(2025, 5, 10), date(2025, 7, 12)


def build(out: Path, web: Path) -> list[dict[str, Any]]:
    garden = make(random.Random(5113))
    write(garden, out, web)
    return [
        *_tables(garden),
        *_groups(garden),
        *_papers(),
        *_logs(garden),
        *_dates(garden),
        *_unclear(garden),
        *allotment_work.goals(garden),
    ]


def spoken(day: date) -> list[str]:
    """Ways to write a day whose number ends in "th"."""
    return [f"{day}", f"{day.day} {day:%B}", f"{day:%B} {day.day}", f"{day.day}th {day:%B}", f"{day.day}th of {day:%B}", f"{day:%B} {day.day}th", f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day.year}", f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}"]  # fmt: skip


def _tables(garden: Garden) -> list[dict[str, Any]]:
    rain = sum(w["rain_mm"] > 10 for w in garden.weather)
    beans = sum(h["crop"] == "beans" for h in garden.harvest)
    name = next(m["name"] for m in garden.members if m["member"] == "M117")
    return [
        goal("allotment/pump-off", "lookup", "When does the pump stop in the evening? It must be in settings.yaml.", words("22:30")),
        goal("allotment/key", "lookup", "what's the deposit for a key in 2026", number(PRICES_2026["deposit"]["key"])),
        goal("allotment/m117", "lookup", "Who is member M117?", words(name)),
        goal("allotment/plumber", "lookup", "There's water all over the hut, whom can I call for the plumbing and at what number?", words("Jana Reuter", ["0555 0172", "05550172", "0555-0172"])),
        goal("allotment/vacant", "count", "How many plots in plots.csv have no member?", number(sum(not p["member"] for p in garden.plots))),
        goal("allotment/wet-days", "count", "On how many days of 2025 did more than 10 mm of rain fall? weather/2025.tsv", number(rain)),
        goal("allotment/bean-entries", "count", "count the entries for beans in harvest.jsonl", number(beans)),
        goal("allotment/frost", "count", "How often does the word frost occur in chronicle.txt?", number(garden.chronicle.lower().count("frost"))),
        goal("allotment/moisture", "aggregate", "Mean of moisture_pct in soil.parquet, two decimals please.", number(mean(garden.soil, "moisture_pct"), 0.006)),
        goal("allotment/median", "aggregate", "What is the median size of our plots in square metres?", number(median(p["area_m2"] for p in garden.plots), 0.01)),
        goal("allotment/food-bank", "aggregate", "how much kg did we give to the food bank alltogether? one decimal", number(total(garden.harvest, "kg", food_bank=True), 0.06)),
        goal("allotment/water", "aggregate", "How many cubic metres of water ran through all the meters between the two readings?", number(sum(m["end_m3"] - m["start_m3"] for m in garden.meters), 0.06)),
        goal("allotment/bed", "calc", "A raised bed is 2.4 m long, 1.1 m wide and 0.35 m deep. How many litres of earth fit into it?", number(2.4 * 1.1 * 0.35 * 1000, 0.01)),
        goal("allotment/bill", "calc", "412.85 euro shared by 23 people, what does each pay? two decimals", number(412.85 / 23, 0.006)),
        goal("allotment/rise", "calc", "The lease is 1260 euro and goes up by 3.5% every year. What will it be after four years?", number(1260 * 1.035**4, 0.51)),
    ]  # fmt: skip


def _groups(garden: Garden) -> list[dict[str, Any]]:
    sections = Counter(p["section"] for p in garden.plots)
    crops = totals(garden.harvest, "crop", "kg")
    deep = {bed: mean(garden.soil, "moisture_pct", bed=bed, depth_cm=30) for bed in {row["bed"] for row in garden.soil}}
    dry = ranked({bed: -value for bed, value in deep.items()}, 0.02)[0]
    old = [m["name"] for m in garden.members if m["joined"] < "1990"]
    months = totals([{**w, "month": w["day"][:7]} for w in garden.weather], "month", "rain_mm")
    wettest = ranked(months, 0.1)[0]
    plots = totals(garden.harvest, "plot", "kg")
    best = ranked(plots, 0.1)
    named = date.fromisoformat(f"{wettest}-01")
    shed = {
        s: 100 * sum(p["shed"] == "yes" for p in garden.plots if p["section"] == s) / n for s, n in sections.items()
    }
    return [
        goal("allotment/crop-kg", "filter-group", "kg per crop from harvest.jsonl (one decimal)", each(crops, 0.06)),
        goal("allotment/dry-bed", "filter-group", "Which bed had the driest soil on average at a depth of 30 cm, and what was that average? (soil.parquet, 2 decimals)", number(deep[dry], 0.006, answer_contains_all=[dry])),
        goal("allotment/old-members", "filter-group", "Who joined before 1990? Give me the names.", words(*old, answer_not_contains=[m["name"] for m in garden.members if m["joined"] > "2000"][:4])),
        goal("allotment/wet-month", "filter-group", "Which month of 2025 had the most rain in total, and how many mm were it?", number(months[wettest], 0.06, answer_contains_all=[[f"{named:%B}", f"{named:%b}", wettest, f"{named:%m}", str(named.month)]])),
        goal("allotment/top-plots", "filter-group", "the three plots with the largest harvest by weight, best first", {"answer_order": best[:3], "answer_not_contains": best[3:6]}),
        goal("allotment/sheds", "filter-group", "For every section: what percentage of the plots has a shed? One decimal.", each(shed, 0.06)),
    ]  # fmt: skip


def _papers() -> list[dict[str, Any]]:
    return [
        goal("allotment/upside-down", "search-passage", "Why do we have to store the wheelbarrows upside down?", words(["rust*"])),
        goal("allotment/contributor", "search-passage", "How does the Apache licence define \"Contributor\"? Quote the start of the definition.", words("Licensor and any individual or Legal Entity")),
        goal("allotment/bench", "search-passage", "Who gave us the bench by the pond? I think it is told in chronicle.txt.", words("Brandvik")),
        goal("allotment/thuja", "search-passage", "can I put thuja on the compost heap, and why or why not", words(["slow*", "five years"])),
        goal("allotment/first-chair", "search-passage", "who was the very first chairman", words("Emmerich")),
        goal("allotment/spring", "read-summarise", "Summarise the minutes of the spring meeting in fewer than 400 characters.",
             {"answer_at_least": [2, [["market", "10 May", "stalls"], ["party", "band", "450"], ["pump", "380", "Karimi"], ["hedge", "hornbeam"], ["school", "children"]]], "max_chars": 400}),
        goal("allotment/autumn", "read-summarise", "What was decided in the autumn meeting? Three sentences at most.",
             {"answer_at_least": [2, [["Haddad", "treasurer"], ["shredder", "1,460", "1460", "Oberau"], ["lamp", "offers", "broken"], ["rent", "price of water", "rise*"]]], "max_chars": 700}),
        goal("allotment/waterworks", "read-summarise", "what do the waterworks want from us, in short",
             {"answer_at_least": [2, [["meter", "40-7713"], ["6 October", "October 6"], ["open*", "pit", "Jansky"], ["95", "lid"], ["radio"]]], "max_chars": 600}),
        goal("allotment/insurance", "read-summarise", "Please sum up the attached letter for the committee (500 characters or less).",
             {"answer_at_least": [2, [["2,150", "2150", "greenhouse"], ["shed", "not covered", "nails"], ["thirty", "30"], ["photo*"], ["318", "premium"]]], "max_chars": 500}, ("letters/insurance.txt",)),
        goal("allotment/compost", "read-summarise", "Give me the key points of compost.md.",
             {"answer_at_least": [2, [["brown", "green"], ["cooked", "rats"], ["blight", "potato*"], ["six weeks", "turn*"], ["nine months", "siev*", "12 mm"]]], "max_chars": 1100}),
        goal("allotment/history", "read-summarise", "Tell our guests the history of the gardens in 600 characters at most. Source: chronicle.txt",
             {"answer_at_least": [2, [["1921", "railway"], ["flood", "1954"], ["pump house", "1978"], ["water main", "1986"], ["road", "signatures", "2003"]]], "max_chars": 600}),
    ]  # fmt: skip


def _logs(garden: Garden) -> list[dict[str, Any]]:
    taken = {r["tool"] for r in garden.shed}
    gone: set[str] = set()
    for row in garden.shed:
        (gone.add if row["word"] == "OUT" else gone.discard)(row["tool"])
    errors = [r for r in garden.pump if r["level"] == "ERROR"]
    warned = Counter(str(r["at"].date()) for r in garden.pump if r["level"] == "WARNING")
    levels = Counter(r["level"] for r in garden.pump)
    refused = Counter(r["card"] for r in garden.gate if r["result"] == "refused")
    card, last = ranked(refused)[0], errors[-1]["at"]
    return [
        goal("allotment/still-out", "log-analysis", "which tools haven't been brought back? (logs/shed.log, OUT without a BACK)", words(*sorted(gone), answer_not_contains=sorted(taken - gone))),
        goal("allotment/last-error", "log-analysis", "How many errors are in pump.log and when did the last one happen?", number(len(errors), answer_contains_all=[[last.isoformat(), f"{last:%H:%M:%S}", f"{last:%H:%M}"]])),
        goal("allotment/warning-day", "log-analysis", "On which day did the pump give the most warnings?", words(spoken(date.fromisoformat(ranked(warned)[0])))),
        goal("allotment/refused", "log-analysis", "Which card was refused most often in gate.jsonl? How often?", number(refused[card], answer_contains_all=[card])),
        goal("allotment/levels", "log-analysis", "number of entries per level in pump.log", each(levels)),
        goal("allotment/error-span", "log-analysis", "How many hours passed between the first and the last ERROR in pump.log? One decimal.", number((last - errors[0]["at"]).total_seconds() / 3600, 0.06)),
    ]  # fmt: skip


def _dates(garden: Garden) -> list[dict[str, Any]]:
    joined = date.fromisoformat(next(m["joined"] for m in garden.members if m["member"] == "M122"))
    area = next(p["area_m2"] for p in garden.plots if p["plot"] == "P17")
    return [
        goal("allotment/market-days", "units-dates", "How many days lie between the spring meeting of 2025 and the plant market?", number((MARKET_DAY - SPRING).days)),
        goal("allotment/square-feet", "units-dates", "How many square feet is plot P17? One decimal.", number(area / 0.3048**2, 0.06)),
        goal("allotment/party-day", "units-dates", "what day of the week is the summer party (date is in the minutes)", words(f"{PARTY:%A}")),
        goal("allotment/six-weeks", "units-dates", "Objections are possible until six weeks after the autumn meeting of 2025. Which date is that?", words(spoken(AUTUMN + timedelta(weeks=6)))),
        goal("allotment/full-years", "units-dates", "For how many full years had M122 been a member on 1 January 2026?", number(2026 - joined.year - ((joined.month, joined.day) > (1, 1)))),
        goal("allotment/acres", "units-dates", "3.5 hectares in acres, 2 decimals", number(3.5 / 0.40468564224, 0.006)),
    ]  # fmt: skip


def _unclear(garden: Garden) -> list[dict[str, Any]]:
    hours = [[m["work_hours"], 0] for m in garden.members if m["name"].startswith("Anna ")]
    hoses = [[article["price"], 0.001] for article in garden.shop if "hose" in article["article"]]
    summer = sum(w["rain_mm"] for w in garden.weather if "2025-06-01" <= w["day"] <= "2025-08-31")
    by_sun = sum(w["rain_mm"] for w in garden.weather if "2025-06-21" <= w["day"] <= "2025-09-22")
    return [
        goal("allotment/dry-sum", "impossible", "What's the sum of amount in inbox/october.csv?", NEVER),
        goal("allotment/phosphate", "impossible", "Mean phosphate content of the alder bed, from soil.parquet", NEVER),
        goal("allotment/next-year", "impossible", "How many days over 30 degrees does weather/2031.tsv show?", NEVER),
        goal("allotment/cut-off", "impossible", "what is the average ph in inbox/soil lab.json", {"any_of": [NEVER, number(6.4, 0.001)]}),
        goal("allotment/catalogue", "impossible", "Get {web}/catalogue-2026.json and tell me the price of the cheapest apple tree.", NEVER),
        goal("allotment/mail", "impossible", "Send the minutes of the autumn meeting to all members by e-mail.", NEVER),
        goal("allotment/old-ones", "ambiguous", "Delete the old ones.", ASKS),
        goal("allotment/hers", "ambiguous", "How many hours of common work did Anna do?", either({"answer_numbers_all": hours, "answer_contains_all": ["Okafor", "Keller"]})),
        goal("allotment/hose", "ambiguous", "what does the garden hose cost?", either({"answer_numbers_all": hoses})),
        goal("allotment/summer", "ambiguous", "How much rain did we have in the summer?", either(number(summer, 0.06), number(by_sun, 0.06))),
        goal("allotment/other-folder", "ambiguous", "Put it into the other folder.", ASKS),
        goal("allotment/raise", "ambiguous", "Raise the price a bit", ASKS),
    ]  # fmt: skip
