import trivet_search
from trivet_sdk.testing import activated, manifest_of


async def test_manifest_declares_exactly_what_is_contributed_with_goals_for_each_tool() -> None:
    declared = manifest_of(trivet_search).contributes.tools
    async with activated(trivet_search) as contributions:
        specs = [tool.spec for tool in contributions.tools]
    assert {(tool.name, tool.effect, tool.egress, tool.untrusted_output) for tool in declared} == {
        (spec.name, spec.effect, spec.egress, spec.untrusted_output) for spec in specs
    }
    assert all(8 <= len(set(tool.examples)) <= 12 for tool in declared)
