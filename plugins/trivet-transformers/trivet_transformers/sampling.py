"""Which token comes next."""

import torch


class Sampler:
    """Greedy at temperature 0; else draws from the nucleus of `top_p` (Holtzman et al. 2020, section 3.1).

    Draws on the CPU in float32, so that a seed means the same on every device.
    """

    def __init__(self, temperature: float, top_p: float, seed: int | None) -> None:
        self._temperature, self._top_p = temperature, top_p
        self._random = torch.Generator()
        if seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(seed % 2**63)

    def choose(self, logits: torch.Tensor) -> int:
        """`logits`: `[vocabulary]`, minus infinity where a token is forbidden."""
        if self._temperature == 0.0:
            return int(logits.argmax())
        chances, tokens = (logits / self._temperature).softmax(-1).sort(descending=True)
        before = chances.cumsum(-1) - chances
        chances = chances.masked_fill(before >= self._top_p, 0.0)
        chances[0] = max(float(chances[0]), torch.finfo(chances.dtype).tiny)  # top_p = 0 is greedy
        return int(tokens[torch.multinomial(chances, 1, generator=self._random)])
