"""Third-party tools that exist nowhere: signatures with other names each time, and goals that need them."""

import re
from functools import cache
from random import Random
from typing import Any

import msgspec

from training import people
from training.conditions import spoken_day
from training.domains import WORDING, listed, sections
from training.drafts import Draft, Setting, decorated
from training.toolset import COLUMN, DATE, FILE, SPAN

LIBRARIES = {
    "EVENT": "dentist appointment,choir rehearsal,parents' evening,team lunch,eye test,job interview,board meeting,yoga class,birthday party,house viewing,driving lesson,book club,car inspection,quiz night,piano lesson,garden party",
    "TOPIC": "new roof,travel costs,holiday plan,broken heater,summer party,rent increase,tax papers,project budget,school trip,office move,lost parcel,internship,monthly report,insurance claim,lab keys,garden fence",
    "NOTE": "See you at noon|I am running late|The door is open|Happy birthday|Where are you?|Dinner is ready|Thanks for the flowers|Good luck tomorrow|We moved to room 5|Call me back|The train is late|Please bring chairs|Everything went well|No meeting today",
    "HOUR": "9 am,14:30,half past six,noon,7 pm,18:15,10 o'clock,8:45,3 pm,20:00",
    "BRANCH": "fix-login,feature/search,dark-mode,release-2.1,cleanup,bugfix/typo,export-csv,new-parser,hotfix,docs-update",
    "BASE": "main,develop,master,staging,release,trunk",
    "COMPANY": "Siemens,Nokia,Toyota,Novartis,Airbus,Sony,Volvo,Nestle,Philips,Adidas,Shell,Ericsson",
    "ROOM": "kitchen,bedroom,living room,hallway,bathroom,office,garage,cellar,nursery,dining room,attic,workshop,studio,guest room",
    "LANGUAGE": "French,Spanish,German,Italian,Polish,Finnish,Japanese,Portuguese,Dutch,Greek,Turkish,Swedish",
    "SONG": "Blue Train,Moon River,Yesterday,Golden Hour,Fields of Gold,Summertime,Night Drive,Hallelujah,Waterloo Sunset,Feeling Good,Dancing Queen,Lost Stars,Wild Horses,Perfect Day",
    "ARTIST": "Nina Simone,The Kinks,Radio Dept,Joni Mitchell,Miles Davis,Bon Iver,Rosalia,Fela Kuti,Portishead,Arvo Part,Sade,Daft Punk",
    "PLAYLIST": "Morning Coffee,Workout,Sunday Jazz,Road Trip,Focus,Party Hits,Dinner,Rainy Days,Kids,Old Favourites,Chill,Running",
    "DOOR": "front door,back door,garage,garden gate,cellar door,main entrance,side door,shed,loading bay,balcony door,office door,stable",
    "FOOD": "chickpeas,leftover rice,spinach,potatoes,mushrooms,eggs,salmon,lentils,pumpkin,tofu,pasta,chicken,cauliflower,beans,bread,red cabbage",
    "TASK": "water the plants,call the plumber,pay the rent,renew the passport,clean the gutters,book the ferry,return the drill,write the report,buy stamps,feed the cat,fix the bike,order new filters,sign the lease,back up the photos",
    "CITY": "Lisbon,Oslo,Prague,Vienna,Dublin,Turin,Riga,Athens,Basel,Ghent,Krakow,Seville,Malmo,Bergen,Lyon,Porto,New York,San Diego,Cape Town,Kyoto",
    "CITY2": "Hamburg,Paris,Zurich,Milan,Warsaw,Madrid,Berlin,Rome,Budapest,Leeds,Munich,Geneva,Naples,Antwerp,Tokyo,Bristol,Salzburg,Nice",
    "STREET": "12 Mill Lane,the station,Harbour Road 5,the hotel Astor,Park Street 88,the airport,City Hall,7 Elm Close,the opera,Rose Square",
    "STREET2": "the central station,44 Queen Street,the hospital,the fairground,Lake Road 3,the university,the ferry terminal,Oak Avenue 19,the stadium",
    "PRODUCT": "running shoes,garden hose,USB cable,bread knife,rain jacket,desk lamp,yoga mat,coffee filters,bike pump,wall paint,air fryer,phone case,tent pegs,wool socks",
    "BOOK": "The Silver Coast,Letters from Home,A Short Winter,Moby Dick,The Glass House,Ships at Night,Middlemarch,Iron Gardens,The Second Map,Dust and Honey,Persuasion,River Songs",
    "TEAM": "Northfield,Ashton Rovers,Kings Park,Valley United,Harbour City,Redhill",
    "TEAM2": "Westbrook,Old Boys,Ferndale,Lakeside,Stonebridge,Eastwood Town",
    "BED": "roses,tomatoes,front lawn,herb bed,strawberries,hedge,back lawn,beans,vegetable patch,flower boxes",
    "CURRENCY": "dollars,euros,pounds,yen,francs,kroner,EUR,USD",
    "CURRENCY2": "Swiss francs,zloty,rupees,pesos,koruna,CHF,GBP,SEK",
    "PROBLEM": "printer is jammed,wifi is down in room 3,projector flickers,screen stays black,badge does not open the gate,coffee machine leaks,mouse is broken,VPN drops every hour,phone has no signal,scanner makes noise",
    "HOST": "atlas,web-01,db-prod,mailer2,backup-nas,gandalf,node17,printserver,staging-3,orion,cache-a,build-box",
    "SUBJECT": "history,maths,biology,French,music,chemistry,geography,art,physics,PE",
    "DOCTOR": "Dr Weiss,Dr Amari,Dr Lopez,Dr Singh,Dr Novak,Dr Berg",
    "MEETINGROOM": "Room Aurora,the Blue Room,Room 204,the Library,Room Everest,the small conference room,Room B12,the Loft",
    "STATION": "Jazz FM,Radio 3,Classic Wave,Rock Antenne,City Radio,News 24,Radio Nova,Groove One",
    "ANIMAL": "Bella,Max,Luna,Rocky,Milo,Daisy,Simba,Coco,Oscar,Ruby",
    "MOVIE": "Night Train,The Red Balloon,Arrival,Paddington,Metropolis,Silent Sea,Amelie,Casablanca,Up,The Third Man",
    "DISH": "margherita pizza,green curry,veggie burger,sushi set,tomato soup,falafel plate,lasagne,pad thai,caesar salad,dumplings",
    "RESTAURANT": "Luigi's,The Golden Wok,Cafe Central,Blue Fig,Tandoor House,The Anchor,Chez Paul,Sakura",
    "DRUG": "ibuprofen,aspirin,metformin,penicillin,vitamin D,paracetamol,cortisone,melatonin",
    "SPORT": "football,tennis,handball,swimming,basketball,rowing,judo,chess",
    "DEVICE": "washing machine,dishwasher,oven,coffee machine,heater,fan,TV,router,freezer,water pump",
    "PROJECT": "Apollo,website relaunch,Bridge 7,kitchen rebuild,Horizon,annual report,Mercury,data cleanup",
    "COLOR": "red,blue,green,warm white,orange,purple,yellow,pink",
    "INSTRUMENT": "guitar,violin,piano,flute,drums,cello,trumpet,harp",
    "DRUG2": "antibiotics,alcohol,iron tablets,blood thinners,cough syrup,antihistamines,magnesium,codeine",
    "PLACEKIND": "pharmacy,bakery,petrol station,cash machine,playground,supermarket,post office,bike shop,laundromat,police station",
    "SHELF": "shelf A1,shelf B4,aisle 7,bin 12,rack C,the cold room,bay 3",
    "SHELF2": "shelf D9,aisle 2,bin 40,rack F,the front store,bay 11,pallet 5",
    "TOPICPHOTO": "the beach,my graduation,our cat,sunsets,the wedding,mountains,the old house,grandma,snow,the marathon,Venice,fireworks",
    "POLLQ": "Where shall we eat?|Which day suits you?|Red or green door?|Do we need a new logo?|Who brings the cake?|Shall we move to Friday?|Tea or coffee?|Is the heating too low?",
    "IMAGE": "logo.png,cover.jpg,team.jpeg,scan_04.png,photos/garden.jpg,banner.png,img/header.png,portrait.jpg",
    "PDF": "contract.pdf,thesis.pdf,docs/manual.pdf,report_2023.pdf,slides.pdf,scans/letters.pdf",
    "WORDSPAN": "resilient,anchor,moss,to dwell,gratitude,hinge,ephemeral,ladle,brisk,tide,wander,kernel",
}  # fmt: skip
CODES = {
    "TRACKING": "RR#########",
    "TICKETNO": "T-####",
    "ORDERNO": "O-#####",
    "ROOMNO": "###",
    "INVOICENO": "INV-####",
    "SKU": "SKU-###",
}


