"""What docstrings say: of a tool, in Google's style, a summary, a description, and a line for each argument; of a module's
classes, a text for each field."""

import re
from collections.abc import Iterator
from types import ModuleType

import msgspec

_SECTION = re.compile(r"(Args|Arguments|Parameters|Returns|Return|Raises|Yields|Examples?|Notes?):\s*$")
_ARGUMENT = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")


class Docstring(msgspec.Struct, frozen=True, kw_only=True):
    summary: str = ""
    """The first paragraph on one line."""
    description: str = ""
    """The further paragraphs, and what `Returns:` says; `Raises:` and the rest are for people who read the code."""
    arguments: dict[str, str] = {}


def read_docstring(text: str | None) -> Docstring:
    """Take a docstring apart. A text without sections is all summary and description."""
    sections: dict[str, list[str]] = {"": []}
    current = ""
    for line in _dedented(text or ""):
        if match := _SECTION.match(line):
            current = match[1]
            sections.setdefault(current, [])
        else:
            sections[current].append(line)
    summary, *paragraphs = "\n".join(sections[""]).strip().split("\n\n", 1)
    description = paragraphs[0].strip() if paragraphs else ""
    returns = " ".join(" ".join(sections.get(name, ())) for name in ("Returns", "Return")).split()
    if returns:
        description = f"{description}\n\nReturns: {' '.join(returns)}".strip()
    arguments = [pair for name in ("Args", "Arguments", "Parameters") for pair in _arguments(sections.get(name, []))]
    return Docstring(summary=" ".join(summary.split()), description=description, arguments=dict(arguments))


def _arguments(lines: list[str]) -> Iterator[tuple[str, str]]:
    """`name: text` or `name (type): text`; further lines that are indented more belong to the same argument."""
    filled = [line for line in lines if line.strip()]
    margin = min((_indent(line) for line in filled), default=0)
    name, words = "", ""
    for line in filled:
        match = _ARGUMENT.match(line.strip()) if _indent(line) == margin else None
        if match is None:
            words = f"{words} {line.strip()}"
            continue
        if name:
            yield name, words.strip()
        name, words = match[1], match[2]
    if name:
        yield name, words.strip()


def _dedented(text: str) -> list[str]:
    """The lines with the margin of all lines but the first removed, as PEP 257 has it."""
    first, *rest = text.expandtabs().strip().splitlines() or [""]
    margin = min((_indent(line) for line in rest if line.strip()), default=0)
    return [first.strip(), *(line[margin:].rstrip() for line in rest)]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def class_texts(module: ModuleType) -> dict[tuple[str, str], str]:
    """(class, field) -> the text below it in the module's source, on one line; the class's own under the field ''."""
    import ast  # for pages and editors only
    import inspect

    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        found[node.name, ""] = _one_line(ast.get_docstring(node) or "")
        field = ""
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                field = statement.target.id
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and field:
                found[node.name, field] = _one_line(str(statement.value.value))
                field = ""
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
