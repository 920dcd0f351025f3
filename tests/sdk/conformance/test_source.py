"""A plugin's source and files against its manifest, by reading alone."""

from typing import Any

import msgspec
import pytest

from trivet_sdk import Manifest
from trivet_sdk.conformance.package import package_remarks
from trivet_sdk.conformance.source import remarks

SECRET, TOPIC = '[permissions]\nsecrets = ["KEY"]\n', '[[contributes.events]]\nname = "x.grown"\n'


def manifest_of(tables: str = "") -> Manifest:
    import tomllib

    return msgspec.convert(tomllib.loads(f'[plugin]\nid = "x"\nsummary = "-"\n{tables}'), Manifest)


@pytest.mark.parametrize(
    ("tables", "source", "sentences"),
    [
        ("", "from trivet_sdk import tool", []),
        ("", "import trivet.app", ["imports `trivet` in a.py:1; a plugin imports the SDK and what it brings along"]),
        ("", "k = context.secret('KEY')", ["reads the secret 'KEY' in a.py:1, which its manifest does not name; add it to `secrets` in [permissions]"]),
        ("", "\nk = ctx.secrets.get('KEY')", ["reads the secret 'KEY' in a.py:2, which its manifest does not name; add it to `secrets` in [permissions]"]),
        ("", "k = context.secret('env:KEY')", []),
        (SECRET, "k = ctx.secrets['KEY']", []),
        (SECRET, "", ["asks for the secret 'KEY', but its code never reads one of this name; take it out of [permissions]"]),
        ("", "import os\nos.environ['LANG']", ["reads the environment variable 'LANG' in a.py:2, which no worker has; make it a secret or a setting"]),
        ("", "import os\nos.getenv('LANG')", ["reads the environment variable 'LANG' in a.py:2, which no worker has; make it a secret or a setting"]),
        ("", "from urllib import request", ["uses the network (`urllib` in a.py:1), for which its manifest does not ask; add `network = [\"*:443\"]` to [permissions]"]),
        ("", "from urllib.parse import quote", []),
        ("", "async def f():\n    import aiohttp", ["uses the network (`aiohttp` in a.py:2), for which its manifest does not ask; add `network = [\"*:443\"]` to [permissions]"]),
        ("[permissions]\nnetwork = ['*:443']", "", ["asks for the network, but its own code uses none; take `network` out of [permissions] unless a library needs it"]),
        ("", "import anyio\nanyio.run_process(['ls'])", ["uses other programs (`anyio.run_process` in a.py:2), for which its manifest does not ask; add `subprocess = true` to [permissions]"]),
        ("[permissions]\nsubprocess = true", "import subprocess", []),
        ("[permissions]\nsubprocess = true", "from trivet_sandbox import Session", []),
        ("", "class Grown(Event):\n    topic: ClassVar[str] = 'x.grown'", ["defines the topic 'x.grown' in a.py:1, which its manifest does not declare; add it to [[contributes.events]]"]),
        (TOPIC, "class Grown(Event):\n    topic: ClassVar[str] = 'x.grown'", []),
        (TOPIC, "", ["declares the topic 'x.grown', but none of its classes has it"]),
        ("", "context.settings['limit']", ["reads the setting 'limit' in a.py:1, which no schema has; name a schema in [config] that has it"]),
        ("", "settings.get('folder')", []),
        ("", "def broken(:", []),
    ],
)  # fmt: skip
def test_source_and_manifest(tables: str, source: str, sentences: list[str]) -> None:
    assert [remark.sentence for remark in remarks(manifest_of(tables), {"a.py": source})] == sentences


def test_heavy_libraries_count_where_importing_the_package_loads_them() -> None:
    sources = {
        "__init__.py": "from .sub import late\nfrom . import early",
        "sub/__init__.py": "from ..deep.er import x",
        "deep/er.py": "import numpy\nimport torch",
        "early.py": "def f():\n    import transformers",
        "unseen.py": "import torch",
    }
    assert [remark.sentence for remark in remarks(manifest_of(), sources)] == [
        "imports `torch` at the top of deep/er.py; import it in `activate` or later, so that a start is quick"
    ]


def test_settings_are_read_as_the_schema_has_them() -> None:
    schema = {"type": "object", "properties": {"limit": {}, "unused": {}}}
    found = remarks(manifest_of(), {"a.py": "context.settings['limit'] + context.settings.get('lmit')"}, schema)

    assert [(remark.sentence, remark.is_fault) for remark in found] == [
        ("reads the setting 'lmit' in a.py:1, which no schema has; add it to the schema", True),
        ("has a setting 'unused' in its schema that its code never reads", False),
    ]


CONFIG = '[config]\nschema = "config.json"\n'
WEIGHTS = '[[contributes.weights]]\nname = "w"\nsource = "package:w/model.bin"\ncard = "CARD.md"\n'


@pytest.mark.parametrize(
    ("tables", "schema", "sentences"),
    [
        (CONFIG, None, ["names 'config.json' as the schema of its settings, but the wheel does not hold it; check what the build leaves out"]),
        (WEIGHTS, None, [
            "names 'w/model.bin' as the model file 'w', but the wheel does not hold it; check what the build leaves out",
            "names 'CARD.md' as the model card of 'w', but the wheel does not hold it; check what the build leaves out",
        ]),
        (CONFIG, "{", ["has a schema for its settings that is no JSON: Input data was truncated"]),
        (CONFIG, [], ['has a schema for its settings that is not of `"type": "object"`']),
        (CONFIG, {"type": "object", "properties": {"n": {"type": "integer", "default": "many", "description": "-"}}}, [
            "has a default for 'n' that does not fit its own schema: expected a whole number, got 'many'",
        ]),
        (CONFIG, {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "int"}}}}}, [
            "has a schema that gives 'a.b' the type 'int', which is none",
        ]),
        (CONFIG, {"type": "object", "properties": {"n": {"type": "array", "unevaluatedItems": False}}}, [
            "uses 'unevaluatedItems' in the schema of its settings, which is not checked; say it in words, or check it in the code",
            "does not describe the setting 'n' in its schema; `description` is what users are shown",
        ]),
    ],
)  # fmt: skip
def test_files_and_manifest(tables: str, schema: Any, sentences: list[str]) -> None:
    files = {"py.typed": b""}
    if schema is not None:
        files["config.json"] = schema.encode() if isinstance(schema, str) else msgspec.json.encode(schema)

    found = package_remarks(manifest_of(tables), lambda name: files.get(name), ("trivet-sdk>=0.1",))

    assert [remark.sentence for remark in found] == sentences


def test_requirements_are_the_sdk_and_never_the_host() -> None:
    found = package_remarks(
        manifest_of(), lambda name: b"", ("Trivet_SDK", "trivet-sandbox>1", "trivet>=0.1", "trivet-files")
    )

    assert [remark.sentence.partition(";")[0] for remark in found] == ["depends on trivet", "depends on trivet-files"]
    assert [remark.sentence for remark in package_remarks(manifest_of(), lambda name: None, ())] == [
        "does not depend on trivet-sdk; add it to `dependencies` in pyproject.toml",
        "has no `py.typed`, so that nobody's type checker reads its types; add an empty file of this name to the package",
    ]
