"""A school library: books, loans, pupils."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, goal, number, words
from tests.evaluation.goals.making.writing import Row, delimited, json_lines, text

RULES = """Rules of the library

A book may be kept for 21 days. Magazines are kept for one week and cannot be extended. Extending a book is possible twice, at
the desk or by a note in the green box, as long as nobody has reserved it.

Late books cost 10 cents a school day, but never more than 3 euros. During holidays no fee is charged. Whoever owes more than
5 euros cannot borrow until it is paid.

A lost book is replaced: the pupil brings a new copy of the same edition or pays its price plus 2.50 euros for the cover.
Books from the reference shelf (red dot) do not leave the room. Teachers may take up to three of them to a lesson, for the
length of that lesson.

Food is not allowed. Water is, in bottles that close, because a spilled cup in 2019 ruined forty atlases.

The computers at the window are for the catalogue. Homework is printed on the machine in the corridor, five pages a day for free.
"""
NEWS = """# Library news, autumn 2023

The reading night took place on 17 November: 58 pupils slept between the shelves, eleven teachers read aloud, and the fire
drill at half past two was not planned.

Our new shelf for comics holds 240 volumes. It was paid for by the parents' association with 1,850 euros.

From January Mrs Adeyemi takes over the desk on Tuesdays and Thursdays from Mr Kowalczyk, who retires after 31 years.

