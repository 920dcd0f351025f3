"""The files of a plugin's package held against its manifest: what it names must be in the wheel, and be usable."""

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from ..fitting import misfits, unchecked
from ..manifest import Manifest
from ..plan import Json
from .source import Remark, advice, fault

_TYPES = frozenset("string integer number boolean array object null".split())

Read = Callable[[str], bytes | None]
"""A file of the package by its path; None if it is not there."""


def package_remarks(manifest: Manifest, read: Read, requirements: tuple[str, ...]) -> Iterator[Remark]:
    """Each reads on after the plugin's name. `requirements` are the distribution's own."""
    if not any(re.match(r"trivet[-_.]sdk\b", requirement, re.IGNORECASE) for requirement in requirements):
        yield fault("does not depend on trivet-sdk; add it to `dependencies` in pyproject.toml")
    for requirement in requirements:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        if name and re.fullmatch(r"trivet([-_.](?!sdk$|sandbox$).*)?", name[0], re.IGNORECASE):
            yield fault(
                f"depends on {name[0]}; ",
                "a plugin names other plugins in [requires] of its manifest, and never the host",
            )
    for named, path in _named(manifest):
        if read(path) is None:
            yield fault(f"names '{path}' as {named}, but the wheel does not hold it; check what the build leaves out")
    if read("py.typed") is None:
        yield advice(
            "has no `py.typed`, so that nobody's type checker reads its types; ",
            "add an empty file of this name to the package",
        )
    if manifest.config.schema:
        content = read(manifest.config.schema)
        if content is not None:
            yield from schema_remarks(content)


def settings_schema(manifest: Manifest, read: Read) -> Json:
    """None if there is none that could be read."""
    content = read(manifest.config.schema) if manifest.config.schema else None
    try:
        return msgspec.json.decode(content) if content is not None else None
    except msgspec.DecodeError:
        return None


def schema_remarks(content: bytes) -> Iterator[Remark]:
    try:
        schema = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        yield advice(f"has a schema for its settings that is no JSON: {error}")
        return
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        yield fault('has a schema for its settings that is not of `"type": "object"`')
        return
    for keyword in sorted(unchecked(schema)):
        yield fault(
            f"uses '{keyword}' in the schema of its settings, which is not checked; say it in words, or check it in the code"
        )
    yield from _schema_remarks(schema, "")


def _schema_remarks(schema: Mapping[str, Json], at: str) -> Iterator[Remark]:
    where = f"'{at}'" if at else "the settings"
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind not in _TYPES:
            yield fault(f"has a schema that gives {where} the type '{kind}', which is none")
            return
    if "default" in schema and (found := misfits(dict(schema), schema["default"])):
        yield advice(f"has a default for {where} that does not fit its own schema: {found[0]}")
    if at and "description" not in schema and "properties" not in schema:
        yield advice(f"does not describe the setting {where} in its schema; `description` is what users are shown")
    for name, inner in schema.get("properties", {}).items():
        if isinstance(inner, Mapping):
            yield from _schema_remarks(inner, f"{at}.{name}" if at else name)


def _named(manifest: Manifest) -> Iterator[tuple[str, str]]:
    if manifest.config.schema:
        yield "the schema of its settings", manifest.config.schema
    for weights in manifest.contributes.weights:
        if weights.source.startswith("package:") and not weights.source.endswith("/"):
            yield f"the model file '{weights.name}'", weights.source.removeprefix("package:")
        if weights.card:
            yield f"the model card of '{weights.name}'", weights.card