class Argument(msgspec.Struct, frozen=True):
    names: tuple[str, ...]
    kind: str
    optional: bool


class Invention(msgspec.Struct, frozen=True):
    """A tool with all the names it may go by."""

    spaces: tuple[str, ...]
    verbs: tuple[str, ...]
    arguments: tuple[Argument, ...]
    summaries: tuple[str, ...]
    wordings: tuple[str, ...]


@cache
def inventions() -> tuple[Invention, ...]:
    found = []
    for path in sorted(WORDING.glob("tools_*.txt")):
        for header, lines in sections(path.read_text("utf-8")):
            names, arguments, summaries = header.split(" ; ")
            spaces, verbs = names.split(" . ")
            found.append(
                Invention(
                    listed(spaces, "/"),
                    listed(verbs, "/"),
                    tuple(map(_argument, arguments.split())),
                    listed(summaries, " / "),
                    tuple(lines),
                )
            )
    return tuple(found)


def _argument(text: str) -> Argument:
    names, kind = text.split("=")
    return Argument(listed(names.rstrip("?"), "/"), kind, names.endswith("?"))


class Offered(msgspec.Struct):
    """A tool under the names of one context."""

    invention: Invention
    spec: dict[str, Any]
    names: dict[str, str]


def offered(invention: Invention, rng: Random, names: set[str]) -> Offered:
    """The tool under a random one of its names, none of which is in `names`."""
    while True:
        name = f"{rng.choice(invention.spaces)}.{rng.choice(invention.verbs)}"
        if name not in names:
            break
    arguments = {a.names[0]: a.names[0] if rng.random() < 0.5 else rng.choice(a.names) for a in invention.arguments}
    properties = {arguments[a.names[0]]: _schema(a.kind) for a in invention.arguments}
    required = [arguments[a.names[0]] for a in invention.arguments if not a.optional]
    spec = {
        "name": name,
        "summary": rng.choice(invention.summaries),
        "parameters": {"type": "object", "properties": properties, "required": required},
    }
    return Offered(invention, spec, arguments)


