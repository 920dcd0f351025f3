"""The files of the workspace, in the formats that the tools read."""

import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

EVENTS = [("2025-03-03", "09:00", "Dentist Dr Hoang"), ("2025-03-03", "18:30", "Choir rehearsal"), ("2025-03-06", "14:00", "Board meeting"),
          ("2025-03-11", "", "School trip Mona"), ("2025-03-14", "10:15", "Car inspection"), ("2025-03-20", "19:00", "Parents' evening"),
          ("2025-03-27", "08:00", "Flight to Porto"), ("2025-04-02", "11:00", "Interview Ms Castell")]  # fmt: skip
MAILS = [("Rosa Lindner <rosa@lindner.example>", "Choir weekend", "The choir weekend costs 85 euros, please pay by 20 March 2025.", False),
         ("Housing Office <office@housing.example>", "Heating maintenance", "A technician reads the heating meters on 2025-03-18 between 8 and 10.", False),
         ("Tariq Aziz <tariq@aziz.example>", "Re: bicycle", "You can have the bicycle for 140, it needs a new chain.", True),
         ("Rosa Lindner <rosa@lindner.example>", "Song list", "Attached is the list of songs for the spring concert.", True),
         ("Bank <service@bank.example>", "Statement", "Your statement for February is ready. Balance 2,310.55.", True),
         ("Ines Prado <ines@prado.example>", "Visit to Porto", "I pick you up at the airport on 27 March. Bring a raincoat!", False)]  # fmt: skip
PEOPLE = [("Rosa Lindner", "+49 40 555 0101", "rosa@lindner.example", "1979-05-21", "Hamburg"), ("Tariq Aziz", "+44 113 555 0144", "tariq@aziz.example", "1988-11-02", "Leeds"),
          ("Ines Prado", "+351 22 555 0170", "ines@prado.example", "1991-08-14", "Porto"), ("Jonas Weber", "+49 40 555 0193", "jonas@weber.example", "1983-01-30", "Hamburg"),
          ("Mei Tanaka", "+81 75 555 0125", "mei@tanaka.example", "1995-12-09", "Kyoto"), ("Oskar Nyberg", "+46 31 555 0166", "oskar@nyberg.example", "1968-07-03", "Gothenburg")]  # fmt: skip
ARTICLES = [
    ("ladder", 14, "A1"),
    ("paint bucket", 63, "A2"),
    ("brush", 120, "A2"),
    ("drill", 6, "B1"),
    ("hinge", 340, "B3"),
    ("sandpaper", 17, "B3"),
    ("hard hat", 9, "C1"),
    ("tarpaulin", 3, "C2"),
]
SONGS = [("Paper Boats", "The Lanterns", "Harbour Lights", 214), ("Cold Engine", "The Lanterns", "Harbour Lights", 187), ("Seven Doors", "The Lanterns", "Low Tide", 251), ("Marigold", "Ana Sol", "Jardim", 198),
         ("Quiet Monday", "Ana Sol", "Jardim", 226), ("Static", "Mira Volt", "Grid", 172), ("Copper Sky", "Mira Volt", "Grid", 240), ("North Platform", "Efe Kaan", "Stations", 305)]  # fmt: skip
TERMS = [
    ("gearbox", "Getriebe"),
    ("warranty", "Gewährleistung"),
    ("spare part", "Ersatzteil"),
    ("torque", "Drehmoment"),
    ("bearing", "Lager"),
    ("coolant", ""),
    ("user manual", "Bedienungsanleitung"),
    ("fuse", ""),
]
TASKS = [
    "buy stamps +home",
    "call the plumber about the leak +home",
    "order seed potatoes +garden due:2025-03-15",
    "prune the roses +garden",
    "x return library books +home",
    "send invoice to Weber +work due:2025-03-31",
    "book the hall for the concert +choir",
]
TOWNS = {"Porto": [("sunny", 19, 0), ("cloudy", 17, 1), ("rain", 15, 12), ("sunny", 20, 0)], "Hamburg": [("rain", 8, 6), ("rain", 7, 9), ("cloudy", 9, 0), ("snow", 2, 4)],
         "Leeds": [("cloudy", 10, 0), ("storm", 9, 18), ("rain", 11, 5), ("cloudy", 10, 2)], "Kyoto": [("sunny", 14, 0), ("sunny", 16, 0), ("cloudy", 13, 0), ("rain", 12, 7)]}  # fmt: skip
