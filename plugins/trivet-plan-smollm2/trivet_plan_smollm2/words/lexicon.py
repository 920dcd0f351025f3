"""Words of goals about tables that mean an operation, whatever the table: what is counted, added, ranked, told apart."""

import difflib
import re

FUNCTIONS: tuple[tuple[str, str], ...] = (
    ("mean", r"on average|in the mean|average|averages|mean|typical"),
    ("median", r"median"),
    ("sum", r"in total|all together|altogether|added up|summed(?: up)?|sum up|total of|totals?|sum(?: of)?|overall|combined"
            r"|all in all|in all"),
    ("max", r"maximum|max"),
    ("min", r"minimum|min"),
)  # fmt: skip
COUNT = r"how many|how far|how often|number of|count of|count|head ?count|tally|amount of|quantity of|how much"
EACH_COUNTED = r"how often (?:\w+ ){0,4}which|which (?:\w+ ){1,4}how often"
"""A count for each value of the column behind `which`."""
DISTINCT = r"different|distinct|unique"
ONCE = (
    r"without (?:any )?(?:repeats|repetitions?|duplicates?|doubles)|no (?:repeats|duplicates|doubles)|deduplicated"
    r"|each (?:only|just) once"
)
"""No row twice."""
HIGHEST = (
    r"highest|largest|biggest|greatest|longest|tallest|heaviest|oldest|latest|newest|most recent|most expensive|dearest"
    r"|priciest|costliest|strongest|fastest|quickest|warmest|hottest|deepest|widest|thickest|farthest|furthest|busiest"
    r"|best|top|most (?:often|frequently|common|frequent|popular)|commonest"
    r"|most|last|loudest|richest|windiest|wettest|rainiest|hardest|steepest|brightest"
)
LOWEST = (
    r"lowest|smallest|shortest|fewest|least (?:often|frequently|common|frequent|popular)|rarest"
    r"|least|lightest|youngest|earliest|cheapest|weakest|slowest|coldest|coolest"
    r"|shallowest|narrowest|thinnest|nearest|closest|worst|first|quietest|faintest|dimmest|driest|poorest|softest"
)
PROCEEDS = (
    r"(?:brought|brings?|took|takes?|made|makes?|earned|earns?) in|brought|earned|money|revenues?|turnover|takings|income"
    r"|sales|worth"
)
"""What a product of two columns is called, where the goal says which two."""
IN_TIME = r"latest|newest|oldest|youngest|earliest|most recent|first|last"
"""Of the ranks, those that dates have."""
GROUPED = (
    r"for each|in each|of each|by each|for every|in every|of every|per|by|each|every|across|grouped by|split by"
    r"|according to"
)
WHICH = r"which|what|who|whose|in which|on which|at which|from which|for which"
LISTED = (
    r"take|collect|pick|select|extract|keep|list|show|give|display|print|get|find|save|store|write|put|export|names of|all"
    r"|every|those"
)
NEGATED = (
    r"not|n't|excluding|except(?: for)?|without|ignoring|no|other than|apart from|aside from|never|un|nobody|no one|none|neither"
    r"|minus|but not|leaving out|but for|besides|anything but|everything but|all but"
)
LEFT_OUT = r"(?:not|n['’]t) (?:counted|included|counting)|excluded|left out|aside|excepted"
"""Said behind what shall not count."""
OPERATIVE = frozenset(
    "per each every without no not never none nobody except percent percentage share ratio proportion fraction difference "
    "more less fewer between than vs versus excluding twice double half".split()
)
"""Words that change what is wanted: where one has found no place, the goal was not understood."""
PERSONS = (
    r"name|person|who|member|customer|client|leader|guide|mechanic|author|writer|driver|player|seller|salesperson|employee|staff"
    r"|nurse|doctor|teacher|pupil|student|owner|user|singer|agent|clerk|patient|coach|artist|by|worker|winner|pilot|rider|tenant"
)
"""Names of columns that hold people."""
SHARE = (
    r"what (?:percent(?:age)?|share|proportion|fraction)(?: of)?"
    r"|(?:percent(?:age)?|share|proportion|fraction) of|in percent|in %|as a percentage|how many percent|percentage"
)
"""A share in percent is asked for."""
VAGUE = frozenset(
    "heavy light old young tall long short fast slow quick hot warm cold cool deep shallow thick thin bright faint dim wide "
    "narrow steep loud noisy quiet windy strong weak rainy dear cheap expensive populous".split()
)
"""Adjectives that keep some rows and not others, without saying where they part."""
INTENSIVE = (
    r"\b(?:old|young|tall|heavi|light|warm|hott|cold|cool|dear|cheap|pric|fast|slow|quick|strong|weak|deep|thick|thin|long|short"
    r"|bright|faint|steep|loud|quiet|windi)(?:er|ier|est|iest)\b"
    r"|\b(?:higher|lower)\b|\b(?:more|most|less|least) expensive\b|\bcosts?\b"
)
"""Words for what does not add up: two groups have it on average."""
FLOWS = (
    r"spen[dt]s?|spending|pays?|paid|earn\w*|takings|t(?:ake|akes|ook) in|revenues?|turnover|income|br(?:ing|ings|ought) in"
    r"|billed|invoiced|charged|sold|sells?|selling|sales|money|cost us|expenditures?|purchased"
)
"""Words for what adds up, whose highest is the highest sum."""
KINDS = frozenset("kind kinds type types sort sorts category categories case time place".split())
"""What groups are made by, whose name is another column by column."""
GENERIC = frozenset(
    (
        "kind kinds type types sort sorts category "
        "row rows record records entry entries line lines item items file files table tables dataset data sheet list value "
        "values column columns field fields number numbers amount figure figures according whole together altogether "
        "please pls plz thanks thank kindly need want like know see look looked tell say said says answer result results exactly "
        "just only also still ever so far there here one ones thing things case cases time times decimal decimals place "
        "places rounded round digits name names named called given recorded listed contain contains appear appears happen "
        "happened belong belongs exist made make do did done got get come comes go goes went occur occurs stand stands "
        "overall all any some such same other others more less than most least first last top bottom high low "
        "total sum average mean count per each every between both two over under about around "
        "compute calculate determine work out find show give print display save store write put export into "
        "sorted sort order ordered descending ascending "
        "piece pieces unit units yet own owns owned use used uses publication take collect pick select extract keep ended ending "
        "worked work works came placed fell fallen published because something somebody wrote written us since whats held "
        "i'd i'll i'm i've we'd we've hello hi hey dear possible wonder wondering curious maybe perhaps simply quickly briefly "
        "they them their it's that's what's who's there's everything anybody anyone everybody everyone "
        "them their live lives living lived came come goes go going went during within while looking currently exactly "
        "altogether once separately overview quick asap regards cheers actually really basically once's let let's lets "
        "counted included buy buys took takes lasted lasts walk walked hike hiked cover covered "
        "through via using visit visits jobs billed charged eg ie regarding concerning "
        "among amongst handle handled handles perform performed carried fix fixed serve served attend attended "
        "inform gave give gives given yield yielded lie lies lying content contents showed "
        "afternoon evening morning good greetings "
        "needed needs brought bring brings show shown shows being got getting having would've should must may might can't will'd"
    ).split()
)
"""Words that may stay unexplained: they say nothing about the matter, or were heard as an operation."""


SOLD_THINGS = frozenset(
    "ticket tickets seat seats copy copies item items article articles good goods product products".split()
)
"""What a column of pieces `sold` or `booked` counts, whatever it is."""


def found(words: str, text: str) -> list[re.Match[str]]:
    return list(re.finditer(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE))


def is_misspelt(word: str) -> bool:
    """Whether it is one of the words that say nothing, with a letter too many or too few: `acording`."""
    return len(word) > 6 and bool(difflib.get_close_matches(word, _LONG, n=1, cutoff=0.92))


_LONG = [word for word in GENERIC if len(word) > 6]
