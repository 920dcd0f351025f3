"""Goals about logs, which are tables of time, level, source and message."""

from random import Random
from typing import Any

from training.domains import Domain
from training.drafts import Draft, Setting, call, decorated, framed, mentioned, ref
from training.goals_write import new_path
from training.tables import Column, Table

SOURCES = ("valve gate heater pump sensor", "auth api mailer cache worker", "db web cron backup proxy", "kitchen bar till printer door", "rotor battery gps radio motor",
           "scanner belt oven mixer labeler", "login payment search cart stock", "disk net kernel usb fan", "lift alarm light shutter meter", "robot arm laser feeder vision")  # fmt: skip
STEMS = (
    "app",
    "server",
    "logs/app",
    "system",
    "machine",
    "plant",
    "gateway",
    "logs/house",
    "boiler",
    "kiosk",
    "shop",
    "device",
    "line2",
    "robot",
    "station",
    "var/service",
    "events",
    "access",
)
LEVELS = {"ERROR": ("error", "errors"), "WARNING": ("warning", "warnings"), "WARN": ("warning", "warnings"), "INFO": ("info message", "info messages"), "DEBUG": ("debug message", "debug messages"),
          "CRITICAL": ("critical message", "critical messages"), "FATAL": ("fatal error", "fatal errors")}  # fmt: skip
PART = ("part", "source", "component", "module", "service", "subsystem", "unit", "part of the system", "device")


def card(rng: Random) -> dict[str, Any]:
    sources = rng.choice(SOURCES).split()
    levels = ["INFO", rng.choice(["WARNING", "WARN"]), "ERROR", *rng.choice([[], ["DEBUG"], ["CRITICAL"], ["FATAL"]])]
    month = rng.randint(1, 12)
    year = rng.choice([2021, 2022, 2023, 2024, 2025])
    start, end = f"{year}-{month:02d}-{rng.randint(1, 9):02d}", f"{year}-{month:02d}-{rng.randint(18, 28):02d}"
    rng.shuffle(sources)
    columns = [
        {"name": "time", "type": "datetime", "examples": [f"{start}T05:16:20"], "min": f"{start}T05:16:20", "max": f"{end}T22:41:07", "distinct": 400},
        {"name": "level", "type": "text", "examples": levels, "distinct": len(levels)},
        {"name": "source", "type": "text", "examples": sources, "distinct": len(sources)},
        {"name": "message", "type": "text", "examples": rng.sample(["ok", "timeout", "restarted", "disk full", "no answer", "retry", "connection lost", "started", "overheated"], 4), "distinct": 30},
    ]  # fmt: skip
    return {"path": f"{rng.choice(STEMS)}.log", "kind": "log", "rows": rng.randint(200, 9000), "columns": columns}


def as_table(card: dict[str, Any]) -> Table:
    stem = card["path"].rpartition("/")[2].removesuffix(".log")
    domain = Domain(one="entry", many="log entries", pronoun="that", places=(), stems=(stem,), fields=())
    return Table(domain=domain, path=card["path"], rows=card["rows"], columns=list[Column]())


