"""Goals without a file: sums in words, units, dates."""

from datetime import date, timedelta
from functools import cache
from random import Random

from training.conditions import spoken_day
from training.domains import WORDING
from training.drafts import Draft, Setting, call, decorated, framed, ref

THINGS = """cushions chairs tickets notebooks lamps apples bricks tiles shirts mugs posters pens cables candles stamps tents bolts
screws towels plates books cakes pizzas sandwiches lanterns ropes paddles flags badges eggs bottles roses bulbs plants helmets
balls mats keyboards batteries masks blankets oranges buckets brushes pots filters""".split()
UNITS: dict[str, dict[str, tuple[str, ...]]] = {
    "length": {"m": ("metres", "m", "meters"), "km": ("kilometres", "km", "kilometers"), "cm": ("centimetres", "cm"), "mm": ("millimetres", "mm"), "mile": ("miles",), "foot": ("feet", "ft"),
               "inch": ("inches", "in inches"), "yard": ("yards",), "nautical_mile": ("nautical miles",)},
    "mass": {"kg": ("kilograms", "kg", "kilos"), "g": ("grams", "g"), "lb": ("pounds", "lbs", "lb"), "oz": ("ounces", "oz"), "tonne": ("tonnes",), "mg": ("milligrams", "mg"), "stone": ("stone",)},
    "speed": {"km/h": ("km/h", "kilometres per hour", "kph"), "m/s": ("m/s", "metres per second"), "mph": ("mph", "miles per hour"), "knot": ("knots",)},
    "volume": {"l": ("litres", "liters", "l"), "ml": ("millilitres", "ml"), "gallon": ("gallons",), "cup": ("cups",), "pint": ("pints",), "m^3": ("cubic metres", "m³")},
    "temperature": {"degC": ("degrees Celsius", "°C", "Celsius"), "degF": ("degrees Fahrenheit", "°F", "Fahrenheit"), "kelvin": ("kelvin",)},
    "time": {"min": ("minutes", "min"), "h": ("hours",), "s": ("seconds",), "day": ("days",), "week": ("weeks",)},
    "area": {"m^2": ("square metres", "m²"), "hectare": ("hectares", "ha"), "acre": ("acres",), "km^2": ("square kilometres",), "ft^2": ("square feet",)},
    "energy": {"kWh": ("kilowatt hours", "kWh"), "MJ": ("megajoules", "MJ"), "kcal": ("kilocalories", "kcal"), "J": ("joules",)},
    "data": {"MB": ("megabytes", "MB"), "GB": ("gigabytes", "GB"), "kB": ("kilobytes", "kB"), "TB": ("terabytes", "TB")},
    "pressure": {"bar": ("bar",), "psi": ("psi",), "hPa": ("hectopascals", "hPa"), "atm": ("atmospheres",)},
    "power": {"kW": ("kilowatts", "kW"), "hp": ("horsepower",), "W": ("watts", "W")},
}  # fmt: skip
UNIT_FORMS = ("Convert {v} {a} to {b}.", "convert {v} {a} into {b}", "How many {b} are {v} {a}?", "how many {b} is {v} {a}", "What is {v} {a} in {b}?", "what's {v} {a} in {b}", "{v} {a} in {b}", "{v} {a} to {b}",
              "{v} {a} = ? {b}", "Express {v} {a} in {b}.", "Turn {v} {a} into {b}.", "Give me {v} {a} in {b}.", "I need {v} {a} in {b}.", "How much is {v} {a} in {b}?", "{v} {a} are how many {b}?",
              "Could you convert {v} {a} to {b} for me?", "My scale says {v} {a}. What is that in {b}?", "The sign says {v} {a}; how much is that in {b}?", "Please change {v} {a} to {b}.",
              "I only know {a}: {v}. What would it be in {b}?", "In {b}, how much is {v} {a}?", "{v} {a}, but in {b} please", "An American wrote {v} {a}. And in {b}?", "what does {v} {a} make in {b}",
              "Translate {v} {a} to {b}.", "write {v} {a} in {b}")  # fmt: skip
