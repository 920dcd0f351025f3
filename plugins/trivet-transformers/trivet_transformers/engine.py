"""A loaded model and all that belongs to it: variants, kept prefixes, constraints. Synchronous, for one thread at a time."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from trivet_sdk import ContextTooLong, Delta, GenerateRequest, Message, UnsupportedRequest
from trivet_transformers.adapters import Variants
from trivet_transformers.checkpoint import Checkpoint
from trivet_transformers.choices import Scoring, score
from trivet_transformers.constraint import Constraint, Constraints
from trivet_transformers.decoding import Writing, write
from trivet_transformers.definition import Definition
from trivet_transformers.device import choose_device
from trivet_transformers.prefixes import Prefixes
from trivet_transformers.prompt import PromptWriter
from trivet_transformers.sampling import Sampler

EXTRAS = frozenset({"raw"})


class Engine:
    """`find` gives the folder of declared weights, for adapters."""

    def __init__(self, name: str, checkpoint: Checkpoint, definition: Definition, find: Callable[[str], Path]) -> None:
        self._name, self._checkpoint, self._definition = name, checkpoint, definition
        self._device = choose_device(name, definition.device)
        self._variants = Variants(name, checkpoint.base, find)
        self._prefixes = Prefixes(definition.prefixes)
        self._prompts = PromptWriter(name, checkpoint.tokenizer)
        self._constraints: Constraints | None = None

    @property
    def parameters(self) -> int:
        return self._checkpoint.parameters

    @property
    def window(self) -> int | None:
        windows = [window for window in (self._checkpoint.window, self._definition.window) if window is not None]
        return min(windows, default=None)

    def measure(self, messages: Sequence[Message]) -> int:
        return len(self._prompts.write(messages))

    def begin(self, request: GenerateRequest) -> Iterator[Delta]:
        """Everything that can be refused is refused here; the deltas then come one forward pass at a time.

        Raises UnsupportedRequest, ContextTooLong, ModelError, WeightsMissing.
        """
        self._refuse(request)
        prompt = tuple(self._prompts.write(request.messages, raw=bool(request.extra.get("raw"))))
        room = self._room(prompt)
        adapter = self._definition.adapter if request.adapter is None else request.adapter
        device = choose_device(self._name, request.device) if request.device else self._device
        network = self._variants.network(adapter, device)
        owner, reuse = (adapter, device), request.kv == "auto"
        if request.choices:
            tokens = tuple(tuple(self._encode(text)) for text in request.choices)
            if (longest := max(map(len, tokens))) > room:
                raise self._too_long(len(prompt) + longest)
            return score(
                network,
                self._prefixes,
                Scoring(prompt=prompt, texts=request.choices, tokens=tokens, owner=owner, reuse=reuse),
            )
        task = Writing(
            prompt=prompt,
            limit=room if request.max_tokens is None else min(room, request.max_tokens),
            ends=self._checkpoint.ends,
            stop=request.stop,
            sampler=Sampler(request.temperature, request.top_p, request.seed),
            constraint=self._constraint(request, network.vocabulary),
            logprobs=request.logprobs,
            owner=owner,
            reuse=reuse,
        )
        return write(network, self._checkpoint.tokenizer.backend_tokenizer, self._prefixes, task)

    def _refuse(self, request: GenerateRequest) -> None:
        if request.tools:
            raise UnsupportedRequest(self._name, "takes no native tool calls. Describe the tools in a message instead.")
        kinds = [kind for kind in ("schema", "grammar", "choices") if getattr(request, kind) not in (None, ())]
        if len(kinds) > 1:
            raise UnsupportedRequest(
                self._name, f"takes one of schema, grammar and choices, not {' and '.join(kinds)}."
            )
        if request.choices and (request.logprobs or request.stop):
            raise UnsupportedRequest(self._name, "scores choices as they are, without logprobs and stop.")
        if unknown := sorted(request.extra.keys() - EXTRAS):
            raise UnsupportedRequest(self._name, f"does not know the extra field '{unknown[0]}'.")
        if not request.messages:
            raise UnsupportedRequest(self._name, "needs at least one message.")

    def _room(self, prompt: Sequence[int]) -> int:
        if self.window is None:
            return 1 << 30
        if (room := self.window - len(prompt)) < 1:
            raise self._too_long(len(prompt))
        return room

    def _too_long(self, tokens: int) -> ContextTooLong:
        return ContextTooLong(
            self._name, f"reads at most {self.window} tokens, and this request has {tokens}. Shorten the messages."
        )

    def _constraint(self, request: GenerateRequest, vocabulary: int) -> Constraint | None:
        if request.schema is None and request.grammar is None:
            return None
        if self._constraints is None:
            tokenizer = json.loads(self._checkpoint.tokenizer.backend_tokenizer.to_str())
            tokenizer["padding"] = tokenizer["truncation"] = None
            self._constraints = Constraints(
                self._name, json.dumps(tokenizer), vocabulary, sorted(self._checkpoint.ends)
            )
        if request.grammar is not None:
            return self._constraints.grammar(request.grammar)
        return self._constraints.schema(request.schema or {})

    def _encode(self, text: str) -> list[int]:
        return list(self._checkpoint.tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids)
