"""A plugin's settings against the JSON Schema that its manifest names: defaults filled in, misfits named."""

from collections.abc import Mapping

from .fitting import Misfit, misfits
from .plan import Json


def configured(schema: Mapping[str, Json], given: Mapping[str, Json]) -> tuple[dict[str, Json], tuple[Misfit, ...]]:
    """The settings with the schema's defaults, and each place where they do not fit; paths begin with `$`.

    Read strictly: settings have types, so "5" is no number. Defaults inside an object that is not given are filled in
    if nothing in it is required.
    """
    filled = _filled(schema, given)
    return filled, misfits(schema, filled, strict=True)


def _filled(schema: Mapping[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
    filled = dict(given)
    for name, inner in schema.get("properties", {}).items():
        if not isinstance(inner, Mapping):
            continue
        if name in filled:
            if isinstance(filled[name], Mapping):
                filled[name] = _filled(inner, filled[name])
        elif "default" in inner:
            filled[name] = inner["default"]
        elif "properties" in inner and name not in schema.get("required", ()) and not inner.get("required"):
            filled[name] = _filled(inner, {})
    return filled
