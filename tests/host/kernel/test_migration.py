"""Settings for an older version of a plugin are brought to the present one."""

from trivet.kernel.migration import migrated
from trivet_sdk.manifest import ConfigStep, ConfigTable

TABLE = ConfigTable(
    version=3,
    migrate=(
        ConfigStep(to=3, renamed={"search.roots": "folders"}),
        ConfigStep(to=2, renamed={"root": "search.roots", "depth": "search.depth"}, removed=("legacy",)),
    ),
)


def test_names_are_taken_along_step_by_step() -> None:
    given = {"root": ["~/notes"], "depth": 3, "legacy": True, "other": 1}
    assert migrated(given, 1, TABLE) == (
        {"other": 1, "search": {"depth": 3}, "folders": ["~/notes"]},
        [
            "'root' is now 'search.roots'",
            "'depth' is now 'search.depth'",
            "'legacy' is gone",
            "'search.roots' is now 'folders'",
        ],
        "",
    )
    assert given == {"root": ["~/notes"], "depth": 3, "legacy": True, "other": 1}


def test_present_settings_are_left_alone_and_new_names_win() -> None:
    assert migrated({"root": 1}, 3, TABLE) == ({"root": 1}, [], "")
    assert migrated({"search": {"roots": "old"}, "folders": "new"}, 2, TABLE)[0] == {"folders": "new"}


def test_settings_of_a_newer_version_are_refused() -> None:
    assert migrated({}, 4, TABLE)[2] == (
        "it is of version 4, and the installed plugin knows version 3. Update the plugin, or write its settings anew"
    )
    assert migrated({}, "two", TABLE)[2] == "'config_version' must be a number from 1 on, not 'two'"
