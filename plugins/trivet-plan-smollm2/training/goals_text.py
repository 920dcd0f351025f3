"""Goals about files of text: find, summarise, read, list, write."""

import re
from functools import cache
from random import Random
from typing import Any

import msgspec

from training.domains import WORDING, listed, sections
from training.drafts import Draft, Setting, call, decorated, upper_first
from training.goals_write import new_path


class Topic(msgspec.Struct, frozen=True):
    paths: tuple[str, ...]
    names: tuple[str, ...]
    questions: tuple[str, ...]


@cache
def topics() -> tuple[Topic, ...]:
    found = []
    for header, lines in sections((WORDING / "texts.txt").read_text("utf-8")):
        paths, names = header.split(" | ")
        found.append(Topic(listed(paths, ","), listed(names, ";"), tuple(lines)))
    return tuple(found)


def card(topic: Topic, rng: Random) -> dict[str, Any]:
    return {"path": rng.choice(topic.paths), "kind": "text", "rows": rng.randint(4, 400), "columns": []}


def topic_of(path: str) -> Topic | None:
    return next((topic for topic in topics() if path in topic.paths), None)


def texts(setting: Setting) -> list[tuple[dict[str, Any], Topic]]:
    return [(c, topic) for c in setting.others if c["kind"] == "text" for topic in [topic_of(c["path"])] if topic]


ASKING = ("{q}", "{q}", "{q}", "{q}", "{q}", "{q}", "Quick question: {q}", "Please look this up: {q}", "I forgot: {q}", "A tenant asks: {q}", "Can you find out: {q}",
          "Somebody wants to know: {q}", "Hi, {q}", "Find the answer: {q}", "Question: {q}", "Look it up for me: {q}", "My question is: {q}", "Help: {q}")  # fmt: skip
ABOUT = ("Find what {name} say about {s}.", "What does it say about {s}?", "Find the passage about {s}.", "search for {s}", "Where is {s} mentioned?", "look up {s}", "Find {s} in {name}.",
         "Quote the part on {s}.", "Show me the passage on {s}.", "find everything about {s}", "Is there anything about {s}?", "Is {s} mentioned anywhere?", "tell me about {s}",
         "I need the details on {s}.", "What do we know about {s}?", "{s}?", "what are the rules on {s}", "which passage deals with {s}", "Search the texts for {s}.",
         "What is written about {s}?", "Give me the sentence about {s}.")  # fmt: skip


def find(setting: Setting, rng: Random) -> Draft | None:
    found = texts(setting)
    if not found:
        return None
    card, topic = rng.choice(found)
    raw = rng.choice(topic.questions)
    span = re.findall(r"\[(.+?)\]", raw)[0]
    name = rng.choice(topic.names)
    path: str | None = None
    if rng.random() < 0.3 and not span.startswith(("stuck", "absent", "switch")):
        form = rng.choice(ABOUT)
        text = form.replace("{s}", span).replace("{name}", name)
        text = text.replace(f"{name} say ", f"{name} says ") if not name.endswith("s") else text
        if "{name}" in form:
            path = card["path"]
    else:
        question = raw.replace("[", "").replace("]", "")
        text = rng.choice(ASKING).replace("{q}", question)
        if rng.random() < 0.5:
            text = upper_first(text)
        if rng.random() < 0.5 and text[-1] not in "?.":
            text += "?"
    if path is None and rng.random() < 0.4:
        path = card["path"]
        spoken = rng.choice([path, path, path.rpartition("/")[2], name, name])
        bare, end = (text[:-1], text[-1]) if text[-1] in ".?" else (text, "")
        text = rng.choice([f"According to {spoken}, {text[0].lower() if not text.startswith(('I ', 'A ')) else text[0]}{text[1:]}", f"{bare} according to {spoken}{end}", f"{text} See {spoken}.",
                           f"{text} ({spoken})", f"{text} It is in {spoken}.", f"Look into {spoken}: {text}", f"{spoken}: {text}", f"Under {spoken}, {text[0].lower()}{text[1:]}",
                           f"{text} The answer is in {spoken}.", f"{text} It should be in {spoken}."])  # fmt: skip
        text = upper_first(text) if not text.startswith(path) else text
    plan = [call("files.find", query=span, **({"path": path} if path else {}))]
    return Draft(goal=decorated(text, rng), plan=plan, kind="search-passage")


