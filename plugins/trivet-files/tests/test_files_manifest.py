from pathlib import Path

import trivet_files
from trivet_sdk import Json
from trivet_sdk.conformance import check_plugin
from trivet_sdk.testing import activated, manifest_of


async def test_plugin_keeps_its_contract(tmp_path: Path) -> None:
    (tmp_path / "笔记.md").write_text("one\ntwo\n", encoding="utf-8")
    (tmp_path / "other.md").write_text("one\nthree\n", encoding="utf-8")
    samples: dict[str, dict[str, Json]] = {
        "list": {},
        "find": {"query": "two"},
        "read": {"path": "笔记.md", "start_line": 2},
        "write": {"path": "新/out.txt", "text": "three"},
        "edit": {"path": "笔记.md", "old": "two", "new": "two and three"},
        "diff": {"path": "笔记.md", "other": "other.md"},
        "summarize": {"path": "笔记.md"},
    }
    assert await check_plugin(trivet_files, samples=samples, workspace=tmp_path) == ()


async def test_manifest_declares_exactly_what_is_contributed_with_goals_for_each_tool() -> None:
    declared = manifest_of(trivet_files).contributes.tools
    async with activated(trivet_files) as contributions:
        specs = [tool.spec for tool in contributions.tools]
    assert {(tool.name, tool.effect, tool.describes) for tool in declared} == {
        (spec.name, spec.effect, spec.describes) for spec in specs
    }
    assert all(8 <= len(set(tool.examples)) <= 12 for tool in declared)