def log(setting: Setting, rng: Random) -> Draft | None:
    logs = [c for c in setting.others if c["kind"] == "log"]
    if not logs:
        return None
    found = logs[0]
    path = found["path"]
    levels, sources = found["columns"][1]["examples"], found["columns"][2]["examples"]
    level = rng.choice([name for name in levels if name in LEVELS and name != "INFO"] * 3 + ["INFO"])
    one, many = LEVELS[level]
    if rng.random() < 0.15:
        many = rng.choice([f"{level} entries", f"{level} lines", f"{level} messages", f"entries with level {level}"])
    source = rng.choice(sources)
    part = rng.choice(PART)
    at = {"column": "level", "op": "=", "value": level}
    of = {"column": "source", "op": "=", "value": source}
    count = {"path": path, "function": "count"}
    day = found["columns"][0]["min"][:8] + f"{rng.randint(10, 17)}"
    match rng.randrange(13):
        case 0 | 1:
            high = rng.random() < 0.85
            most = "most" if high else "fewest"
            text, kind = rng.choice([(f"which {part} has the {most} {many}", "w"), (f"which {part} logs the {most} {many}", "w"), (f"which {part} produced the {most} {many}", "w"), (f"the {part} with the {most} {many}", "n"),
                                     (f"Which {part} has the {most} {many}? And how many?", "s"), (f"Which {part} fails most often?" if high and level == "ERROR" else f"which {part} has the {most} {many}?", "s"),
                                     (f"what {part} causes the {most} {many}", "w"), (f"Who writes the {most} {many}?", "s"), (f"where do the {most} {many} come from", "q"), (f"{part} with the {most} {many}?", "s")])  # fmt: skip
            plan = [call("table.aggregate", **count, group_by="source", where=[at], descending=high, limit=1)]
        case 2 | 3:
            text, kind = rng.choice([(f"how many {many} are there", "w"), (f"how many {many} are in the log", "w"), (f"the number of {many}", "n"), (f"count the {many}", "i"), (f"how many {many} were logged", "w"), (f"{many}: how many?", "s"),
                                     (f"number of {many}", "s"), (f"how often was a {one} logged" if one[0] not in "aei" else f"how often was an {one} logged", "q"), (f"how many {many} did we have", "q"), (f"how many {many} happened", "w")])  # fmt: skip
            plan = [call("table.aggregate", **count, where=[at])]
        case 4:
            text, kind = rng.choice([(f"how many {many} come from the {source}", "w"), (f"how many {many} did the {source} log", "q"), (f"how many {many} did {source} have", "q"), (f"the number of {many} of the {source}", "n"), (f"count the {many} of {source}", "i"),
                                     (f"{source} {many}: how many?", "s"), (f"how many {many} are from {source}", "w"), (f"how many {many} does the {source} have", "q"), (f"how often did the {source} report {'an' if one[0] in 'aei' else 'a'} {one}", "q")])  # fmt: skip
            plan = [call("table.aggregate", **count, where=[at, of])]
        case 5:
            text, kind = rng.choice([("how many entries are there per level", "w"), ("the number of entries for each level", "n"), ("count the lines per level", "i"), ("count the messages by level", "i"), ("how many messages of each level are there", "w"), ("entries per level", "s"),
                                     ("How often does each level occur?", "s"), ("a breakdown of the log by level", "n"), ("the number of errors, warnings and so on (per level)", "n"), ("group the log by level and count", "i")])  # fmt: skip
            plan = [call("table.aggregate", **count, group_by="level")]
        case 6:
            text, kind = rng.choice([(f"how many {many} are there per {part}", "w"), (f"the number of {many} for each {part}", "n"), (f"count the {many} by {part}", "i"), (f"count the {many} of every {part}", "i"), (f"{many} per {part}", "s"), (f"How many {many} does each {part} have?", "s")])  # fmt: skip
            plan = [call("table.aggregate", **count, group_by="source", where=[at])]
        case 7:
            text, kind = rng.choice([(f"show all {many} of the {source}", "i"), (f"list the {many} from {source}", "i"), (f"what {many} did the {source} log", "q"), (f"all {many} of {source}", "n"), (f"which {many} come from the {source}", "w"), (f"{source} {many}", "s")])  # fmt: skip
            plan = [call("table.select", path=path, where=[at, of])]
        case 8:
            text, kind = rng.choice(
                [
                    (f"how many {many} were there on {day}", "w"),
                    (f"the number of {many} on {day}", "n"),
                    (f"count the {many} of {day}", "i"),
                    (f"how many {many} were logged on {day}", "w"),
                ]
            )
            plan = [call("table.aggregate", **count, where=[at, {"column": "time", "op": "=", "value": day}])]
        case 9:
            first = rng.random() < 0.5
            word = rng.choice(["first", "earliest"]) if first else rng.choice(["last", "latest", "most recent"])
            text, kind = rng.choice(
                [
                    (f"when was the {word} {one}", "q"),
                    (f"the {word} {one}", "n"),
                    (f"what was the {word} {one}", "q"),
                    (f"at what time did the {word} {one} occur", "q"),
                    (f"show me the {word} {one}", "i"),
                    (f"when did the {word} {one} happen", "q"),
                ]
            )
            plan = [
                call(
                    "table.select",
                    path=path,
                    where=[at],
                    sort_by="time",
                    **({} if first else {"descending": True}),
                    limit=1,
                )
            ]
        case 10:
            to = new_path(
                rng,
                ("errors", "problems", f"{source}_log", "incidents", "only_" + one.split()[-1]),
                ("csv", "csv", "json", "tsv"),
            )
            text, kind = rng.choice(
                [
                    (f"save all {many} to {to}", "i"),
                    (f"write the {many} to {to}", "i"),
                    (f"extract the {many} into {to}", "i"),
                    (f"put all {many} into {to}", "i"),
                    (f"I need the {many} in {to}.", "s"),
                    (f"export the {many} as {to}", "i"),
                ]
            )
            plan = [call("table.select", path=path, where=[at]), call("table.write", rows=ref(1, "rows"), path=to)]
        case 11:
            word = rng.choice(found["columns"][3]["examples"])
            text, kind = rng.choice(
                [
                    (f'how many messages contain "{word}"', "w"),
                    (f'how many entries say "{word}"', "w"),
                    (f'the number of lines with "{word}"', "n"),
                    (f"how often does '{word}' appear", "q"),
                    (f"count the entries that mention '{word}'", "i"),
                ]
            )
            plan = [call("table.aggregate", **count, where=[{"column": "message", "op": "contains", "value": word}])]
        case _:
            text, kind = rng.choice(
                [
                    (f"how many entries has the {source}", "q"),
                    (f"how many entries are from the {source}", "w"),
                    (f"the number of messages from {source}", "n"),
                    (f"count the lines of the {source}", "i"),
                    (f"how many log lines did {source} write", "q"),
                ]
            )
            plan = [call("table.aggregate", **count, where=[of])]
    sentence = mentioned(framed(text, kind, rng), kind, path, setting, rng, 0.6)
    return Draft(goal=decorated(sentence, rng), plan=plan, kind="log-analysis")