SUMMARY = ("Summarise {f}.", "Summarize {f}.", "Give me a summary of {f}.", "Give a short summary of {f}.", "Sum up {f} for me.", "What is {f} about?", "what's in {f}, briefly", "tl;dr of {f}",
           "Please summarise {f} briefly.", "What are the main points of {f}?", "What does {f} say in short?", "Shorten {f} to its main points.", "I have no time to read {f}. What does it say?",
           "Can you boil {f} down to the essentials?", "Key points of {f}?", "summary {f}", "In a few sentences: what does {f} say?", "Write me a short overview of {f}.", "Please give me the gist of {f}.",
           "Condense {f}.", "Brief me on {f}.", "What do I have to know from {f}?", "What's the essence of {f}?", "I need an abstract of {f}.", "Recap {f}, please.")  # fmt: skip
LIMITS = ("in at most {n} characters", "(under {n} characters)", "in no more than {n} characters", "with {n} characters at most", "(max {n} characters)", "in less than {n} characters",
          "- {n} characters at the most", "in {n} characters or less", "not longer than {n} characters")  # fmt: skip
READ = ("Show me {f}.", "show {f}", "Read {f}.", "Open {f}.", "What does {f} say, word for word?", "Print {f}.", "Display the text of {f}.", "read {f} to me", "Let me see {f}.", "I want to read {f}.",
        "Give me the full text of {f}.", "What is written in {f}?", "Show the contents of {f}.", "cat {f}", "Please open {f} and show it.", "Can I see {f}?", "Type out {f}.", "contents of {f}?")  # fmt: skip
LIST = ("What files are here?", "what files are there", "List the files.", "Which files do I have?", "Show me all files.", "list all files", "What is in this folder?", "ls", "Which documents are in the folder?",
        "Give me an overview of the files.", "Show the names of all files.", "What files can you see?", "Which files are available?", "How many files are there, and which?", "What's in my workspace?",
        "Please list everything in here.", "Show the folder contents.", "tell me what files you have", "which files are lying around here?")  # fmt: skip
LISTED = (
    "List the files in {d}.",
    "What is in the folder {d}?",
    "Which files are in {d}?",
    "show me everything in {d}",
    "Files in {d}?",
    "What does {d} contain?",
    "ls {d}",
)
WRITE = ("Write '{t}' to {p}.", 'Write "{t}" to {p}.', 'Save the text "{t}" as {p}.', "Create a file {p} with the text '{t}'.", "Put '{t}' into {p}.", 'Make a note in {p}: "{t}"', "Write {t} into {p}",
         'Create {p} containing "{t}".', "Please store '{t}' in {p}.", "Note down '{t}' in {p}.", 'I need a file {p} that says "{t}".', 'new file {p}: "{t}"', "Can you write '{t}' to the file {p}?",
         'Save "{t}" to {p}', "{p} should contain just '{t}'.", 'Leave a note "{t}" in {p}.', "Jot down '{t}' in {p}, please.")  # fmt: skip
NOTES = ("hello", "Hello world", "buy milk", "Call Ana on Monday", "Meeting moved to 3 pm", "done", "Remember the keys", "The parcel has arrived", "ok", "Order 20 chairs", "See you tomorrow", "Invoice sent",
         "Water the plants", "do not delete", "Test", "version 2", "Rehearsal at seven", "Kindly ring the bell", "closed on Friday", "Thanks for coming!", "Ask Peter about the van", "good night",
         "Room 4 is booked", "first line", "TODO", "Backup finished", "Return the ladder", "Paint the fence green", "Feed the cat at 6", "Nobody is home")  # fmt: skip