BETWEEN = ("How many days are there between {s} and {e}?", "how many days from {s} to {e}", "days between {s} and {e}", "Number of days from {s} until {e}?", "How many days lie between {s} and {e}?", "From {s} to {e}: how many days?",
           "We left on {s} and came back on {e}. How many days were we away?", "The course runs from {s} to {e}. How many days is that?", "how long is it from {s} to {e} in days", "Count the days from {s} to {e}.",
           "I was born on {s}. How many days old was I on {e}?", "The project started on {s} and ended on {e}; how many days did it last?", "How many days passed between {s} and {e}?", "what's the number of days between {s} and {e}",
           "My visa is valid from {s} until {e}. How many days is that?", "difference in days between {s} and {e}", "It is {s}. How many days until {e}?", "On {s}, how many days were left until {e}?",
           "The bill of {s} was paid on {e}. How many days did that take?", "tell me the days between {s} and {e}", "How many nights are there from {s} to {e}?", "Between {s} and {e} lie how many days?")  # fmt: skip
ADD = ("What date is {n} {u} after {s}?", "what is the date {n} {u} after {s}", "{s} plus {n} {u}", "Add {n} {u} to {s}.", "Which date is {n} {u} after {s}?", "The warranty of {n} {u} starts on {s}. When does it end?", "{n} {u} after {s}",
       "The loan is due {n} {u} after {s}. Which date is that?", "If I start on {s} and need {n} {u}, when am I done?", "When is {n} {u} from {s}?", "I signed on {s} with {n} {u} to cancel. Until what date?", "date {n} {u} after {s}?",
       "Planting on {s}; harvest {n} {u} later. When is that?", "which day comes {n} {u} after {s}", "From {s}, {n} {u} later is which date?", "We have {n} {u} from {s}. What is the deadline?", "{n} {u} later than {s}?")  # fmt: skip
BEFORE = (
    "What date is {n} {u} before {s}?",
    "{n} {u} before {s}",
    "{s} minus {n} {u}",
    "Which date was {n} {u} before {s}?",
    "Subtract {n} {u} from {s}.",
    "We meet on {s}; the invitation goes out {n} {u} earlier. When?",
    "what was the date {n} {u} before {s}",
)
WEEKDAY = ("What day of the week is {s}?", "what weekday is {s}", "Which weekday was {s}?", "On which day of the week does {s} fall?", "{s}: which weekday?", "Is {s} a Monday?", "Does {s} fall on a weekend?", "what day was {s}",
           "I was born on {s}. Which day of the week was that?", "Tell me the weekday of {s}.", "weekday of {s}", "{s} is a what?", "was {s} a sunday", "Our wedding is on {s}. What day of the week is that?", "On what day does {s} fall",
           "Which day of the week will {s} be?", "day of the week for {s}?", "Find the weekday for {s}.")  # fmt: skip


@cache
def sums() -> tuple[tuple[str, str], ...]:
    lines = (WORDING / "sums.txt").read_text("utf-8").splitlines()
    return tuple(
        (text, expression)
        for line in lines
        if " => " in line and not line.startswith("#")
        for text, expression in [line.split(" => ")]
    )


def evaluate(setting: Setting, rng: Random) -> Draft:
    text, expression = rng.choice(sums())
    thing, other = rng.sample(THINGS, 2)
    values = {"n": str(rng.randint(2, 24)), "m": str(rng.randint(2, 15)), "d": rng.choice(["5", "7", "8", "10", "12", "15", "18", "19", "20", "21", "25", "30", "35", "40", "2.5", "7.7"]), "e": str(rng.choice([3, 5, 8, 10, 12])),
              "p": _price(rng), "q": _price(rng)}  # fmt: skip
    for name in "abc":
        values[name] = rng.choice(
            [
                str(rng.randint(11, 990)),
                str(rng.randint(11, 990)),
                f"{rng.uniform(2, 400):.1f}",
                f"{rng.uniform(2, 90):.2f}",
                str(rng.randint(1000, 48000)),
            ]
        )
    for name, value in values.items():
        text, expression = text.replace(f"{{{name}}}", value), expression.replace(f"{{{name}}}", value)
    text = text.replace("{thing}", thing).replace("{other}", other)
    if rng.random() < 0.12:
        text = text.replace(f" {values['p']}", f" €{values['p']}") if " euro" not in text else text
    if text[0].islower() and text.split(" ")[0] not in ("what", "how", "total", "average") and rng.random() < 0.4:
        text = framed(text, "n", rng) if " is " not in text and text[-1] not in ".?" and "," not in text else text
    plan = [call("calculate.evaluate", expression=expression)]
    if rng.random() < 0.06:
        path = f"{rng.choice(['out', 'results', 'notes'])}/{rng.choice(['sum', 'price', 'result', 'total'])}.txt"
        text = f"{text if text[-1] in '.?' else text + '.'} {rng.choice(['Save the result in', 'Write the answer to', 'Put the number into'])} {path}."
        return Draft(goal=text, plan=[*plan, call("files.write", path=path, text="{{s1#/value}}")], kind="calc")
    return Draft(goal=decorated(text, rng, numbers=True), plan=plan, kind="calc")


