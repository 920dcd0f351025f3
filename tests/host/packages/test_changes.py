"""What an installation would change, and what it must not move."""

from trivet.packages.changes import Change, moved, orphans, reported
from trivet.packages.installed import Installed, asking, closure

THERE = {
    each.key: each
    for each in (
        Installed(name="trivet", version="0.1", requires=("trivet-sdk>=0.1", "click>=8.1", "lib; extra == 'more'")),
        Installed(name="trivet-sdk", version="0.1", requires=("msgspec>=0.19",)),
        Installed(name="trivet-search", version="0.2", requires=("Web_Client[fast]>=1", "tomli; python_version < '3'")),
        Installed(name="web-client", version="1.4", requires=("speedups; extra == 'fast'",)),
        *(Installed(name=name, version="1.0") for name in ("speedups", "click", "msgspec", "lib", "tomli")),
    )
}
USERS = {"trivet": "trivet", "trivet-search": "plugin 'search'"}


def report(*items: tuple[str, str, tuple[str, ...]]) -> dict[str, object]:
    return {"install": [{"metadata": {"name": n, "version": v, "requires_dist": list(r)}} for n, v, r in items]}


def test_everything_that_users_stand_on_is_known_with_who_asks_for_it() -> None:
    asked = asking(USERS, THERE)
    assert asked["trivet"] == [("trivet", "")]
    assert asked["msgspec"] == [("trivet-sdk", "msgspec>=0.19")]
    assert asked["web-client"] == [("trivet-search", "Web_Client[fast]>=1")]
    assert asked["speedups"] == [("web-client", "speedups")]
    assert asked.keys().isdisjoint({"lib", "tomli"})


def test_extras_bring_what_they_ask_for() -> None:
    assert closure(["trivet-search"], THERE) == {"trivet-search", "web-client", "speedups"}
    assert closure(["web-client", "absent"], THERE) == {"web-client"}
    assert closure(["web-client", "trivet[more]; python_version < '3'"], THERE) == {"web-client"}
    assert closure(["Trivet[more]"], THERE) == {"trivet", "trivet-sdk", "msgspec", "click", "lib"}


def test_new_changed_and_moved_packages_are_told_apart() -> None:
    found = report(("msgspec", "0.18", ()), ("fresh", "2.0", ("msgspec<0.19",)), ("lib", "2.0", ()))
    changes = reported(found, THERE, {"fresh": 5_000})
    assert changes == (
        Change(name="fresh", after="2.0", size=5_000),
        Change(name="lib", before="1.0", after="2.0"),
        Change(name="msgspec", before="1.0", after="0.18"),
    )
    (only,) = moved(changes, asking(USERS, THERE), found, "fresh")
    assert only.change.name == "msgspec"
    assert only.askers == ("trivet-sdk (msgspec>=0.19)",)
    assert only.wanted_by == ("fresh (msgspec<0.19)",)


def test_wanted_plugin_may_move_itself() -> None:
    found = report(("trivet-search", "0.3", ()))
    changes = reported(found, THERE, {})
    assert moved(changes, asking(USERS, THERE), found, "trivet-search") == ()


def test_only_what_nobody_else_needs_goes_along() -> None:
    there = {
        each.key: each
        for each in (
            Installed(name="mine", version="1", requires=("alone", "shared")),
            Installed(name="alone", version="1", requires=("below",)),
            Installed(name="below", version="1"),
            Installed(name="shared", version="1"),
            Installed(name="other", version="1", requires=("shared; extra == 'x'",)),
        )
    }
    assert orphans("mine", ("alone", "below", "shared", "gone"), there) == ("alone", "below")
    assert orphans("mine", (), there) == ()
