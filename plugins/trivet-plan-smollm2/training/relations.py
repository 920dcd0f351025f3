"""A second file about the things that a table's category column names: islands, authors, suppliers."""

from random import Random

from training.domains import Domain, Field, _field
from training.questions import plural
from training.tables import Table, path, table

PEOPLE = "doctor physician manager boss supervisor agent assignee coach trainer teacher tutor instructor skipper leader director author writer keeper caretaker referee driver guide broker judge reviewer owner nurse editor seller cashier artist photographer pilot".split()
COMPANIES = "customer client supplier vendor airline carrier brand make manufacturer artist band maker publisher operator shop company insurer bank agency team organiser host sponsor club store".split()
PLACES = "island location site office city branch library district neighbourhood field plot orchard venue place country destination building house room stall barn route park region town station bed garden warehouse stop harbour lake village reserve".split()
FIELDS = {
    "who": """attr phone/mobile : PHONE | phone number
num age : age 22-67 years | age
cat city/home town : Leeds, Porto, Graz, Ghent | city | * from {v}; * in {v}; = live in {v}
flag certified/has licence : yes/no | are certified; have a licence; certified * | are not certified; have no licence
date joined/since : 2005..2024 | joined {t}; started {t}
num fee/hourly rate : price 15-140 eur | fee; hourly rate | max: - | min: - | gt: charge more than {x} | lt: charge less than {x}
cat level/rank : junior, senior, chief | level; rank | {v} *; = are {v}""",
    "company": """cat country/home country : Italy, Sweden, Canada, Japan, Kenya | country | * from {v}; = come from {v}
num rating/score : rating 1-5 stars | rating
year founded/since : 1921-2020 | were founded {t}; * founded {t}
flag certified/audited : yes/no | are certified; have been audited; certified * | are not certified; have not been audited
num employees/staff : count 2-400 | employees
attr contact/email : EMAIL | e-mail address; contact""",
    "place": """cat region/area/zone : north, south, east, west | region; zone | * in the {v}; = lie in the {v}
num size/area : area 2-900 hectares | area; size
flag open/is open : yes/no | are open; open * | are closed; closed *
year opened/since : 1950-2022 | were opened {t}; * opened {t}
num capacity/places : count 5-900 | places
cat caretaker/contact : Ines, Paul, Wanda | caretaker | * looked after by {v}; = are looked after by {v}""",
    "thing": """cat colour/color : red, blue, green, white | colour | {v} *; = are {v}
num price/cost : price 5-900 eur | price
num weight/mass : weight 1-90 kg | weight
year year/since : 1995-2023 | date from {t:bare}; * from {t:bare}
flag active/in use : yes/no | are active; are in use; active * | are not active; are out of use; inactive *
num places/units : count 2-9 | places""",
}  # fmt: skip


def partner(main: Table, rng: Random) -> Table | None:
    """The file on one of the table's categories, or None where no category lends itself."""
    links = [c for c in main.having("cat") if isinstance(c.values[0], str) and c.shown >= 3 and " of " not in c.field.nouns[0]
             and c.values[0][:1].isupper() and (_sort(c.field.nouns[0]))]  # fmt: skip
    if not links:
        return None
    link = rng.choice(links)
    noun = link.field.nouns[0]
    sort = _sort(noun)
    key = Field(
        role="key",
        names=(link.field.names[0], "name", "name", noun),
        content=", ".join(map(str, link.values)),
        nouns=("name", noun),
    )
    fields = (key, *(_field(line) for line in FIELDS[sort].splitlines()))
    stem = plural(noun).replace(" ", "_")
    domain = Domain(
        one=noun, many=plural(noun), pronoun="who" if sort == "who" else "that", places=(), stems=(stem,), fields=fields
    )
    made = table(domain, rng)
    made.path = path((stem,), rng)
    made.rows = len(link.values)
    first = made.having("key")[0]
    first.values = list(link.values)
    first.shown = min(len(first.values), 5)
    return made


def _sort(noun: str) -> str:
    return (
        "who"
        if noun in PEOPLE
        else "company"
        if noun in COMPANIES
        else "place"
        if noun in PLACES
        else "thing"
        if noun in ("bike", "bus", "sensor", "device", "machine", "album", "model", "tool", "bus", "line", "vehicle")
        else ""
    )
