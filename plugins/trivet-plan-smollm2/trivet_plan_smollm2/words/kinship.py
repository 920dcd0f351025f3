"""Which words are one word in other forms: `led` and `leader`, `sell` and `sold`, a compound and what it is a kind of."""

from trivet_plan_smollm2.words.similarity import stem

_IRREGULAR = {
    stem(form): stem(forms.split()[0])
    for forms in (
        "lead led", "sell sold sale sales", "buy bought", "spend spent", "pay paid", "write wrote written", "take took taken",
        "drive drove driven", "teach taught", "win won", "hold held", "build built",
        "sting stung", "lose lost loss", "fly flew flown flight",
        "ride rode ridden", "catch caught", "grow grew grown", "eat ate eaten", "drink drank drunk", "run ran", "swim swam swum",
        "sing sang sung", "give gave given", "feed fed", "send sent", "lend lent", "break broke broken", "throw threw thrown",
        "steal stole stolen", "choose chose chosen", "weigh weight", "grow growth", "shoot shot", "strike struck",
        "sow sown", "die dead death",
        "born birth", "repair repaired", "arrive arrival", "depart departure", "deliver delivery",
    )
    for form in forms.split()
}  # fmt: skip


def alike(word: str, part: str) -> bool:
    """Stems of one word, or of who does it: `led` and `leader`, `sell` and `sold`."""
    one, other = _IRREGULAR.get(word, word), _IRREGULAR.get(part, part)
    return one == other or (len(one) > 3 and other in (f"{one}er", f"{one}or", f"{one}r")) or _is_done(one, other)


def _is_done(one: str, other: str) -> bool:
    """`extraction`, of what is `extracted`."""
    return any(len(other) > 3 and one == other + ending for ending in ("ion", "ation", "ment", "al", "er", "or"))


def ends_like(word: str, part: str) -> bool:
    """`load`, of a column called `payload`: what a compound is a kind of."""
    return len(word) > 3 and len(part) - len(word) > 2 and part.endswith(word)
