"""A small picture house: screenings, films, the kiosk, the logs of projector and ticket desk."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluation.everyday.making.goal import goal, number, words
from tests.evaluation.goals.making.writing import Row, as_json, delimited, text

HANDBOOK = """# Front of house

## Doors

We open forty minutes before the first film. Latecomers are let in during the advertisements only; after that they wait for the next
show, and their ticket is valid for it.

Dogs stay outside, except guide dogs, which sit at the end of row six.

## Money

Tickets can be given back until two hours before the film. The desk counts the float every evening; it must be 150 euros.

## Projection

The key to the projection room hangs in Beatriz's office. Nobody touches the lamp for twenty minutes after a show, because it is still
under pressure and may burst.
"""
SEPTEMBER = """Team evening, 18 September 2024

There: Beatriz, Henning, Oluchi, Pavel. Excused: Runa.
The price of a ticket goes up to 9.50 euros from November. Children still pay six.
Oluchi found a piano player for the silent films, a Mr Anselm; he wants 120 euros an evening.
The popcorn machine burnt out twice, so we rent another one until the spring.
Henning repaints the foyer in the week after the festival.
"""
DECEMBER = """Team evening, 4 December 2024

There: Beatriz, Oluchi, Runa. Excused: Henning, Pavel.
The silent film week begins on 2 March 2025 with a talk by Mr Anselm. Runa draws the poster.
Heating: the attic was at fifteen degrees on Sunday; the landlord sends somebody before Christmas.
School shows were sold out, and we add two more in January.
The lottery for season tickets brought 840 euros, which go to the new curtain.
"""
SEATS = """The new seats

After a long search the seats of the red hall were installed on 11 June 2024 by Polsterei Kruse. There are eighty-four of them, covered with
green wool. The guarantee runs for eight years. Stains go out with cold water and gall soap, never with hot water.
"""
HOUSE = """house:
  name: Lichtburg
  street: Am Wehr 3
  phone: 0461 555 0148
halls:
  blue: 120
  red: 84
  attic: 36
desk:
  float_eur: 150
  closes: "21:45"
