"""60 goals of one call and 30 of two, as different people type them, with the calls that are right."""

import hashlib
from typing import Any

Call = tuple[str, dict[str, Any]]


def either(*values: Any) -> dict[str, Any]:
    return {"any_of": list(values)}


ANY = {"any": True}


def single(hashes: list[str]) -> list[tuple[str, Call]]:
    return [
        ("what's on my calendar on 3 March 2025?", ("calendar.day", {"date": "2025-03-03"})),
        ("Do I have anything planned for 2025-03-12?", ("calendar.day", {"date": "2025-03-12"})),
        ("Show my appointments of 20.03.2025 please", ("calendar.day", {"date": "2025-03-20"})),
        ("when is the car inspection", ("calendar.when", {"title": either("car inspection", "the car inspection")})),
        ("At what time does the flight to Porto leave?", ("calendar.when", {"title": either("flight to Porto", "the flight to Porto", "flight")})),
        ("I forgot the date of the interview with Ms Castell, look it up", ("calendar.when", {"title": {"contains": "Castell"}})),
        ("Put 'Haircut' into my calendar for 17 March 2025", ("calendar.add", {"title": "Haircut", "date": "2025-03-17"})),
        ("schedule the tax office on 2025-04-10", ("calendar.add", {"title": either("tax office", "the tax office"), "date": "2025-04-10"})),
        ("Could you enter dinner with Oskar on 5 April 2025 in the agenda?", ("calendar.add", {"title": "dinner with Oskar", "date": "2025-04-05"})),
        ("what has Rosa written to me lately?", ("mailbox.from_sender", {"sender": either("Rosa", "Rosa Lindner")})),
        ("show the e-mails from the housing office", ("mailbox.from_sender", {"sender": either("housing office", "the housing office")})),
        ("did Tariq send a mail", ("mailbox.from_sender", {"sender": either("Tariq", "Tariq Aziz")})),
        ("Find the mail that talks about the bicycle", ("mailbox.about", {"words": either("bicycle", "the bicycle")})),
        ("any messages mentioning a raincoat?", ("mailbox.about", {"words": either("raincoat", "a raincoat")})),
        ("Which mail is about the spring concert?", ("mailbox.about", {"words": either("spring concert", "the spring concert")})),
        ("how many mails haven't I read yet", ("mailbox.unread", {})),
        ("Is there anything new in my inbox?", ("mailbox.unread", {})),
        ("Draft an email to Tariq saying I take the bicycle", ("mailbox.draft", {"to": either("Tariq", "Tariq Aziz"), "text": either("I take the bicycle", "saying I take the bicycle")})),
        ("prepare a mail to office@housing.example: the cellar door is stuck", ("mailbox.draft", {"to": "office@housing.example", "text": "the cellar door is stuck"})),
        ("list the latest commits", ("git.log", {})),
        ("what did Tariq commit to the repository?", ("git.log", {"author": "Tariq"})),
        ("commits made by Mei, please", ("git.log", {"author": "Mei"})),
        ("Which branches does the project have?", ("git.branches", {})),
        ("is there a branch for the spring edition in the git repo", ("git.branches", {})),
        (f"which files were changed in commit {hashes[2]}?", ("git.changed", {"commit": hashes[2]})),
        (f"What did {hashes[4]} touch?", ("git.changed", {"commit": hashes[4]})),
        ("How many ladders are left in the warehouse?", ("inventory.stock", {"article": either("ladder", "ladders")})),
        ("is there still sandpaper in stock", ("inventory.stock", {"article": "sandpaper"})),
        ("stock level of hard hats?", ("inventory.stock", {"article": either("hard hat", "hard hats")})),
        ("Which warehouse articles do we have fewer than 10 of?", ("inventory.below", {"level": 10})),
        ("show everything under 20 pieces in the warehouse", ("inventory.below", {"level": 20})),
        ("take 5 brushes out of the warehouse", ("inventory.take_out", {"article": either("brush", "brushes"), "amount": 5})),
        ("Book 40 hinges out of stock, the carpenter needs them", ("inventory.take_out", {"article": either("hinge", "hinges"), "amount": 40})),
        ("What's the weather in Porto on 27 March 2025?", ("forecast.at", {"town": "Porto", "day": "2025-03-27"})),
        ("will it rain in Kyoto on 2025-03-28", ("forecast.at", {"town": "Kyoto", "day": "2025-03-28"})),
        ("Do I need gloves in Hamburg on March 26, 2025? Check the forecast.", ("forecast.at", {"town": "Hamburg", "day": "2025-03-26"})),
        ("are there weather warnings for Leeds", ("forecast.warnings", {"town": "Leeds"})),
        ("Has Hamburg got any warning out?", ("forecast.warnings", {"town": "Hamburg"})),
        ("which town will be the warmest on 25 March 2025", ("forecast.warmest", {"day": "2025-03-25"})),
        ("Where is it hottest on 2025-03-28?", ("forecast.warmest", {"day": "2025-03-28"})),
        ("how do we translate torque?", ("glossary.lookup", {"term": "torque"})),
        ("What's our German term for 'user manual'?", ("glossary.lookup", {"term": "user manual"})),
        ("look up bearing in the translation memory", ("glossary.lookup", {"term": "bearing"})),
        ("Add 'coolant' = 'Kühlmittel' to the glossary", ("glossary.add_term", {"term": "coolant", "translation": "Kühlmittel"})),
        ("please remember that 'fuse' is 'Sicherung' in German", ("glossary.add_term", {"term": "fuse", "translation": "Sicherung"})),
        ("which terms are still untranslated", ("glossary.untranslated", {})),
        ("What is Jonas Weber's phone number?", ("contacts.phone", {"name": either("Jonas Weber", "Jonas Weber's")})),
        ("I need to ring Mei, what's her number", ("contacts.phone", {"name": either("Mei", "Mei Tanaka")})),
        ("when is Ines's birthday?", ("contacts.birthday", {"name": either("Ines", "Ines's", "Ines Prado")})),
        ("on which day was Oskar Nyberg born", ("contacts.birthday", {"name": either("Oskar Nyberg", "Oskar")})),
        ("give me the email address of Tariq Aziz", ("contacts.email", {"name": "Tariq Aziz"})),
        ("whom do I know in Hamburg?", ("contacts.in_town", {"town": "Hamburg"})),
        ("Which of my contacts live in Gothenburg", ("contacts.in_town", {"town": "Gothenburg"})),
        ("which songs do I have by Ana Sol?", ("music.by_artist", {"artist": "Ana Sol"})),
        ("How long is the song Paper Boats?", ("music.song", {"title": "Paper Boats"})),
        ("who sings Copper Sky", ("music.song", {"title": "Copper Sky"})),
        ("Make a playlist called Evening with the songs of The Lanterns", ("music.playlist", {"name": "Evening", "artist": either("The Lanterns", "Lanterns")})),
        ("what do I still have to do in the garden project?", ("todo.open", {"project": either("garden", "+garden")})),
        ("Add 'water the tomatoes' to my to-do list", ("todo.add_task", {"task": "water the tomatoes"})),
        ("I've bought the stamps, tick that off", ("todo.done", {"task": either("stamps", "the stamps", "bought the stamps", "buy stamps", "I've bought the stamps")})),
    ]  # fmt: skip