DAYS = ["2025-03-25", "2025-03-26", "2025-03-27", "2025-03-28"]
COMMITS = [("Rosa", "start the song book", {"songs.md": "# Songs\n"}), ("Tariq", "add a licence", {"LICENCE": "CC0\n"}), ("Rosa", "alto voice of Seven Doors", {"alto/seven-doors.ly": "c d e\n", "songs.md": "# Songs\n- Seven Doors\n"}),
           ("Mei", "fix page numbers", {"layout.css": "p { }\n"}), ("Tariq", "print script", {"print.sh": "lpr songs.pdf\n", "README": "run print.sh\n"})]  # fmt: skip


def build(out: Path) -> list[str]:
    """Writes all of them; returns the hashes of the commits, seven letters each, oldest first."""
    out.mkdir(parents=True)
    events = ""
    for number, (day, time, title) in enumerate(EVENTS):
        compact = day.replace("-", "")
        start = f"DTSTART:{compact}T{time.replace(':', '')}00" if time else f"DTSTART;VALUE=DATE:{compact}"
        events += f"BEGIN:VEVENT\nUID:{number}@agenda\n{start}\nSUMMARY:{title}\nEND:VEVENT\n"
    _write(out / "agenda.ics", f"BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n")
    for number, (sender, subject, text, is_read) in enumerate(MAILS, 1):
        status = "Status: RO\n" if is_read else ""
        _write(
            out / "mail" / f"{number:03}.eml",
            f"From: {sender}\nTo: me@home.example\nDate: Mon, {number + 2:02} Mar 2025 08:00:00 +0000\nSubject: {subject}\n{status}\n{text}\n",
        )
    cards = "".join(
        f"BEGIN:VCARD\nVERSION:4.0\nFN:{n}\nTEL:{t}\nEMAIL:{e}\nBDAY:{b}\nADR:{a}\nEND:VCARD\n"
        for n, t, e, b, a in PEOPLE
    )
    _write(out / "contacts.vcf", cards)
    _write(
        out / "songs.json",
        json.dumps([{"title": t, "artist": a, "album": al, "seconds": s} for t, a, al, s in SONGS], indent=1),
    )
    units = "".join(
        f'<tu><tuv xml:lang="en"><seg>{e}</seg></tuv><tuv xml:lang="de"><seg>{d}</seg></tuv></tu>\n' for e, d in TERMS
    )
    _write(
        out / "memory.tmx",
        f'<?xml version="1.0" encoding="utf-8"?>\n<tmx version="1.4"><header srclang="en"/><body>\n{units}</body></tmx>\n',
    )
    _write(out / "todo.txt", "\n".join(TASKS) + "\n")
    towns = {
        name: {day: {"sky": s, "max_c": c, "rain_mm": r} for day, (s, c, r) in zip(DAYS, figures, strict=True)}
        for name, figures in TOWNS.items()
    }
    _write(
        out / "forecast.json",
        json.dumps(
            {
                "towns": towns,
                "warnings": {"Leeds": ["storm gusts of 95 km/h on 26 March"], "Hamburg": ["ice on roads on 28 March"]},
            },
            indent=1,
        ),
    )
    db = sqlite3.connect(out / "warehouse.db")
    with db:
        db.execute("CREATE TABLE articles(name TEXT PRIMARY KEY, stock INTEGER, place TEXT)")
        db.executemany("INSERT INTO articles VALUES(?,?,?)", ARTICLES)
    db.close()
    return _repository(out / "project.git")


def _repository(bare: Path) -> list[str]:
    tree, hashes = bare.with_name(".tree"), []
    tree.mkdir()
    for number, (author, message, files) in enumerate(COMMITS):
        when = f"2025-02-{10 + number:02}T12:00:00+00:00"
        who = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", author), ("EMAIL", f"{author.lower()}@choir.example"), ("DATE", when))
        }
        if number == 0:
            _git(tree, "init", "-q", "-b", "main")
        for name, content in files.items():
            _write(tree / name, content)
        _git(tree, "add", "-A")
        _git(tree, "commit", "-q", "-m", message, **who)
        hashes.append(_git(tree, "rev-parse", "HEAD")[:7])
    _git(tree, "branch", "spring-edition", "HEAD~1")
    _git(tree, "branch", "draft-cover")
    _git(bare.parent, "clone", "-q", "--bare", "--no-local", "--no-hardlinks", str(tree), bare.name)
    for name in ("hooks", "info", "description", "branches"):
        place = bare / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    _write(bare / "config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    _git(bare, "pack-refs", "--all")
    for folder in ("refs/heads", "refs/tags", "objects/info"):  # git's own history keeps no empty folders
        _write(bare / folder / ".keep", "")
    shutil.rmtree(tree)
    return hashes


def _git(folder: Path, *arguments: str, **environment: str) -> str:
    settings = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **environment}
    done = subprocess.run(["git", *arguments], cwd=folder, env=settings, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
