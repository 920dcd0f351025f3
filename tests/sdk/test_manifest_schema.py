"""The JSON Schema of `trivet.toml` that editors use."""

import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.sdk.test_manifest import FULL
from trivet_sdk.manifest_schema import FILE, manifest_schema, written

PLUGINS = sorted((Path(__file__).parents[2] / "plugins").glob("*/trivet_*/trivet.toml"))
VALIDATOR = jsonschema.Draft202012Validator(manifest_schema())


def test_shipped_file_is_made_from_the_structs() -> None:
    assert FILE.read_text(encoding="utf-8") == written(), "python -m trivet_sdk.manifest_schema > trivet.schema.json"
    jsonschema.Draft202012Validator.check_schema(manifest_schema())


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.parent.name)
def test_every_manifest_of_ours_is_accepted(path: Path) -> None:
    VALIDATOR.validate(tomllib.loads(path.read_text(encoding="utf-8")))


def test_full_manifest_is_accepted() -> None:
    VALIDATOR.validate(tomllib.loads(FULL.decode()))


ABOUT = '[plugin]\nid = "demo"\nsummary = "A demo"\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[plugin]\nsummary = 'x'\n", "'id' is a required property"),
        ('[plugin]\nid = "demo"\n', "'summary' is a required property"),
        ('[plugin]\nid = "Demo!"\nsummary = "x"\n', "'Demo!' does not match '^[a-z][a-z0-9_-]*$'"),
        (ABOUT + 'isolaton = "process"\n', "Additional properties are not allowed ('isolaton' was unexpected)"),
        (ABOUT + 'isolation = "thread"\n', "'thread' is not one of ['inprocess', 'process', 'venv']"),
        (ABOUT + 'start_timeout = "10s"\n', "'10s' is not of type 'number'"),
        (ABOUT + 'activate = "use"\n', "'use' is not of type 'array'"),
        (ABOUT + '[contributes.tools]\nname = "say"\n', "{'name': 'say'} is not of type 'array'"),
        (
            ABOUT + '[[contributes.tools]]\nname = "say"\neffect = "none"\n',
            "'none' is not one of ['effectful', 'idempotent', 'pure']",
        ),
        (ABOUT + '[[contributes.tools]]\nsummary = "x"\n', "{'summary': 'x'} is not valid under any of the given schemas"),
        (ABOUT + '[[contributes.planner]]\nname = "p"\n', "Additional properties are not allowed ('planner' was unexpected)"),
        (ABOUT + "[permissions]\nsubprocess = 'no'\n", "'no' is not of type 'boolean'"),
        (ABOUT + "[extra]\n", "Additional properties are not allowed ('extra' was unexpected)"),
    ],
)  # fmt: skip
def test_typical_mistakes_are_refused(text: str, complaint: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))] == [complaint]


def test_what_a_field_means_is_said_where_it_is_written() -> None:
    definitions = manifest_schema()["$defs"]
    assert definitions["About"]["properties"]["activate"]["description"] == "When: `use`, `start`, or `event:<topic>`."
    assert definitions["Permissions"]["properties"]["network"]["description"] == "Like `*:443`."


def test_it_is_printed_and_found_without_a_host() -> None:
    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "trivet_sdk.manifest_schema", *arguments]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout

    assert said() == FILE.read_text(encoding="utf-8")
    assert said("--path") == f"{FILE}\n"