def double(hashes: list[str]) -> list[tuple[str, list[Call]]]:
    return [
        ("Look up Mei's birthday and put 'Mei turns thirty' into my calendar on 9 December 2025", [("contacts.birthday", {"name": either("Mei", "Mei's")}), ("calendar.add", {"title": "Mei turns thirty", "date": "2025-12-09"})]),
        ("find out when the board meeting is and tell me the weather in Leeds on 26 March 2025", [("calendar.when", {"title": {"contains": "board meeting"}}), ("forecast.at", {"town": "Leeds", "day": "2025-03-26"})]),
        ("Get Tariq's e-mail address, then draft a mail to him saying the chain is here", [("contacts.email", {"name": either("Tariq", "Tariq's")}), ("mailbox.draft", {"to": either("tariq@aziz.example", "Tariq", "him", "Tariq Aziz"), "text": {"contains": "the chain is here"}})]),
        ("When is the flight to Porto, and what will the weather be like there on 27 March 2025?", [("calendar.when", {"title": {"contains": "flight"}}), ("forecast.at", {"town": "Porto", "day": "2025-03-27"})]),
        ("Check how many drills are in stock, then take 2 drills out", [("inventory.stock", {"article": either("drill", "drills")}), ("inventory.take_out", {"article": either("drill", "drills"), "amount": 2})]),
        ("List the untranslated terms and then add 'fuse' = 'Sicherung'", [("glossary.untranslated", {}), ("glossary.add_term", {"term": "fuse", "translation": "Sicherung"})]),
        ("show the songs by Mira Volt, then save them as a playlist called Neon", [("music.by_artist", {"artist": "Mira Volt"}), ("music.playlist", {"name": "Neon", "artist": either("Mira Volt", "them")})]),
        ("find the mail about the heating and add 'be at home for the meter reading' to my tasks", [("mailbox.about", {"words": {"contains": "heating"}}), ("todo.add_task", {"task": "be at home for the meter reading"})]),
        ("what's the phone number of Jonas Weber? then add the task 'ring Jonas'", [("contacts.phone", {"name": "Jonas Weber"}), ("todo.add_task", {"task": "ring Jonas"})]),
        ("Show me the open tasks of project garden and mark 'prune the roses' as done", [("todo.open", {"project": either("garden", "+garden")}), ("todo.done", {"task": "prune the roses"})]),
        ("Which town is the warmest on 2025-03-26? Are there warnings for Leeds?", [("forecast.warmest", {"day": "2025-03-26"}), ("forecast.warnings", {"town": "Leeds"})]),
        ("List the branches, then the commits of Rosa", [("git.branches", {}), ("git.log", {"author": "Rosa"})]),
        (f"Which files did commit {hashes[1]} change, and what else did Tariq commit?", [("git.changed", {"commit": hashes[1]}), ("git.log", {"author": "Tariq"})]),
        ("read what Rosa wrote to me, and put 'pay the choir weekend' on my to-do list", [("mailbox.from_sender", {"sender": either("Rosa", "Rosa Lindner")}), ("todo.add_task", {"task": "pay the choir weekend"})]),
        ("anything new in my mailbox? and what do I have on 2025-03-06?", [("mailbox.unread", {}), ("calendar.day", {"date": "2025-03-06"})]),
        ("tell me how 'warranty' is translated and how 'gearbox' is translated", [("glossary.lookup", {"term": "warranty"}), ("glossary.lookup", {"term": "gearbox"})]),
        ("First look who lives in Hamburg, then find Jonas Weber's birthday.", [("contacts.in_town", {"town": "Hamburg"}), ("contacts.birthday", {"name": either("Jonas Weber", "Jonas Weber's")})]),
        ("How long is Static, and who sings Marigold?", [("music.song", {"title": "Static"}), ("music.song", {"title": "Marigold"})]),
        ("Which articles are below 10 pieces? Put 'reorder tarpaulins' on my task list.", [("inventory.below", {"level": 10}), ("todo.add_task", {"task": "reorder tarpaulins"})]),
        ("Is there a warning for Hamburg? If you've looked, draft a mail to Jonas saying drive carefully", [("forecast.warnings", {"town": "Hamburg"}), ("mailbox.draft", {"to": either("Jonas", "Jonas Weber"), "text": either("drive carefully", "saying drive carefully")})]),
        ("when is the parents' evening? add the task 'ask about the school trip'", [("calendar.when", {"title": {"contains": "parents"}}), ("todo.add_task", {"task": "ask about the school trip"})]),
        ("Find Ines Prado's birthday and add it to my calendar as 'Ines'", [("contacts.birthday", {"name": either("Ines Prado", "Ines Prado's")}), ("calendar.add", {"title": "Ines", "date": "1991-08-14"})]),
        ("Get the e-mail address of Mei Tanaka and draft a message to that address: see you in Kyoto", [("contacts.email", {"name": "Mei Tanaka"}), ("mailbox.draft", {"to": "mei@tanaka.example", "text": "see you in Kyoto"})]),
        ("Find out who sings North Platform and list all songs of that artist", [("music.song", {"title": "North Platform"}), ("music.by_artist", {"artist": "Efe Kaan"})]),
        ("When is the dentist? Show everything else on that day.", [("calendar.when", {"title": {"contains": "dentist"}}), ("calendar.day", {"date": "2025-03-03"})]),
        ("find the warmest town on 28 March 2025, then check whether there is a warning for it", [("forecast.warmest", {"day": "2025-03-28"}), ("forecast.warnings", {"town": "Porto"})]),
        ("Who sings Cold Engine? Make a playlist Winter of that artist's songs.", [("music.song", {"title": "Cold Engine"}), ("music.playlist", {"name": "Winter", "artist": "The Lanterns"})]),
        ("look up the date of the car inspection and add a task 'clean the car' due that day", [("calendar.when", {"title": {"contains": "car inspection"}}), ("todo.add_task", {"task": "clean the car", "due": "2025-03-14"})]),
        ("How many hinges are in stock? And how many hard hats?", [("inventory.stock", {"article": either("hinge", "hinges")}), ("inventory.stock", {"article": either("hard hat", "hard hats")})]),
        ("I called the plumber, mark it as done, and show what's left of project home", [("todo.done", {"task": {"contains": "plumber"}}), ("todo.open", {"project": either("home", "+home")})]),
    ]  # fmt: skip


