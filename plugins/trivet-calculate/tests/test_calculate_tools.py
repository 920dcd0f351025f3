import trivet_calculate
from trivet_calculate import tools
from trivet_sdk.testing import activated, manifest_of


def test_each_tool_answers_in_a_sentence_and_keeps_the_bare_value() -> None:
    results = [
        tools.evaluate("3 * 24.90 * (1 - 15%)"),
        tools.convert(10, "miles", "km"),
        tools.days_between("2024-02-27", "2024-03-04"),
        tools.days_between("2024-03-31", "2024-03-01"),
        tools.add_to_date("2024-01-31", 1, "months"),
        tools.weekday("2024-02-29"),
    ]
    assert [(result.text, result.value["value"]) for result in results] == [
        ("3 * 24.90 * (1 - 15%) = 63.495", 63.495),
        ("10 miles = 16.09344 km", 16.09344),
        ("6 days from 2024-02-27 to 2024-03-04", 6),
        ("30 days from 2024-03-01 to 2024-03-31 (4 weeks and 2 days)", -30),
        ("1 month after 2024-01-31 is 2024-02-29, a Thursday", "2024-02-29"),
        ("2024-02-29 is a Thursday", "Thursday"),
    ]


async def test_manifest_declares_exactly_what_is_contributed_with_goals_for_each_tool() -> None:
    declared = manifest_of(trivet_calculate).contributes.tools
    async with activated(trivet_calculate) as contributions:
        specs = [tool.spec for tool in contributions.tools]
    assert {(tool.name, tool.effect, tool.describes) for tool in declared} == {
        (spec.name, spec.effect, spec.describes) for spec in specs
    }
    assert all(8 <= len(set(tool.examples)) <= 12 for tool in declared)
