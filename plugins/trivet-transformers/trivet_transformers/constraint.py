"""Text that must follow a grammar or a JSON Schema, token by token, through llguidance."""

from collections.abc import Sequence
from typing import Any

import numpy
import torch
from llguidance import LLMatcher, LLTokenizer

from trivet_sdk import UnsupportedRequest

_KEPT = 16


class Constraints:
    """Compiles grammars for one tokenizer, and keeps the latest. Building the tokenizer takes 0.2 to 10 s, once."""

    def __init__(self, model: str, tokenizer_json: str, vocabulary: int, ends: Sequence[int]) -> None:
        self._model, self._vocabulary = model, vocabulary
        self._tokenizer = LLTokenizer(tokenizer_json, n_vocab=vocabulary, eos_token=list(ends))
        self._compiled: dict[str, LLMatcher] = {}

    def schema(self, schema: dict[str, Any]) -> "Constraint":
        """JSON that satisfies `schema`, without space between its tokens unless the schema's `x-guidance` allows it.

        Raises UnsupportedRequest for a keyword that cannot be enforced.
        """
        try:
            grammar = LLMatcher.grammar_from_json_schema(schema, defaults={"whitespace_flexible": False})
        except ValueError as error:
            raise UnsupportedRequest(self._model, f"cannot follow this JSON Schema: {_brief(error)}") from None
        return self._constraint(grammar, "JSON Schema")

    def grammar(self, lark: str) -> "Constraint":
        """Text in the language of `lark`, llguidance's dialect. Raises UnsupportedRequest if it is no grammar."""
        return self._constraint(LLMatcher.grammar_from_lark(lark), "grammar")

    def _constraint(self, grammar: str, kind: str) -> "Constraint":
        matcher = self._compiled.pop(grammar, None)
        if matcher is None:
            matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
            if matcher.is_error():
                raise UnsupportedRequest(self._model, f"cannot follow this {kind}: {_brief(matcher.get_error())}")
            if len(self._compiled) >= _KEPT:
                del self._compiled[next(iter(self._compiled))]
        self._compiled[grammar] = matcher
        return Constraint(self._model, matcher.deep_copy(), self._vocabulary)


class Constraint:
    """One text on its way through a grammar."""

    def __init__(self, model: str, matcher: LLMatcher, vocabulary: int) -> None:
        self._model, self._matcher, self._vocabulary = model, matcher, vocabulary
        self._allowed: torch.Tensor | None = None

    @property
    def is_finished(self) -> bool:
        """The grammar allows nothing more."""
        return self._matcher.is_stopped()

    def allowed(self) -> torch.Tensor:
        """Which tokens may come next, `[vocabulary]`, bool."""
        if self._allowed is None:
            bits = numpy.frombuffer(self._matcher.compute_bitmask(), dtype=numpy.uint8)
            flags = numpy.unpackbits(bits, bitorder="little", count=self._vocabulary)
            self._allowed = torch.from_numpy(flags).bool()
            self._check()
        return self._allowed

    def forced(self) -> list[int]:
        """Tokens that must come next, as far as no choice is left; they are taken in."""
        tokens: list[int] = []
        while not self._matcher.is_stopped():
            ahead = self._matcher.compute_ff_tokens()
            if not ahead:
                allowed = self.allowed()
                if int(allowed.count_nonzero()) != 1 or self._matcher.is_accepting():
                    break
                ahead = [int(allowed.to(torch.uint8).argmax())]
            self._take(ahead)
            tokens += ahead
        return tokens

    def advance(self, token: int) -> None:
        self._take([token])

    def _take(self, tokens: list[int]) -> None:
        self._matcher.consume_tokens(tokens)
        self._allowed = None
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            reason = _brief(self._matcher.get_error())
            raise UnsupportedRequest(self._model, f"cannot go on under this grammar or schema: {reason}")


def _brief(error: object) -> str:
    """The first line, which says what is wrong; a dump of the grammar may follow."""
    return str(error).strip().partition("\n")[0]
