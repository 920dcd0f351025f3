"""`.venv/bin/python docs/generate_reference.py`: docs/reference from the SDK's docstrings and the manifest's structs.

A test compares, so the pages never say what the code does not. Docstrings are read by griffe; `events.md` is made
elsewhere.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
SDK = ROOT / "sdk" / "trivet-sdk"

PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "plugins": ("Plugins: hooks, and what the host hands to them", ("hooks", "context")),
    "tools": ("Tools", ("tool_function", "tool", "formats", "workspace", "decoding", "writing")),
    "contributions": ("What a plugin may bring", ("contributions", "places")),
    "models": ("Model backends, embedders and messages", ("model", "message")),
    "runs": ("What a run is made of", ("goal", "plan", "transcript", "verdict")),
    "errors": ("Errors that cross a contract", ("errors",)),
    "prompting": ("For planners over a language model", ("prompting",)),
    "testing": (
        "For plugins' tests",
        ("testing", "testing.faults", "testing.pytest_plugin", "conformance", "conformance.given"),
    ),
}
MANIFEST = (
    "About", "Requires", "Contributes", "ToolDeclaration", "Declaration", "WeightsDeclaration", "Permissions", "ConfigTable",
)  # fmt: skip
_NOTE = "<!-- Made by docs/generate_reference.py from docstrings. Change those, and run it again. -->"


def pages() -> dict[str, str]:
    """File name -> text."""
    sdk = griffe.load("trivet_sdk", search_paths=[SDK], submodules=True)
    assert isinstance(sdk, griffe.Module)
    made = {f"{name}.md": _page(title, [sdk[module] for module in modules]) for name, (title, modules) in PAGES.items()}
    made["manifest.md"] = _manifest(sdk["manifest"])
    made["README.md"] = _index()
    return made


def _index() -> str:
    lines = [
        "# Reference",
        "",
        _NOTE,
        "",
        "- [trivet.toml, the manifest](manifest.md); for editors `trivet_sdk/trivet.schema.json`, which `trivet plugins new`",
        "  puts into a project",
    ]
    lines += [
        f"- [{title}]({name}.md): {', '.join(f'`trivet_sdk.{each}`' for each in modules)}"
        for name, (title, modules) in PAGES.items()
    ]
    return "\n".join(lines) + "\n"


def _page(title: str, modules: list[griffe.Module]) -> str:
    parts = [f"# {title}", _NOTE]
    for module in modules:
        parts += [f"## `{module.path}`", _text(module)]
        for member in _public(module):
            parts += _object(member)
    return "\n\n".join(part for part in parts if part) + "\n"


def _public(module: griffe.Module) -> Iterator[griffe.Object]:
    """Defined there, in order; for a package what its `__all__` names, wherever it is defined."""
    if module.exports:
        for name in sorted(str(export) for export in module.exports):
            member = module.members[name]
            yield member.final_target if isinstance(member, griffe.Alias) else member
        return
    for name, member in module.members.items():
        if name.startswith("_") or isinstance(member, griffe.Alias | griffe.Module):
            continue
        if not member.is_attribute or member.docstring is not None:
            yield member


def _object(thing: griffe.Object) -> list[str]:
    if isinstance(thing, griffe.Function):
        return [f"### `{thing.name}`", _code(_signature(thing)), _text(thing)]
    if isinstance(thing, griffe.Class):
        bases = ", ".join(str(base) for base in thing.bases if "Struct" not in str(base) and "frozen" not in str(base))
        parts = [f"### `{thing.name}{f'({bases})' if bases else ''}`", _text(thing)]
        fields = [
            member
            for member in thing.members.values()
            if _is_shown(member) and isinstance(member, griffe.Attribute) and (member.annotation or member.docstring)
        ]
        if fields:
            parts.append("\n".join(_field(field) for field in fields))
        for method in thing.members.values():
            if isinstance(method, griffe.Function) and (
                _is_shown(method) or (method.name == "__init__" and method.parameters)
            ):
                parts += [_code(_signature(method)), _text(method)]
        return parts
    if isinstance(thing, griffe.Attribute):
        return [f"### `{thing.name}`", _code(f"{thing.name} = {thing.value}"), _text(thing)]
    return []


def _is_shown(member: griffe.Object | griffe.Alias) -> bool:
    return not member.name.startswith("_") and not isinstance(member, griffe.Alias)


def _field(field: griffe.Object | griffe.Alias) -> str:
    annotation = getattr(field, "annotation", None)
    value = getattr(field, "value", None)
    said = f"- `{field.name}{f': {annotation}' if annotation else ''}{f' = {value}' if value is not None else ''}`"
    text = " ".join(field.docstring.value.split()) if field.docstring else ""
    return f"{said}  \n  {text}" if text else said


def _signature(function: griffe.Function) -> str:
    """On one line if it is short, else a parameter a line."""
    parameters = [each for each in function.parameters if each.name not in ("self", "cls")]
    said, has_star = list[str](), False
    for each in parameters:
        kind = each.kind.name if each.kind is not None else ""
        if kind == "keyword_only" and not has_star:
            said.append("*")
            has_star = True
        star = {"var_positional": "*", "var_keyword": "**"}.get(kind, "")
        has_star = has_star or kind == "var_positional"
        annotation = f": {each.annotation}" if each.annotation is not None else ""
        default = f" = {each.default}" if each.default is not None and not star else ""
        said.append(f"{star}{each.name}{annotation}{default}")
    prefix = "async def" if "async" in function.labels else "def"
    name = function.parent.name if function.name == "__init__" and function.parent is not None else function.name
    returns = f" -> {function.returns}" if function.returns is not None and function.name != "__init__" else ""
    head = f"{prefix} {name}" if function.name != "__init__" else name
    line = f"{head}({', '.join(said)}){returns}"
    return line if len(line) <= 100 else f"{head}(\n" + "".join(f"    {each},\n" for each in said) + f"){returns}"


def _manifest(module: griffe.Module) -> str:
    parts = ["# trivet.toml", _NOTE, _text(module), _text(module["Manifest"])]
    for name in MANIFEST:
        struct = module[name]
        parts += [
            f"## {_text(struct).removesuffix('.')}",
            "\n".join(_field(field) for field in struct.members.values() if _is_shown(field)),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _text(thing: griffe.Object) -> str:
    return thing.docstring.value.strip() if thing.docstring else ""


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


def main() -> None:
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{REFERENCE} holds what the docstrings say\n")


if __name__ == "__main__":
    main()
