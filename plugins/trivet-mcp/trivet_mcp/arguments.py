"""Arguments of a call as the server wants them."""

from collections.abc import Mapping

from trivet_sdk import InvalidArguments, Json, ToolSpec
from trivet_sdk.fitting import misfits


def arguments_for(spec: ToolSpec, given: Mapping[str, Json]) -> dict[str, Json]:
    """A number written as a text becomes one where the schema wants one, and the other way round: planners are lenient,
    servers are not. Raises InvalidArguments."""
    if found := misfits(spec.parameters, given):
        raise InvalidArguments(spec.name, found[0].reason, found[0].path)
    properties = spec.parameters.get("properties", {})
    return {name: _as_wanted(properties.get(name, {}).get("type"), value) for name, value in given.items()}


def _as_wanted(kind: Json, value: Json) -> Json:
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        if kind == "boolean":
            return value.lower() == "true"
        if kind in ("integer", "number"):
            number = float(value)
            return int(number) if number.is_integer() else number
    return value