"""


def build(out: Path, web: Path) -> list[dict[str, Any]]:
    rng = random.Random(2031)
    films: list[Row] = [{"title": t, "director": d, "minutes": m, "country": c, "released": y} for t, d, m, c, y in
             [("Salt Harbour", "Ilaria Conti", 112, "Italy", 2021), ("The Ninth Key", "Tom Okafor", 134, "Nigeria", 2023), ("Under Lime Trees", "Greta Holm", 97, "Sweden", 2018),
              ("Paper Tigers", "Jin Park", 121, "Korea", 2022), ("La Cisterna", "Dario Fusco", 88, "Italy", 1964), ("Night Ferry", "Greta Holm", 105, "Sweden", 2024)]]  # fmt: skip
    as_json(out / "films.json", films)
    shows: list[Row] = []
    for index in range(190):
        day = date(2024, 10, 1) + timedelta(rng.randrange(92))
        hall, most = rng.choice([("Blue", 120), ("Red", 84), ("Attic", 36)])
        sold = rng.randrange(4, most + 1)
        price = 8.5 if day < date(2024, 11, 1) else 9.5
        shows.append({"show": 7000 + index, "film": rng.choice(films)["title"], "hall": hall, "day": day.isoformat(), "begins": rng.choice(["15:30", "18:00", "20:30"]), "sold": sold, "takings_eur": round(sold * price, 2)})  # fmt: skip
    delimited(out / "screenings.csv", shows)
    snacks: list[Row] = [{"snack": s, "price_eur": p, "weekly_units": u} for s, p, u in
              [("popcorn small", 3.2, 210), ("popcorn large", 4.9, 145), ("lemonade", 2.8, 188), ("pretzel", 2.1, 96), ("wine gums", 1.9, 74), ("black tea", 2.4, 61)]]  # fmt: skip
    delimited(out / "kiosk" / "snacks.tsv", snacks, "\t")

    when, lines = datetime(2024, 11, 4, 14, 0), []
    projector: list[tuple[datetime, str, str, int]] = []
    for _ in range(310):
        when += timedelta(minutes=rng.randrange(2, 31), seconds=rng.randrange(60))
        device = rng.choice(["beamer-blue", "beamer-red", "beamer-red", "sound-attic"])
        level = rng.choices(["INFO", "WARNING", "ERROR"], [10, 3, 1])[0]
        heat = rng.randrange(48, 93)
        said = {"INFO": f"lamp at {heat} C", "WARNING": "fan slow", "ERROR": rng.choice(["no signal", "lamp not lit"])}[
            level
        ]
        projector.append((when, device, level, heat if level == "INFO" else 0))
        lines.append(f"{when:%Y-%m-%d %H:%M:%S},{rng.randrange(1000):03d} | {device} | {level} | {said}")
    text(out / "logs" / "projector.log", "\n".join(lines) + "\n")
    when, lines = datetime(2024, 11, 8, 13, 30), []
    desk: list[tuple[datetime, str, str]] = []
    for _ in range(260):
        when += timedelta(minutes=rng.randrange(1, 19), seconds=rng.randrange(60))
        process = rng.choice(["printer", "scanner", "scanner", "ticketd"])
        said = {
            "printer": "paper jam" if rng.random() < (0.95 if when.hour == 20 else 0.1) else "printed",
            "scanner": "code read",
            "ticketd": "seat booked",
        }[process]
        desk.append((when, process, said))
        lines.append(f"{when:%b %d %H:%M:%S} foyer {process}[{rng.randrange(300, 999)}]: {said}")
    text(out / "logs" / "ticketing.log", "\n".join(lines) + "\n")
    for place, content in {"handbook.md": HANDBOOK, "notes/team 2024-09-18.txt": SEPTEMBER, "notes/team 2024-12-04.txt": DECEMBER, "seats.txt": SEATS, "house.yaml": HOUSE}.items():  # fmt: skip
        text(out / place, content)
    text(out / "old" / "2019.csv", "")
    supplies = {"paper roll": 4.35, "lamp filter": 27.5, "bulb": 3.9, "cup sleeve": 6.2}
    as_json(web / "supplies.json", [{"article": k, "price": v} for k, v in supplies.items()])
    text(web / "rates.toml", 'date = "2024-12-02"\n\n[per_euro]\nchf = 0.93\nsek = 11.52\n')

    tickets: dict[str, int] = defaultdict(int)
    taken: dict[str, float] = defaultdict(float)
    for row in shows:
        tickets[row["film"]] += row["sold"]
        taken[row["film"]] += row["takings_eur"]
    italian = {f["title"] for f in films if f["country"] == "Italy"}
    attic = [s for s in shows if s["hall"] == "Attic"]
    attic_nov = sum(s["takings_eur"] for s in attic if s["day"].startswith("2024-11"))
    best = max(tickets, key=lambda film: tickets[film])
    longest = max(films, key=lambda f: f["minutes"])
    errors = [w for w, _, level, _ in projector if level == "ERROR"]
    warnings = Counter(d for _, d, level, _ in projector if level == "WARNING")
    jams = Counter(w.hour for w, _, said in desk if said == "paper jam")
    jam_hour = jams.most_common(1)[0][0]
    chatty = Counter(process for _, process, _ in desk).most_common(1)[0]
    per_ticket = sum(s["takings_eur"] for s in shows) / sum(s["sold"] for s in shows)
    return [
        goal("cinema/supplies", "multi-step", "Download {web}/supplies.json and tell me what 12 cup sleeves and 4 lamp filters cost together.", number(12 * 6.2 + 4 * 27.5, 0.001)),
        goal("cinema/order", "multi-step", "we need 3 paper rolls, 2 lamp filters and 5 bulbs. whats that in total? prices are at {web}/supplies.json", number(3 * 4.35 + 2 * 27.5 + 5 * 3.9, 0.001)),
        goal("cinema/francs", "multi-step", "Fetch {web}/rates.toml - how many Swiss francs (chf) do I get for 250 euros at that rate?", number(232.5, 0.001)),
        goal("cinema/italian", "multi-step", "How many tickets were sold for films from Italy? films.json says where a film comes from.", number(sum(tickets[f] for f in italian))),
        goal("cinema/longest", "multi-step", "take the film with the longest running time and give me its length in hours, 2 decimals", number(longest["minutes"] / 60, 0.006)),
        goal("cinema/per-ticket", "multi-step", "Please compute the average takings per ticket over all screenings (takings divided by tickets sold) and put it in reports/per-ticket.txt, two decimals.",
             number(per_ticket, 0.006, file="reports/per-ticket.txt", numbers=[[per_ticket, 0.006]])),
        goal("cinema/best-director", "multi-step", "Which film sold the most tickets and who directed it?", words(best, next(f["director"] for f in films if f["title"] == best))),
        goal("cinema/attic-francs", "multi-step", "Takings of the Attic in November 2024, converted to Swiss francs at 0.94 francs per euro, rounded to 2 decimals", number(attic_nov * 0.94, 0.011)),
        goal("cinema/kiosk", "multi-step", "My boss asks how much the kiosk takes per week, so price times weekly units for all snacks summed up. Can you find out?", number(sum(s["price_eur"] * s["weekly_units"] for s in snacks), 0.01)),
        goal("cinema/warnings", "log-analysis", "Which device has the most WARNING lines in projector.log, and how many are they?", number(warnings.most_common(1)[0][1], 0, answer_contains_all=[warnings.most_common(1)[0][0]])),
        goal("cinema/first-error", "log-analysis", "first ERROR in the projector log - when was it", words(f"{errors[0]:%H:%M:%S}")),
        goal("cinema/error-span", "log-analysis", "How many hours lie between the first and the last error in projector.log? One decimal.", number((errors[-1] - errors[0]).total_seconds() / 3600, 0.06)),
        goal("cinema/jam-hour", "log-analysis", "in wich hour of the day are the most paper jams? ticketing.log", words([str(jam_hour), f"{jam_hour}:00", f"{jam_hour}h"])),
        goal("cinema/lines", "log-analysis", "How many lines does ticketing.log have?", number(260)),
        goal("cinema/process", "log-analysis", "Which process wrote into ticketing.log most often?", words(chatty[0])),
        goal("cinema/hot", "log-analysis", "whats the hottest the lamp got, according to logs/projector.log", number(max(h for *_, h in projector))),
        goal("cinema/jams", "log-analysis", "The printer is driving us mad. How many paper jams are in the ticketing log?", number(sum(jams.values()))),
        goal("cinema/hey", "no-tool", "hey there :)", words(answer_not_contains=["screenings.csv"], answer_contains_any=["hello", "hey", "hi"], max_chars=400)),
        goal("cinema/bye", "no-tool", "That was all, thank you very much and have a nice evening!", words(answer_contains_any=["welcome", "evening", "glad", "bye", "thank*"], max_chars=400)),
        goal("cinema/what", "no-tool", "What can you help me with?", words(answer_contains_any=["file*", "table*", "question*", "document*"])),
        goal("cinema/months", "no-tool", "how many months does a year have", number(12, max_chars=300)),
        goal("cinema/december", "read-summarise", "summarize the team evening of 4 Dec 2024, 400 characters max",
             {"answer_at_least": [2, [["silent", "2 March"], ["heating", "attic", "fifteen"], ["school", "January"], ["lottery", "840", "curtain"]]], "max_chars": 400}),
        goal("cinema/september", "read-summarise", "I wasn't there in September. What was discussed at the team evening? Keep it brief, please.",
             {"answer_at_least": [2, [["9.50", "price"], ["piano", "Anselm"], ["popcorn"], ["foyer", "Henning"]]], "max_chars": 900}),
        goal("cinema/late", "search-passage", "what happens if a guest comes too late for the film?", words(["next", "advertisements"])),
        goal("cinema/dog", "search-passage", "May visitors bring a dog?", words(["outside", "guide"])),
        goal("cinema/key", "search-passage", "where is the key of projection room", words("Beatriz")),
        goal("cinema/refund", "search-passage", "Until when can a ticket be given back?", words(["two hours", "2 hours"])),
        goal("cinema/stain", "search-passage", "Somebody spilled cola on a green seat. How do I get the stain out?", words(["cold", "gall"])),
        goal("cinema/attic-file", "write-file", "Please write all screenings in the Attic to exports/attic.csv with film, day and sold, ordered by day.",
             {"file": "exports/attic.csv", "rows": len(attic), "columns": ["film", "day", "sold"], "sorted": {"column": "day"}}),
        goal("cinema/per-film", "write-file", "save the tickets sold per film as stats/films.json", {"file": "stats/films.json", "rows": 6, "numbers": [[v, 0] for v in tickets.values()]}),
        goal("cinema/top3", "write-file", "Write the three films with the highest takings into top3.txt, one per line.",
             {"file": "top3.txt", "contains": sorted(taken, key=lambda f: -taken[f])[:3], "not_contains": sorted(taken, key=lambda f: -taken[f])[3:]}),
        goal("cinema/snacks-csv", "convert", "snacks.tsv -> csv please", {"any_of": [{"file": place, "rows": 6, "columns": list(snacks[0])} for place in ("kiosk/snacks.csv", "snacks.csv")]}),
        goal("cinema/films-tsv", "convert", "Could you convert films.json into a TSV file called films.tsv?", {"file": "films.tsv", "rows": 6, "columns": list(films[0]), "sum": {"minutes": [657, 0]}}),
        goal("cinema/three-shows", "calc", "we had 3 shows w 118, 94 and 131 ppl at 9.50 a ticket. takings?", number(3258.5, 0.01)),
        goal("cinema/rows", "calc", "Eleven rows of 14 seats, minus 6 for wheelchairs: how many seats remain?", number(148)),
        goal("cinema/vat", "calc", "invoice is 1,480.00 net, plus 8.1% VAT?", number(1599.88, 0.001)),
        goal("cinema/silent-days", "units-dates", "How many days lie between the team evening of September 2024 and the start of the silent film week?", number(165)),
        goal("cinema/seats-days", "units-dates", "how many days after the installation of the new seats was the team evening of 4 December 2024", number(176)),
        goal("cinema/ninth", "units-dates", "134 minutes, how much is that in hours and minutes?", {"any_of": [words(["2 h 14*", "2 hours 14*", "2 hours and 14*", "2:14"])]}),
        goal("cinema/new-york", "units-dates", "On 14 January 2025 we stream a premiere at 20:15 Berlin time. What time is it then in New York?", words(["14:15", "2:15 pm"])),
        goal("cinema/film-width", "units-dates", "70 mm film, in inches? 2 decimals", number(2.76, 0.006)),
    ]  # fmt: skip