def summarise(setting: Setting, rng: Random) -> Draft | None:
    found = texts(setting)
    if not found:
        return None
    card, topic = rng.choice(found)
    spoken = rng.choice([card["path"], card["path"], card["path"].rpartition("/")[2], rng.choice(topic.names)])
    text = rng.choice(SUMMARY).replace("{f}", spoken)
    limit = 0
    if rng.random() < 0.45:
        limit = rng.choice([100, 140, 150, 200, 250, 280, 300, 350, 400, 450, 500, 600, 700, 800, 1000, 1200])
        bare, end = (text[:-1], text[-1]) if text[-1] in ".?" else (text, "")
        text = f"{bare} {rng.choice(LIMITS).replace('{n}', str(limit))}{end}"
    plan = [call("files.summarize", path=card["path"], **({"max_characters": limit} if limit else {}))]
    if rng.random() < 0.15:
        path = new_path(rng, ("summary", "abstract", "short"), ("txt", "md"))
        text = f"{text.rstrip('.?')} {rng.choice(['and save it as', 'and write it to', 'and put it into'])} {path}"
        if text.split(" ")[0].lower() not in (
            "summarise",
            "summarize",
            "give",
            "sum",
            "please",
            "shorten",
            "write",
            "condense",
            "recap",
            "recap",
        ):
            return None
        plan.append(call("files.write", path=path, text="{{s1}}"))
    return Draft(goal=decorated(text, rng), plan=plan, kind="read-summarise")


def read(setting: Setting, rng: Random) -> Draft | None:
    found = texts(setting)
    if not found:
        return None
    card, topic = rng.choice(found)
    spoken = rng.choice([card["path"], card["path"], card["path"].rpartition("/")[2], rng.choice(topic.names)])
    extra: dict[str, int] = {}
    text = rng.choice(READ).replace("{f}", spoken)
    if rng.random() < 0.25:
        n = rng.choice([2, 3, 5, 8, 10, 20])
        extra = {"lines": n}
        text = rng.choice(
            [
                f"Show the first {n} lines of {spoken}.",
                f"first {n} lines of {spoken}",
                f"Read me only the first {n} lines of {spoken}.",
                f"What do the first {n} lines of {spoken} say?",
            ]
        )
    return Draft(
        goal=decorated(text, rng), plan=[call("files.read", path=card["path"], **extra)], kind="read-summarise"
    )


def list_files(setting: Setting, rng: Random) -> Draft | None:
    folders = sorted({p.rpartition("/")[0] for p in setting.paths} - {""})
    if folders and rng.random() < 0.4:
        folder = rng.choice(folders)
        return Draft(
            goal=rng.choice(LISTED).replace("{d}", folder),
            plan=[call("files.list", folder=folder)],
            kind="read-summarise",
        )
    if rng.random() < 0.2:
        suffix = rng.choice(["csv", "json", "md", "txt", "tsv", "log"])
        text = rng.choice(
            [
                "List all .{s} files.",
                "Which {s} files are there?",
                "show me the {s} files",
                "What {s} files do I have?",
                "Find all {s} files.",
            ]
        ).replace("{s}", suffix)
        return Draft(
            goal=text, plan=[call("files.list", pattern=f"**/*.{suffix}")], kind="read-summarise", kept=(suffix,)
        )
    return Draft(goal=rng.choice(LIST), plan=[call("files.list")], kind="read-summarise")


def write(setting: Setting, rng: Random) -> Draft | None:
    path = new_path(rng, ("note", "todo", "hello", "message", "reminder", "memo", "info"), ("txt", "txt", "md"))
    note = rng.choice(NOTES)
    form = rng.choice(WRITE)
    return Draft(
        goal=form.replace("{t}", note).replace("{p}", path),
        plan=[call("files.write", path=path, text=note)],
        kind="write-file",
    )
