"""A request's schema or grammar as llama.cpp takes it: in llguidance's Lark dialect, which is built into it.

llama.cpp says nothing of a grammar that it cannot read, and writes without one. So each is read here before it is sent.
"""

import json
import re

from trivet_sdk import GenerateRequest, UnsupportedRequest

_MARK = "%llguidance"
"""By which llama.cpp tells llguidance's dialect from its own."""
_PLACE = re.compile(r"^at 1\(\d+\): (failed to compile JSON schema: )?")


def constraint_of(model: str, request: GenerateRequest) -> str | None:
    """JSON is written without space between its tokens unless the schema's `x-guidance` allows it.

    Raises UnsupportedRequest for what cannot be enforced."""
    if request.grammar is not None:
        lark, kind = request.grammar.lstrip(), "grammar"
    elif request.schema is not None:
        own = request.schema.get("x-guidance")
        guidance = {"whitespace_flexible": False, **(own if isinstance(own, dict) else {})}
        lark, kind = f"start: %json {json.dumps({**request.schema, 'x-guidance': guidance})}", "JSON Schema"
    else:
        return None
    if fault := _fault(lark):
        raise UnsupportedRequest(model, f"cannot follow this {kind}: {fault}")
    return lark if lark.startswith(_MARK) else f"{_MARK} {{}}\n{lark}"


def _fault(lark: str) -> str:
    """What llguidance says against it, in one line and without the place, which for a schema is none of the caller's."""
    from llguidance import LLMatcher

    said = str(LLMatcher.validate_grammar(LLMatcher.grammar_from_lark(lark)))
    return _PLACE.sub("", said.strip().partition("\n")[0])
