"""What differs from what was enabled, in words."""

from pathlib import Path

from trivet.packages.differences import Differences, Enabled, differences, keep, kept
from trivet.packages.enforcement import explained, marked
from trivet_sdk.manifest import Permissions, parse_manifest

HEAD = '[plugin]\nid = "search"\nsummary = "x"\nisolation = "process"\n'
NARROW = parse_manifest(HEAD.encode(), "search")
WIDE = parse_manifest(
    (
        HEAD.replace("process", "inprocess") + '[permissions]\nnetwork = ["*:443"]\nfiles = ["read:workspace"]\n'
        'subprocess = true\nsecrets = ["KEY"]\n'
        '[[contributes.tools]]\nname = "send"\neffect = "effectful"\negress = true\n'
        '[[contributes.tools]]\nname = "find"\neffect = "pure"\n'
    ).encode(),
    "search",
)


def test_files_and_grown_permissions_are_named() -> None:
    before = Enabled(digest="d", files={"a.py": "1", "b.py": "2", "c.py": "3"}, manifest=NARROW)
    found = differences(before, {"b.py": "2", "c.py": "9", "d.py": "4"}, WIDE)
    assert (found.added, found.removed, found.changed) == (("d.py",), ("a.py",), ("c.py",))
    assert found.grown == (
        "reach *:443",
        "touch files (read:workspace)",
        "start programs",
        "read the secrets KEY",
        "change things with send (effectful)",
        "send data away with send",
        "run inside trivet's own process",
    )
    assert differences(Enabled(digest="d", files={}, manifest=WIDE), {}, NARROW).grown == ()


def test_sentence_counts_what_it_does_not_name() -> None:
    found = Differences(added=("a", "b", "c", "d", "e"), changed=("f",))
    assert found.sentence() == "added: a, b, c and 2 more; changed: f"
    assert found.lines() == ["added        a, b, c, d, e", "changed      f"]


def test_what_was_enabled_is_kept_for_its_pin_only(tmp_path: Path) -> None:
    enabled = Enabled(digest="d", files={"笔记.py": "1"}, manifest=WIDE)
    keep(tmp_path, "search", enabled)
    assert kept(tmp_path, "search", "d") == enabled
    assert kept(tmp_path, "search", "e") is None
    (tmp_path / "trust" / "search.json").write_text("{")
    assert kept(tmp_path, "search", "d") is None


def test_permissions_are_enforced_in_workers_and_promised_elsewhere() -> None:
    asked = Permissions(network=("*:443",), files=("read:workspace",))
    assert {each.what: each.force for each in marked(asked, "inprocess")} == dict.fromkeys(
        ("network", "files", "subprocess", "environment", "secrets"), "advisory"
    )
    assert [each.force for each in marked(asked, "process")] == [*["advisory"] * 4, "enforced"]
    assert [each.force for each in marked(asked, "venv", is_sandboxed=True)] == ["advisory", *["enforced"] * 4]
    assert marked(Permissions(), "process", is_sandboxed=True)[0].force == "enforced"


def test_marks_are_explained_with_the_reason_why_nothing_enforces_them() -> None:
    asked = Permissions(network=("*:443",))
    assert explained(asked, "inprocess", "") == (
        "It runs inside trivet's own process: these are its promises, which nothing enforces."
    )
    assert explained(asked, "process", "bubblewrap is not installed.") == (
        "It runs in a process of its own and gets no other secrets; what is advisory is its promise, as it lives in no sandbox:"
        " bubblewrap is not installed."
    )
    sandboxed = "It runs in a process of its own, in a sandbox that holds it to what is enforced."
    assert explained(asked, "venv", "") == f"{sandboxed} Which hosts it connects to is its promise."
    assert explained(Permissions(), "venv", "") == sandboxed