def _schema(kind: str) -> dict[str, Any]:
    head, _, rest = kind.partition(":")
    match head:
        case "INT":
            return {"type": "integer"}
        case "NUM":
            return {"type": "number"}
        case "BOOL":
            return {"type": "boolean"}
        case "ENUM":
            return {"type": "string", "enum": rest.split(",")}
        case "DATE" | "DATE2":
            return dict(DATE)
        case "FILE":
            return dict(FILE)
        case "COLCAT" | "COLNUM":
            return dict(COLUMN)
    return dict(SPAN)


def goal(tool: Offered, setting: Setting, rng: Random) -> Draft | None:
    """One of the tool's wordings, filled."""
    wording, _, implied = rng.choice(tool.invention.wordings).partition(" => ")
    arguments: dict[str, Any] = {}
    kinds = {a.names[0]: a.kind for a in tool.invention.arguments}
    firsts = {name: a.names[0] for a in tool.invention.arguments for name in a.names}
    wording = re.sub(r"\{(\w+)\}", lambda m: f"{{{firsts[m[1]]}}}", wording)
    for part in implied.split():
        name, value = part.split("=")
        name = firsts[name]
        arguments[name] = value == "true" if kinds[name] == "BOOL" else value
    table = rng.choice(setting.tables) if setting.tables else None
    text = wording
    for name in re.findall(r"\{(\w+)\}", wording):
        made = _value(kinds[name], setting, table, rng)
        if made is None:
            return None
        spoken, value = made
        if kinds[name] == "FILE" and table and any(kind.startswith("COL") for kind in kinds.values()):
            spoken = value = table.path
        if name in arguments:
            continue
        text = text.replace(f"{{{name}}}", spoken)
        arguments[name] = value
    if rng.random() < 0.25 and not text.startswith(tuple(str(v) for v in arguments.values())):
        text = text[0].upper() + text[1:]
    elif rng.random() < 0.1 and text[-1] not in '.?!"':
        text = rng.choice(["please ", "Please ", "hey, ", "can you "]) + text if text[0].islower() else text
    ordered = {
        tool.names[a.names[0]]: arguments[a.names[0]] for a in tool.invention.arguments if a.names[0] in arguments
    }
    return Draft(
        goal=decorated(text, rng) if rng.random() < 0.5 else text,
        plan=[{"tool": tool.spec["name"], "arguments": ordered}],
        kind="third-party",
        extra_tools=(tool.spec,),
    )


def _value(kind: str, setting: Setting, table: Any, rng: Random) -> tuple[str, Any] | None:
    head, _, rest = kind.partition(":")
    match head:
        case "INT":
            low, high = rest.split("-")
            value = rng.randint(int(low), int(high))
            return str(value), value
        case "NUM":
            low, high = rest.split("-")
            number = round(rng.uniform(float(low), float(high)), 1)
            return str(number), number
        case "ENUM":
            value_text = rng.choice(rest.split(","))
            return value_text, value_text
        case "DATE" | "DATE2":
            day = f"{rng.randint(2024, 2027)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
            return spoken_day(day, rng), day
        case "FILE":
            path = rng.choice(setting.paths)
            return path, path
        case "COLCAT" | "COLNUM":
            columns = table.having("cat" if head == "COLCAT" else "num") if table else []
            name = rng.choice(columns).name if columns else None
            return (name, name) if name else None
        case "PERSON" | "PERSON2":
            name = people.full_name(rng) if rng.random() < 0.6 else rng.choice(people.FIRST)
            return name, name
        case "PHONE" | "PLATE":
            text = people.contact(head, rng)
            return text, text
    if head in CODES:
        text = people.coded(CODES[head], rng)
        return text, text
    library = LIBRARIES[head]
    text = rng.choice(library.split("|" if "|" in library else ","))
    return text, text
