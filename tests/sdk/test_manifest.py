"""`trivet.toml`."""

import pytest

from trivet_sdk import InvalidManifest
from trivet_sdk.manifest import parse_manifest

FULL = b"""
[plugin]
id = "search"
summary = "Find passages"
sdk = ">=1.0,<2"
isolation = "process"
start_timeout = 10.0
activate = ["use", "event:run.finished"]
[requires]
plugins = ["web>=0.1"]
[[contributes.tools]]
name = "search"
summary = "Find passages in local folders"
effect = "pure"
examples = ["find where the contract mentions termination"]
[[contributes.tools]]
dynamic = true
prefix = "mcp"
[[contributes.weights]]
name = "tiny"
source = "pypi:tiny==1.0#tiny/model.gguf"
[permissions]
network = ["*:443"]
secrets = ["SEARCH_API_KEY"]
[config]
schema = "config.schema.json"
"""


def test_a_manifest_is_read() -> None:
    manifest = parse_manifest(FULL, "search")
    assert (manifest.id, manifest.plugin.isolation, manifest.plugin.stop_timeout) == ("search", "process", 5.0)
    assert [tool.name for tool in manifest.contributes.tools] == ["search", ""]
    assert manifest.contributes.tools[0].effect == "pure"
    assert manifest.contributes.weights[0].kind == "model"
    assert manifest.permissions.secrets == ("SEARCH_API_KEY",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Object missing required field `plugin`"),
        (b"[plugin]\nid = 'a'", "Object missing required field `summary` - at `$.plugin`"),
        (b"[plugin]\nid = 'a'\nsummary = 's'\ncolour = 1", "Object contains unknown field `colour` - at `$.plugin`"),
        (
            b"[plugin]\nid = 'a'\nsummary = 's'\nisolation = 'jail'",
            "Invalid enum value 'jail' - at `$.plugin.isolation`",
        ),
        (b"[plugin", "Expected ']' at the end of a table declaration (at end of document)"),
        (
            b'[plugin]\nid = "a"\nsummary = "s\\nIt may do nothing"',
            "Text holds the control character U+000A - at `$.plugin.summary`",
        ),
        (
            b'[plugin]\nid = "a"\nsummary = "s"\n[permissions]\nnetwork = ["\\u001b[1A\\u001b[2Kno network"]',
            "Text holds the control character U+001B - at `$.permissions.network[...]`",
        ),
        (
            '[plugin]\nid = "a"\nsummary = "\u202eelif"'.encode(),
            "Text holds the control character U+202E - at `$.plugin.summary`",
        ),
        (
            b'[plugin]\nid = "a"\nsummary = "s"\n[permissions]\nfiles = ["raed:workspace"]',
            "Unknown permission 'raed:workspace'; write 'read:workspace', 'write:workspace', or a folder as in 'read:~/notes' "
            "- at `$.permissions.files`",
        ),
        (
            b'[plugin]\nid = "a"\nsummary = "s"\n[permissions]\nnetwork = ["the web"]',
            "Unknown permission 'the web'; write a host and a port, as in '*:443' - at `$.permissions.network`",
        ),
        (
            b'[plugin]\nid = "a"\nsummary = "s"\n[permissions]\nsecrets = ["my key"]',
            "Unknown permission 'my key'; a secret's name is like 'SEARCH_API_KEY' - at `$.permissions.secrets`",
        ),
        (
            b'[plugin]\nid = "a"\nsummary = "s"\n[[contributes.weights]]\nname = "w"\nsource = "https://a/b"\nmirrors = ["https://c/b"]',
            "The weights 'w' have mirrors and need `sha256` - at `$.contributes.weights`",
        ),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
def test_each_fault_of_a_manifest_is_named(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidManifest) as refused:
        parse_manifest(content, "search")
    assert str(refused.value) == f"plugin 'search': trivet.toml cannot be used: {reason}"
