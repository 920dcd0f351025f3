"""Tools that requests about texts need, recognised by their parameters and not by their names."""

from trivet_sdk import ToolSpec


def reads_text(tool: ToolSpec) -> bool:
    """It reads a text file, or some of its lines."""
    required = tool.parameters.get("required", ())
    properties = tool.parameters.get("properties", {})
    return (
        len(required) == 1
        and properties[required[0]].get("format") == "workspace-path"
        and {"start_line", "lines"} <= properties.keys()
    )


def writes_text(tool: ToolSpec) -> bool:
    return {"text", "path"} == set(tool.parameters.get("required", ()))
