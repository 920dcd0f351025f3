import pytest

from trivet_plan_smollm2.prompt import Column
from trivet_plan_smollm2.words.measures import meant

COLUMNS = [
    Column(name="species"),
    Column(name="bill_length_mm", type="number"),
    Column(name="body_mass_g", type="integer"),
    Column(name="unitPrice", type="number"),
    Column(name="气温", type="number"),
]


@pytest.mark.parametrize(
    ("goal", "columns"),
    [
        ("Which species is the heaviest on average?", ["body_mass_g"]),
        ("mean of bill_length_mm of the heaviest", ["bill_length_mm"]),
        ("the three cheapest ones", ["unitPrice"]),
        ("哪一天最热", ["气温"]),
        ("how many species are there", []),
        ("list the days with coldness in the name", []),
    ],
)
def test_everyday_words_point_at_columns(goal: str, columns: list[str]) -> None:
    assert meant(goal, COLUMNS) == columns