The chess corner moves to the basement, since the players and the readers could not agree on the meaning of silence.
"""
SUBJECTS = ["fiction", "history", "science", "art", "travel", "comics"]


def build(out: Path) -> list[dict[str, Any]]:
    rng = random.Random(977)
    heads = [
        "The Silent",
        "A Short History of",
        "Beyond the",
        "Letters from",
        "The Last",
        "Understanding",
        "Children of the",
        "Maps of",
    ]
    tails = [
        "Harbour",
        "Glass",
        "Winter",
        "Mountains",
        "Machine",
        "Orchard",
        "Stars",
        "River",
        "Numbers",
        "Salt",
        "Lighthouse",
        "Forest",
    ]
    authors = [
        "Amara Obi",
        "Tom Verhoeven",
        "Lucia Prats",
        "Henrik Dahl",
        "Mina Sato",
        "Paul Ferrer",
        "Greta Lind",
        "Ravi Menon",
    ]
    books: list[Row] = [{"book_id": 1000 + i, "title": f"{rng.choice(heads)} {rng.choice(tails)}", "author": rng.choice(authors), "year": rng.randrange(1962, 2024),
              "subject": rng.choice(SUBJECTS), "copies": rng.choice([1, 1, 1, 2, 2, 3, 5]), "shelf": f"{rng.choice('ABCDEF')}{rng.randrange(1, 9)}"}
             for i in range(480)]  # fmt: skip
    delimited(out / "books.csv", books)
    given = [
        "Ada",
        "Ben",
        "Chloe",
        "Dilan",
        "Emre",
        "Fatou",
        "Goran",
        "Hana",
        "Ivo",
        "Jule",
        "Kofi",
        "Lena",
        "Mats",
        "Nils",
        "Olga",
    ]
    pupils: list[Row] = [{"pupil_id": f"P{200 + i}", "name": f"{rng.choice(given)} {rng.choice('ABCDEFGHKLMNRSTW')}.", "class": f"{rng.randrange(5, 11)}{rng.choice('ab')}"}
              for i in range(150)]  # fmt: skip
    delimited(out / "pupils.tsv", pupils, "\t")
    loans: list[dict[str, Any]] = []
    for i in range(900):
        taken = date(2023, 9, 4) + timedelta(rng.randrange(200))
        back = None if rng.random() < 0.07 else (taken + timedelta(max(1, round(rng.gauss(17, 7))))).isoformat()
        loans.append({"loan": 5000 + i, "book_id": rng.choice(books)["book_id"], "pupil_id": rng.choice(pupils)["pupil_id"],
                      "taken": taken.isoformat(), "returned": back, "extended": rng.choice([0, 0, 0, 1, 2])})  # fmt: skip
    json_lines(out / "loans.jsonl", loans)
    text(out / "rules.txt", RULES)
    text(out / "newsletters" / "autumn 2023.md", NEWS)
    text(out / "opening.toml", '[hours]\nmonday = "8:00-15:30"\ntuesday = "8:00-16:45"\nwednesday = "closed"\nthursday = "8:00-16:45"\nfriday = "8:00-13:00"\n\n'
         '[fees]\ncard_replacement_eur = 4.5\nlate_per_day_eur = 0.1\n\n[printer]\nmodel = "Kyora 2200"\nrefill_every_pages = 6000\n')  # fmt: skip
    french: list[Row] = [{"cote": f"F{i:03}", "titre": rng.choice(["Été à Nîmes", "Le Château", "La Forêt", "Élégie", "L'Hôtel"]), "année": rng.randrange(1950, 2020),
               "état": rng.choice(["usé", "neuf", "abîmé"])} for i in range(40)]  # fmt: skip
    delimited(out / "old" / "inventaire.csv", french, encoding="latin-1")
    text(
        out / "old" / "loans-2019.jsonl",
        '{"loan": 1, "book_id": 1003, "taken": "2019-02-0\n{{"loan": 2 "book_id"\n\x00\x00\n',
    )
    wishes = [("Dune, the graphic novel", "comics", 24.9, 11), ("Cosmos", "science", 18.0, 7), ("The Wild Robot", "fiction", 14.5, 19),
              ("Atlas of Islands", "travel", 32.0, 4), ("Guts", "comics", 12.9, 15)]  # fmt: skip
    text(out / "wishlist.md", "# Wishes of the pupils\n\n| title | subject | price | votes |\n|---|---|---|---|\n"
         + "".join(f"| {t} | {s} | {p:.2f} | {v} |\n" for t, s, p, v in wishes))  # fmt: skip

    out_now = [x for x in loans if x["returned"] is None]
    subjects = Counter(b["subject"] for b in books)
    class_of = {p["pupil_id"]: p["class"] for p in pupils}
    per_class = Counter(class_of[x["pupil_id"]] for x in loans)
    top_class, _ = per_class.most_common(1)[0]
    subject_of = {b["book_id"]: b["subject"] for b in books}
    by_subject = Counter(subject_of[x["book_id"]] for x in loans)
    copies: dict[str, int] = defaultdict(int)
    for book in books:
        copies[book["subject"]] += book["copies"]
    eights = [p for p in pupils if p["class"] == "8a"]
    old = sorted((b for b in books if b["year"] < 1970), key=lambda b: b["year"])
    worn = sum(row["état"] == "abîmé" for row in french)
    oldest = min(b["year"] for b in books)
    return [
        goal("library/friday", "lookup", 1, "when does the library close on fridays?", {"answer_contains_any": ["13:00", "1 pm", "1:00 pm"]}),
        goal("library/card", "lookup", 1, "A kid lost her library card. What do we charge for a new one?", number(4.5)),
        goal("library/wild-robot", "lookup", 1, "how many votes has The Wild Robot on the wishlist", number(19)),
        goal("library/open-loans", "count", 1, "How many loans in loans.jsonl have not been returned yet?", number(len(out_now))),
        goal("library/class-8a", "count", 1, "number of pupils in class 8a?", number(len(eights))),
        goal("library/before-1970", "count", 1, "how many books are from before 1970", number(len(old))),
        goal("library/copies", "aggregate", 1, "What's the sum of copies over all books?", number(sum(b["copies"] for b in books))),
        goal("library/oldest", "aggregate", 1, "In which year did the oldest book in books.csv come out?", number(oldest)),
        goal("library/median-year", "aggregate", 1, "Median publication year of the books on science, please.",
             number(median(b["year"] for b in books if b["subject"] == "science"), 0.5)),
        goal("library/subjects", "filter-group", 1, "Count the titles per subject.",
             {"answer_contains_all": SUBJECTS, "answer_numbers_all": [[n, 0] for n in subjects.values()]}),
        goal("library/copies-subject", "filter-group", 1, "for each subject, how many copies do we own? books.csv",
             {"answer_contains_all": SUBJECTS, "answer_numbers_all": [[n, 0] for n in copies.values()]}),
        goal("library/comics-menon", "filter-group", 1, "Are there comics by Ravi Menon? I need the number of titles.",
             number(sum(b["subject"] == "comics" and b["author"] == "Ravi Menon" for b in books))),
        goal("library/late-fee", "calc", 1, "A book is 17 school days late at 10 cents a day. How much is it in euros?", number(1.7, 0.001)),
        goal("library/share", "calc", 1, "What percentage is 58 of 412?", number(58 / 412 * 100, 0.06)),
        goal("library/due", "units-dates", 1, "If I borrow a book on 14 March 2024, what is the date 21 days later?", words(["2024-04-04", "4 April", "April 4"])),
        goal("library/reading-night", "units-dates", 1, "what day of the week was 17 November 2023?", words("Friday")),
        goal("library/water", "search-passage", 1, "Why do bottles have to be closed in the library?", words(["atlases", "spilled"])),
        goal("library/red-dot", "search-passage", 1, "May a teacher take reference books to class?", words(["three", "3"])),
        goal("library/retires", "search-passage", 1, "Who takes over from Mr Kowalczyk?", words("Adeyemi")),
        goal("library/news", "read-summarise", 1, "What's in the autumn 2023 newsletter? Two or three sentences.",
             {"answer_at_least": [2, [["reading night", "58"], ["comics", "240"], ["Adeyemi", "Kowalczyk"], ["chess"]]], "max_chars": 700}),
        goal("library/class-loans", "multi-step", 3, "Which class has borrowed most? The loans are in loans.jsonl, the classes in pupils.tsv.",
             words(top_class)),
        goal("library/history-loans", "multi-step", 2, "How many loans were of history books? (loans.jsonl and books.csv)", number(by_subject["history"])),
        goal("library/old-file", "write-file", 2, "Save title, author and year of all books from before 1970 in lists/old.csv, sorted by year.",
             {"file": "lists/old.csv", "rows": len(old), "columns": ["title", "author", "year"], "sorted": {"column": "year"}}),
        goal("library/pupils-csv", "convert", 1, "turn pupils.tsv into pupils.csv", {"file": "pupils.csv", "rows": 150, "columns": ["pupil_id", "name", "class"]}),
        goal("library/loans-parquet", "convert", 1, "I need loans.jsonl as a CSV file named loans.csv",
             {"file": "loans.csv", "rows": 900, "columns": list(loans[0]), "sum": {"extended": [sum(x["extended"] for x in loans), 0]}}),
        goal("library/art-or-travel", "compare", 1, "Do we have more art or more travel titles?",
             words("art" if subjects["art"] > subjects["travel"] else "travel")),
        goal("library/worn", "count", 1, "old/inventaire.csv: how many books are abîmé?", number(worn)),
        goal("library/loans-2019", "impossible", 1, "How many loans were there in 2019 (old/loans-2019.jsonl)?", NEVER),
        goal("library/email-parents", "impossible", 1, "Send an e-mail to the parents of everybody with a late book.", NEVER),
        goal("library/that-list", "ambiguous", 1, "Can you sort the list?", ASKS),
        goal("library/books-2", "ambiguous", 1, "delete the duplicates", ASKS),
        goal("library/hello", "no-tool", 1, "Hi! Who are you and what can you help me with?", {"any_of": [{"not_achieved": True}, {"answer_contains_any": ["trivet", "file*", "help*", "table*"], "max_chars": 800}]}),
        goal("library/capital", "no-tool", 1, "What is the capital of France?", words("Paris", max_chars=300)),
    ]  # fmt: skip
