from importlib.resources import files

from trivet_sdk.manifest import parse_manifest
from trivet_table.tools import TOOLS


def test_manifest_declares_exactly_the_tools_there_are_with_goals_for_each() -> None:
    declared = parse_manifest(files("trivet_table").joinpath("trivet.toml").read_bytes(), "table").contributes.tools
    said = {(tool.name, tool.effect, tool.describes) for tool in declared}
    assert said == {(tool.spec.name, tool.spec.effect, tool.spec.describes) for tool in TOOLS}
    assert all(8 <= len(set(tool.examples)) <= 12 for tool in declared)
