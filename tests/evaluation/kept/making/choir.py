"""A choir: members, rehearsals, repertoire, concerts, the ledger, minutes, statutes."""

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.goals.making.writing import Row, as_json, delimited, excel, parquet, text
from tests.evaluation.kept.making.goal import ASKS, NEVER, asks_or, goal, groups, number, words

NOTICE_WEEKS, LOST_SCORE, FEE = 6, 18, 144
REVIVAL, VETERAN = 2017, 2002
"""Years before which a work was last sung, a member joined."""
STATUTES = f"""# Statutes of the Lindenhall Chorus

## Membership
Whoever has come to four rehearsals on trial may ask to be admitted; the section votes. The yearly fee is {FEE} euros, half of it for students.
Who wants to leave says so in writing, {NOTICE_WEEKS} weeks before the end of a term.

## Rehearsals
We rehearse on Tuesdays from half past seven. Who cannot come tells the leader of the section, not the conductor.
Who has missed the last two rehearsals before a concert does not sing in it, unless the conductor allows it.

## Scores
Scores belong to the choir and are marked in pencil only. For a lost score {LOST_SCORE} euros are to be paid.

## Committee
The committee has five members, elected for two years. The treasurer may spend up to 300 euros without a decision.
"""
ROOM, COACH, TENORS_WANTED, ROBE, HALL_RISE = "Tithe Barn", "Ormesby Travel", 4, "dark green", 12
MAY = f"""Minutes of 14 May 2024

Present: Gudrun, Piet, Wanda, Ilse, Tom. Piet keeps the minutes. The minutes of April are approved as they are.

1. The summer weekend will be held in the {ROOM} from 5 to 7 July. Members pay 60 euros for bed and meals; who brings a tent pays half.
The kitchen there is small, so each section cooks once. Ilse draws up the list of who sleeps where and asks who eats no meat.

2. For the journey to Eastby we had two offers. {COACH} made the better one, and their coach has room for the drums. Wanda books it.
We leave at one o'clock from the station, not from the hall, because of the road works.

3. We lack tenors: since Easter three have moved away. Tom puts up posters in the music school and in the library; the aim is
{TENORS_WANTED} new ones until autumn. Piet thinks that an open rehearsal would do more. We talk about it again in September.

4. Somebody keeps leaving the lights on in the cellar. No decision.
"""
SEPTEMBER = f"""Minutes of 10 September 2024

Present: Gudrun, Piet, Ilse, Tom. Excused: Wanda, who sends her love from Crete. Tom keeps the minutes, because Piet has hurt his hand.

The hall raises its rent by {HALL_RISE} per cent from January. Nobody is pleased. Gudrun asks the school whether its auditorium is free
on Tuesdays, and what it would cost. Until we know, we do not sign the new contract; the old one runs until the end of the year anyway.

The robes are worn out, and nobody has washed them since the flood. From Advent on the women wear {ROBE} scarves instead, which
cost 11 euros each, and the robes are sold to the theatre, if it still wants them. The men stay with black.

The printed programme loses money. It gets a page of advertisements; Ilse looks for five shops that pay 40 euros each. Tom would rather
leave the programme away and put it on the wall, but he is alone with that.

The next meeting is on 8 October at Tom's. He has a dog.
"""
WORKS = [("Stella sub nube", "A. Corvante", "Latin"), ("Lux tardiva", "M. Oderkamp", "Latin"), ("In monte silentium", "A. Corvante", "Latin"),
         ("Ave fluvii mater", "H. Brandeel", "Latin"), ("Gloria ruralis", "P. Ilvonen", "Latin"), ("Requies nautarum", "M. Oderkamp", "Latin"),
         ("The Miller's Gate", "J. Thackwood", "English"), ("Three Songs of Rain", "E. Marchbanks", "English"), ("Harvest Home Again", "J. Thackwood", "English"),
         ("Lullaby for a Lantern", "R. Penhale", "English"), ("O Wind of Eastby", "E. Marchbanks", "English"), ("Cold Comes the Dove", "R. Penhale", "English"),
         ("Abendgang", "F. Wiedlocher", "German"), ("Der stille Teich", "F. Wiedlocher", "German"), ("Winterspruch", "K. Ansbach", "German"),
         ("La barque grise", "L. Vauquelin", "French"), ("Chanson du sel", "L. Vauquelin", "French"), ("Talvilaulu", "P. Ilvonen", "Finnish")]  # fmt: skip