OPTIONAL: dict[str, dict[str, Any]] = {
    "git.log": {"count": ANY, "author": ""},
    "calendar.add": {"time": ""},
    "todo.add_task": {"due": ""},
    "todo.open": {"project": ""},
}
"""What may be given although nobody asked for it: its default."""
WRITES = {
    "calendar.add": "agenda.ics",
    "inventory.take_out": "warehouse.db",
    "glossary.add_term": "memory.tmx",
    "todo.add_task": "todo.txt",
    "todo.done": "todo.txt",
}


def lines(hashes: list[str]) -> list[dict[str, Any]]:
    found = [(f"one/{number:02}", text, [call]) for number, (text, call) in enumerate(single(hashes), 1)]
    found += [(f"two/{number:02}", text, calls) for number, (text, calls) in enumerate(double(hashes), 1)]
    return [_line(id, text, calls) for id, text, calls in found]


def _line(id: str, text: str, calls: list[Call]) -> dict[str, Any]:
    expected = []
    for tool, arguments in calls:
        optional = {name: value for name, value in OPTIONAL.get(tool, {}).items() if name not in arguments}
        expected.append({"tool": tool, "arguments": arguments, **({"optional": optional} if optional else {})})
    changes = sorted({WRITES[tool] for tool, _ in calls if tool in WRITES})
    is_held = hashlib.sha256(f"unseen/{id}".encode()).digest()[0] % 2
    return {"id": id, "class": "one step" if len(calls) == 1 else "two steps", "steps": len(calls), "goal": text,
            "expect": {"calls": expected, **({"may_change": changes} if changes else {})}, "split": "held" if is_held else "develop"}  # fmt: skip
