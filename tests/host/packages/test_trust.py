"""Installed is not enabled, and a change disables."""

import pytest

from trivet.packages.trust import Pin, is_first_party, why_disabled

INSTALLED = Pin(name="trivet-search", version="0.2.0", digest="abc")
PINNED = {"enabled": True, "name": "trivet-search", "version": "0.2.0", "digest": "abc"}
ENABLE = "`trivet plugins enable search`"


def why(entry: dict[str, object], installed: Pin = INSTALLED, *, first_party: bool = False, safe: bool = False) -> str:
    return why_disabled("search", installed, entry, first_party=first_party, safe=safe)


def test_first_party_plugins_are_enabled_from_the_start() -> None:
    assert why({}, first_party=True) == ""
    assert why({"enabled": False}, first_party=True) == f"disabled in settings; {ENABLE} enables it"


def test_name_of_a_first_party_plugin_does_not_make_one() -> None:
    assert is_first_party("table", "trivet-table")
    assert is_first_party("plan-smollm2", "trivet_plan_smollm2")
    assert is_first_party("web", "trivet-web")
    assert not is_first_party("table", "trivet-tables")
    assert not is_first_party("search", "trivet-search")


def test_any_other_plugin_is_enabled_by_name() -> None:
    assert why({}) == f"installed but not enabled; {ENABLE} shows what it may do and enables it"
    assert why(PINNED) == ""


def test_safe_leaves_out_all_but_the_first_party() -> None:
    assert why(PINNED, safe=True) == "left out in safe mode"
    assert why({"enabled": False}, first_party=True, safe=True) == ""


@pytest.mark.parametrize(
    ("installed", "now"),
    [
        (Pin(name="trivet-search", version="0.3.0", digest="def"), "trivet-search 0.3.0"),
        (Pin(name="trivet-search", version="0.2.0", digest="def"), "trivet-search 0.2.0"),
        (Pin(name="search-evil", version="0.2.0", digest="abc"), "search-evil 0.2.0"),
        (Pin(name="trivet-search", version="0.2.0", digest=""), "trivet-search 0.2.0, editable"),
    ],
)
def test_changed_plugin_is_disabled(installed: Pin, now: str) -> None:
    assert why(PINNED, installed) == (
        f"changed since it was enabled (trivet-search 0.2.0, now {now}); {ENABLE} shows that and enables it again"
    )


def test_editable_install_is_enabled_unpinned() -> None:
    editable = Pin(name="trivet-search", version="0.2.0", digest="")
    assert editable.is_unpinned
    assert why({"enabled": True}, editable) == ""
    assert why({"enabled": True}) == f"enabled without a pin; {ENABLE} pins trivet-search 0.2.0"
