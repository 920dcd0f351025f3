"""A translation memory in the exchange format TMX 1.4, English to German."""

from xml.etree import ElementTree

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Span

FILE = "memory.tmx"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def _read(ctx: ToolContext) -> ElementTree.Element:
    with ctx.workspace.reading(FILE) as file:
        return ElementTree.fromstring(file.read())


def _pairs(root: ElementTree.Element) -> dict[str, str]:
    pairs = {}
    for unit in root.iter("tu"):
        texts = {each.get(LANGUAGE, ""): each.findtext("seg", "") for each in unit.iter("tuv")}
        pairs[texts.get("en", "")] = texts.get("de", "")
    return pairs


@tool(effect="pure")
def lookup(term: Span, ctx: ToolContext) -> ToolResult:
    """Look up how a term is translated in the translation memory.

    Args:
        term: The English term.
    """
    pairs = {source.casefold(): target for source, target in _pairs(_read(ctx)).items()}
    wanted = term.strip().casefold()
    if not pairs.get(wanted):
        raise ToolError(f"the memory has no translation of '{term}'")
    return result(f"{term} = {pairs[wanted]}", {"term": term, "translation": pairs[wanted]})


@tool(effect="idempotent")
def add_term(term: Span, translation: Span, ctx: ToolContext) -> ToolResult:
    """Add a translated pair to the translation memory.

    Args:
        term: The English term.
        translation: How it is said in German.
    """
    root = _read(ctx)
    body = root.find("body")
    assert body is not None
    unit = ElementTree.SubElement(body, "tu")
    for language, text in (("en", term), ("de", translation)):
        ElementTree.SubElement(ElementTree.SubElement(unit, "tuv", {LANGUAGE: language}), "seg").text = text
    name = ctx.workspace.write(FILE, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
    return result(f"added: {term} = {translation}", {"term": term, "translation": translation}, artifacts=(name,))


@tool(effect="pure")
def untranslated(ctx: ToolContext) -> ToolResult:
    """List the terms without a translation."""
    terms = [source for source, target in _pairs(_read(ctx)).items() if not target]
    return result(", ".join(terms) or "none", {"terms": terms, "count": len(terms)})
