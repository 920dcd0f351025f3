"""What is done where rows are called so: people are saved in rescues, and kilograms are picked in a harvest."""

from collections.abc import Collection

from trivet_plan_smollm2.words.similarity import stem

_DONE: dict[str, str] = {
    "rescue": "saved save rescued helped",
    "mission": "saved save rescued helped flown",
    "harvest": "picked gathered reaped harvested",
    "trip": "rowed driven ridden travelled traveled sailed paddled made",
    "repair": "fixed mended repaired",
    "order": "bought purchased ordered",
    "purchase": "bought purchased ordered",
    "booking": "booked reserved stayed stay",
    "reservation": "booked reserved stayed stay",
    "delivery": "delivered brought",
    "loan": "lent borrowed loaned",
    "rental": "rented hired lent",
    "feeding": "fed",
    "donation": "donated given",
    "visit": "visited seen",
    "treatment": "treated",
    "sale": "sold",
    "shift": "worked",
}
_BY_FILE = {stem(noun): {stem(word) for word in words.split()} for noun, words in _DONE.items()}


def is_done(word: str, names: Collection[str]) -> bool:
    """Whether the word, a stem, says what was done in the rows of a file of these names, stems too."""
    return any(word in words for noun, words in _BY_FILE.items() if noun in names)