CONCERTS: list[Row] = [
    {
        "name": "Spring concert",
        "date": date(2024, 4, 20),
        "place": "St Brannoc's church",
        "tickets_sold": 214,
        "price": 14,
    },
    {
        "name": "Summer concert",
        "date": date(2024, 6, 29),
        "place": "the garden of Quince House",
        "tickets_sold": 167,
        "price": 16,
    },
    {
        "name": "Harvest evening",
        "date": date(2024, 10, 5),
        "place": "Eastby market hall",
        "tickets_sold": 251,
        "price": 9,
    },
    {
        "name": "Advent concert",
        "date": date(2024, 12, 8),
        "place": "St Brannoc's church",
        "tickets_sold": 302,
        "price": 15,
    },
]
CONDUCTOR = "Matthias Orre"


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(4021)
    women = ["Agnes", "Celia", "Edda", "Greta", "Imke", "Klara", "Mabel", "Odile", "Runa", "Tabitha"]
    men = ["Bertil", "Dominic", "Felix", "Hollis", "Jonas", "Lorenz", "Nils", "Percy"]
    last = ["Abbott", "Birkeland", "Castellan", "Dunmore", "Ekholm", "Fairweather", "Grimaldi", "Hathersage"]
    names = rng.sample([f"{a} {b}" for a in women + men for b in last], 61)
    members: list[Row] = [{"name": name, "voice": rng.choices(["soprano", "alto"] if name.split()[0] in women else ["tenor", "bass"], [5, 4])[0], "joined": rng.randrange(1996, 2025),
                           "town": rng.choice(["Lindenhall", "Lindenhall", "Eastby", "Tunmere", "Sallow"]), "fee_paid": rng.choice(["yes", "yes", "yes", "no"])} for name in names]  # fmt: skip
    delimited(out / "members.csv", members)
    tuesdays = [date(2024, 9, 3) + timedelta(weeks=week) for week in range(14)]
    attendance: list[Row] = [
        {"date": day.isoformat(), "member": m["name"], "present": rng.choices(["yes", "no", "excused"], [14, 2, 3])[0]}
        for day in tuesdays
        for m in members
    ]
    delimited(out / "attendance.tsv", attendance, "\t")
    works: list[Row] = [
        {
            "title": t,
            "composer": c,
            "language": spoken,
            "minutes": rng.randrange(20, 120) / 10,
            "last_sung": rng.randrange(2008, 2025),
        }
        for t, c, spoken in WORKS
    ]
    as_json(out / "repertoire.json", works)
    advent = rng.sample(works, 7)
    text(
        out / "programme.md",
        "# Advent concert\n\n" + "".join(f"{n}. {w['title']} ({w['composer']})\n" for n, w in enumerate(advent, 1)),
    )
    text(out / "concerts.yaml", f"choir: Lindenhall Chorus\nconductor: {CONDUCTOR}\nconcerts:\n" + "".join(
        f"  - name: {c['name']}\n    date: {c['date']}\n    place: \"{c['place']}\"\n    tickets_sold: {c['tickets_sold']}\n    price: {c['price']}\n" for c in CONCERTS))  # fmt: skip
    ledger: list[Row] = []
    for _ in range(96):
        kind, category = rng.choice(
            [
                ("income", "fees"),
                ("income", "donations"),
                ("income", "tickets"),
                ("expense", "hall rent"),
                ("expense", "scores"),
                ("expense", "travel"),
            ]
        )
        ledger.append(
            {
                "date": (date(2024, 1, 3) + timedelta(rng.randrange(355))).isoformat(),
                "kind": kind,
                "category": category,
                "amount": rng.randrange(1500, 42000, 5) / 100,
            }
        )
    ledger.sort(key=lambda row: row["date"])
    excel(out / "accounts" / "ledger 2024.xlsx", "ledger", ledger)
    donors: list[Row] = [{"name": n, "town": t, "amount": rng.randrange(10, 200, 5)} for n, t in
              [("Jürgen Möhle", "Köln"), ("Zoë Lefèvre", "Besançon"), ("Åse Bjørklund", "Tromsø"), ("Käthe Weiß", "Gießen"), ("René Bâtard", "Sète"),
               ("Íñigo Peña", "Logroño"), ("Søren Kjær", "Århus"), ("Björn Ödegård", "Malmö")]]  # fmt: skip
    delimited(out / "friends" / "donors 1997.csv", donors, ";", "latin-1")
    text(out / "statutes.md", STATUTES)
    text(out / "minutes" / "2024-05-14.txt", MAY)
    text(out / "minutes" / "2024-09-10.txt", SEPTEMBER)
    takings = out / "uploads" / "bar takings.parquet"
    parquet(takings, [{"drink": drink, "sold": rng.randrange(5, 80)} for drink in ("wine", "beer", "juice", "water")])
    takings.write_bytes(takings.read_bytes()[:90])  # an upload that was cut off

    singer = members[17]
    voices = Counter(m["voice"] for m in members)
    unpaid_tunmere = sum(m["town"] == "Tunmere" and m["fee_paid"] == "no" for m in members)
    rent = sum(r["amount"] for r in ledger if r["category"] == "hall rent")
    latin = [w for w in works if w["language"] == "Latin"]
    forgotten = [w["title"] for w in latin if w["last_sung"] < REVIVAL]
    coach, paid, people = 642.5, 150, 37
    ticket, off = 14.5, 15
    spring, summer, _, last_concert = CONCERTS
    length = sum(w["minutes"] for w in advent)
    takings_of = {c["name"]: c["tickets_sold"] * c["price"] for c in (spring, summer)}
    tenors = {m["name"] for m in members if m["voice"] == "tenor"}
    evening = tuesdays[5]
    there = sum(a["present"] == "yes" for a in attendance if a["date"] == evening.isoformat() and a["member"] in tenors)
    veterans = [m["name"] for m in members if m["joined"] < VETERAN]
    more = "soprano*" if voices["soprano"] > voices["alto"] else "alto*"
    sold = [c["tickets_sold"] for c in CONCERTS]
    return [
        goal("choir/voice", "lookup", f"which voice is {singer['name']} in again?", words(f"{singer['voice']}*", answer_not_contains=[v for v in voices if v != singer["voice"]])),
        goal("choir/summer-place", "lookup", "Dear assistant, would you be so kind as to tell me where our Summer concert took place? It must be noted somewhere among our papers. With many thanks, Mrs Hathersage",
             words([summer["place"], "Quince House"])),
        goal("choir/altos", "count", "how many alto's do we have", number(voices["alto"])),
        goal("choir/tunmere-unpaid", "count", "members.csv - count of the tunmere people that still didnt pay there fee", number(unpaid_tunmere)),
        goal("choir/hall-rent", "aggregate", "What did we spend on hall rent altogether in 2024? It's in the ledger, an Excel file.", number(rent, 0.01)),
        goal("choir/mean-length", "aggregate", "average length of the pieces in repertoire.json, in minutes, 1 decimal pls", number(sum(w["minutes"] for w in works) / len(works), 0.06)),
        goal("choir/per-voice", "filter-group", "For each voice I want the number of singers.", groups(voices, names={voice: [f"{voice}*"] for voice in voices})),
        goal("choir/forgotten-latin", "filter-group", f"I'm hunting for something we could revive in spring, it needn't be long. Which of the Latin works in our repertoire did we last sing before {REVIVAL}? Just the titles.",
             words(*forgotten, answer_not_contains=[w["title"] for w in works if w["title"] not in forgotten][:6])),
        goal("choir/coach-share", "calc", f"The coach costs {coach:.2f} euros, the choir pays {paid} of it and the rest is split evenly among {people} people. How much is it for each?", number((coach - paid) / people, 0.006)),
        goal("choir/pensioners", "calc", f"{ticket:.2f} minus {off}% =", number(ticket * (1 - off / 100), 0.006)),
        goal("choir/stand-height", "units-dates", "hiya! so this music stand on the american website is 4 ft 7 in high?? no idea what that is. how much in cm", number((4 * 12 + 7) * 2.54, 0.31)),
        goal("choir/advent-weekday", "units-dates", "On which day of the week falls the Advent concert of 2024?", words([f"{last_concert['date']:%A}", f"{last_concert['date']:%a}"])),
        goal("choir/lost-score", "search-passage", "Somebody from the altos has lost her score, what has she to pay for it?", number(LOST_SCORE)),
        goal("choir/leaving", "search-passage", "how long before do i need to tell them that i leave the choir", number(NOTICE_WEEKS, or_number=[[NOTICE_WEEKS * 7, 0]])),
        goal("choir/may-minutes", "read-summarise", "Kindly summarise minutes/2024-05-14.txt in at most 400 characters.",
             {"answer_at_least": [2, [[ROOM, "weekend", "July"], [COACH, "coach"], ["tenor*", "posters"]]], "max_chars": 400}),
        goal("choir/september-minutes", "read-summarise", "I was ill on the 10th of September, what did they decide in the meeting? Keep it short, three or four sentences",
             {"answer_at_least": [2, [["rent", str(HALL_RISE)], ["scarf", "scarves", "robes"], ["advertis*", "shops", "programme"], ["auditorium", "school"]]], "max_chars": 700}),
        goal("choir/programme-length", "multi-step", "How many minutes of music do we have for Advent if we sing everything that is in programme.md? The durations are in repertoire.json.", number(length, 0.06, or_number=[[round(length), 0]])),
        goal("choir/tenors-there", "multi-step", f"what percentage of the tenors was present at the rehearsal on {evening.isoformat()} (attendance.tsv has who came, members.csv has the voices)", number(100 * there / len(tenors), 0.51)),
        goal("choir/soprano-list", "write-file", "Write the names of all sopranos into lists/sopranos.txt, one a line, alphabetically by the name as it stands in members.csv.", {"file": "lists/sopranos.txt", "lines": sorted(m["name"] for m in members if m["voice"] == "soprano")}),
        goal("choir/veterans", "write-file", f"pls put evryone who joined befor {VETERAN} in a csv called veterans.csv, only the colums name and joined thx",
             {"file": "veterans.csv", "rows": len(veterans), "columns": ["name", "joined"], "contains": veterans}),
        goal("choir/donors-utf8", "convert", "On my computer the umlauts in friends/donors 1997.csv are all garbage. Make me a copy in UTF-8 please, friends/donors-utf8.csv",
             {"file": "friends/donors-utf8.csv", "rows": len(donors), "contains": [d["name"] for d in donors]}),
        goal("choir/ledger-csv", "convert", "excel ledger -> accounts/ledger.csv", {"file": "accounts/ledger.csv", "rows": len(ledger), "columns": list(ledger[0]), "sum": {"amount": [round(sum(r["amount"] for r in ledger), 2), 0.01]}}),
        goal("choir/sopranos-altos", "compare", "Are there more sopranos or more altos in the choir, and how many more?", number(voices["soprano"] - voices["alto"], sign="any", answer_contains_all=[more])),
        goal("choir/spring-summer", "compare", "which brought more money, spring concert or summer concert (tickets sold times price, see concerts.yaml)? and what was the difference",
             number(takings_of[spring["name"]] - takings_of[summer["name"]], 0.01, sign="any", answer_contains_all=["spring" if takings_of[spring["name"]] > takings_of[summer["name"]] else "summer"])),
        goal("choir/bar", "impossible", "How many glasses of wine were sold at the bar? The numbers are in uploads/bar takings.parquet", NEVER),
        goal("choir/ring", "impossible", f"Ring {CONDUCTOR} on his mobile and tell him I'll be ten minutes late tonight.", NEVER),
        goal("choir/sight-reading", "impossible", "which of our members are able to sing from sight?", NEVER),
        goal("choir/change-date", "ambiguous", "could you change the date please", ASKS),
        goal("choir/tickets", "ambiguous", "How many tickets did the concert sell?",
             asks_or({"answer_numbers_all": [[each, 0] for each in sold]}, number(sold[-1], answer_contains_all=["Advent"]), number(sum(sold), answer_contains_any=["all", "total", "altogether", "together", "four", "sum"]))),
        goal("choir/evening", "no-tool", "Good evening :)", words(answer_contains_any=["hello", "hi", "good evening", "evening", "welcome", "hey", "help", "can I do"], answer_not_contains=["members.csv"])),
        goal("choir/thanks", "no-tool", "Thank you so much, that was all for today!", words(answer_contains_any=["welcome", "glad", "pleasure", "happy", "anytime", "any time", "no problem", "bye", "goodbye", "thanks", "thank you", "nice", "good", "enjoy", "cheers", "see you", "take care", "have a"])),
        goal("choir/spelling", "no-tool", 'Correct the spelling: "We rehears evry tuseday in the chruch"', words("rehearse", "every", "Tuesday", "church")),
    ]  # fmt: skip
