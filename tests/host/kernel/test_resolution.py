"""Which plugins start in which order, and what is said of those that cannot."""

from trivet.kernel.resolution import resolve
from trivet_sdk.manifest import About, Contributes, Declaration, Manifest, Requires


def manifest(id: str, *, needs: tuple[str, ...] = (), after: tuple[str, ...] = (), sdk: str = ">=1.0,<2") -> Manifest:
    return Manifest(plugin=About(id=id, summary="", sdk=sdk), requires=Requires(plugins=needs, optional=after))


def of(*manifests: Manifest) -> dict[str, Manifest]:
    return {each.id: each for each in manifests}


def versions(*ids: str) -> dict[str, str]:
    return dict.fromkeys(ids, "0.1.0")


def test_what_is_needed_comes_first_and_ids_decide_the_rest() -> None:
    found = resolve(of(manifest("a", needs=("z",)), manifest("b"), manifest("z")), versions("a", "b", "z"), "1.0")
    assert found.order == ("b", "z", "a")
    assert found.refused == {}


def test_optional_plugin_comes_before_if_it_is_present() -> None:
    assert resolve(of(manifest("a", after=("z",)), manifest("z")), versions("a", "z"), "1.0").order == ("z", "a")
    assert resolve(of(manifest("a", after=("z",))), versions("a"), "1.0").order == ("a",)


def test_circle_of_optional_plugins_is_no_hindrance() -> None:
    found = resolve(of(manifest("a", after=("b",)), manifest("b", after=("a",))), versions("a", "b"), "1.0")
    assert sorted(found.order) == ["a", "b"]


def test_missing_plugin_is_named() -> None:
    found = resolve(of(manifest("a", needs=("web>=0.1",))), versions("a"), "1.0")
    assert found.order == ()
    assert found.refused == {"a": "it needs plugin 'web', which is not installed"}


def test_disabled_plugin_is_named_with_its_reason() -> None:
    found = resolve(of(manifest("a", needs=("web",))), versions("a"), "1.0", {"web": "disabled: for good"})
    assert found.refused == {"a": "it needs plugin 'web', which is disabled: for good"}


def test_wrong_version_is_named() -> None:
    found = resolve(of(manifest("a", needs=("web>=0.2",)), manifest("web")), versions("a", "web"), "1.0")
    assert found.refused == {"a": "it needs plugin 'web>=0.2', and version 0.1.0 is installed"}


def test_cycle_is_told_as_a_way_and_takes_along_who_needs_it() -> None:
    found = resolve(
        of(manifest("a", needs=("b",)), manifest("b", needs=("a",)), manifest("c", needs=("a",)), manifest("d")),
        versions("a", "b", "c", "d"),
        "1.0",
    )
    assert found.order == ("d",)
    assert found.refused == {
        "a": "it needs itself: a -> b -> a",
        "b": "it needs itself: b -> a -> b",
        "c": "it needs plugin 'a', which cannot start: it needs itself: a -> b -> a",
    }


def test_sdk_version_is_compared_with_the_contracts() -> None:
    found = resolve(of(manifest("a", sdk=">=2"), manifest("b", sdk="new")), versions("a", "b"), "1.0")
    assert found.refused == {
        "a": "it is made for SDK >=2, and this host has SDK 1.0",
        "b": "its manifest asks for SDK 'new', which is no version specifier; write it like '>=1.0,<2'",
    }


def test_capability_must_come_from_an_enabled_plugin() -> None:
    needy = Manifest(plugin=About(id="a", summary=""), requires=Requires(capabilities=("embedder",)))
    giver = Manifest(plugin=About(id="b", summary=""), contributes=Contributes(embedders=(Declaration(name="minilm"),)))
    assert resolve(of(needy), versions("a"), "1.0").refused == {
        "a": "it needs embedder, which no enabled plugin provides"
    }
    assert resolve(of(needy, giver), versions("a", "b"), "1.0").order == ("a", "b")