def _price(rng: Random) -> str:
    return rng.choice(
        [
            str(rng.randint(2, 90)),
            f"{rng.uniform(0.5, 60):.2f}",
            f"{rng.uniform(1, 30):.1f}",
            f"{rng.uniform(20, 900):.2f}",
            str(rng.randint(90, 2400)),
        ]
    )


def units(setting: Setting, rng: Random) -> Draft:
    family = rng.choice(list(UNITS.values()))
    a, b = rng.sample(list(family), 2)
    value = rng.choice(
        [
            rng.randint(1, 99),
            rng.randint(1, 990),
            round(rng.uniform(0.1, 40), 1),
            round(rng.uniform(0.1, 99), 2),
            rng.randint(1000, 90000),
        ]
    )
    spoken_a, spoken_b = (rng.choice([u for u in family[x] if not u.startswith("in ")]) for x in (a, b))
    text = rng.choice(UNIT_FORMS).replace("{v}", str(value)).replace("{a}", spoken_a).replace("{b}", spoken_b)
    plan = [call("calculate.convert", value=value, unit=spoken_a, to=spoken_b)]
    if rng.random() < 0.12:
        x = rng.randint(2, 9)
        text = rng.choice([f"How many {spoken_b} are {x} times {value} {spoken_a}?", f"{x} times {value} {spoken_a} in {spoken_b}", f"{x} pieces of {value} {spoken_a} each: what is that in {spoken_b}?", f"I have {x} packs of {value} {spoken_a}. How many {spoken_b} is that?"])  # fmt: skip
        plan = [
            call("calculate.evaluate", expression=f"{x} * {value}"),
            {"tool": "calculate.convert", "arguments": {"value": ref(1, "value"), "unit": spoken_a, "to": spoken_b}},
        ]
    return Draft(goal=decorated(text, rng, numbers=True), plan=plan, kind="units-dates")


def dates(setting: Setting, rng: Random) -> Draft:
    start = date(rng.randint(1970, 2027), rng.randint(1, 12), rng.randint(1, 28))
    said = spoken_day(start.isoformat(), rng)
    form = rng.random()
    if form < 0.4:
        end = start + timedelta(days=rng.choice([rng.randint(5, 90), rng.randint(60, 900), rng.randint(900, 9000)]))
        text = rng.choice(BETWEEN).replace("{s}", said).replace("{e}", spoken_day(end.isoformat(), rng))
        plan = [call("calculate.days_between", start=start.isoformat(), end=end.isoformat())]
    elif form < 0.72:
        unit = rng.choice(["days", "days", "weeks", "months", "years"])
        n = rng.choice(
            [2, 3, 4, 5, 6, 10, 14, 18, 30, 45, 60, 90, 100, 120, 1000]
            if unit == "days"
            else [2, 3, 4, 6, 8, 9, 10, 12, 18]
        )
        back = rng.random() < 0.25
        text = rng.choice(BEFORE if back else ADD).replace("{s}", said).replace("{n}", str(n)).replace("{u}", unit)
        plan = [call("calculate.add_to_date", start=start.isoformat(), amount=-n if back else n, unit=unit)]
    else:
        text = rng.choice(WEEKDAY).replace("{s}", said)
        plan = [call("calculate.weekday", day=start.isoformat())]
    return Draft(goal=decorated(text, rng), plan=plan, kind="units-dates")
