"""How near two texts are in sense: by the configured embedder, or by shared words where there is none."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from trivet_sdk import Embedder

STOP = frozenset(
    "a an the of in on at to for from by with and or is are was were be been do does did how what which who when where why "
    "many much there this that these those it its my me i we our you your please can could would should tell give show find "
    "have has had not no all any each per into out up than then as if so".split()
)


class Similarity:
    """Cosine similarities; texts are embedded once and remembered."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._known: dict[str, np.ndarray] = {}

    @property
    def has_sense(self) -> bool:
        return self._embedder is not None

    async def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """`[len(texts), dimensions]`, unit length."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            assert self._embedder is not None
            for text, vector in zip(missing, await self._embedder.embed(missing), strict=True):
                self._known[text] = np.asarray(vector, dtype=np.float32)
        return np.stack([self._known[text] for text in texts])

    async def know(self, texts: Sequence[str]) -> None:
        """Embed them at once, which is quicker than one by one."""
        if self._embedder is not None and texts:
            await self.vectors(texts)

    def remember(self, text: str, vector: np.ndarray) -> None:
        self._known[text] = vector

    async def between(self, text: str, others: Sequence[str]) -> list[float]:
        """How near each of the others is to the text, in order, -1 to 1."""
        if not others:
            return []
        if self._embedder is None:
            return [overlap(text, other) for other in others]
        vectors = await self.vectors([text, *others])
        return [float(value) for value in vectors[1:] @ vectors[0]]


def overlap(one: str, other: str) -> float:
    """Shared speaking words, by the Dice coefficient."""
    a, b = set(stem_words(one)), set(stem_words(other))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def stem_words(text: str) -> list[str]:
    """Lower-case words without stop words and with plain English endings off; CJK text as pairs of characters."""
    words = []
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    for word in re.findall(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+", text.lower()):
        if re.match(r"[\u3400-\u9fff]", word):
            words += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        elif word not in STOP:
            words.append(stem(word))
    return words


ROOT = 4
"""Letters with which two words of one root begin."""


def has_root(stem: str, others: Iterable[str]) -> bool:
    """Whether one of these stems is this one, or begins alike: `windi`, of `wind`."""
    return any(other == stem or (len(stem) >= ROOT and other[:ROOT] == stem[:ROOT]) for other in others)


_PLURALS = {
    plural: single
    for single, plural in (
        pair.split("/")
        for pair in "child/children woman/women man/men foot/feet tooth/teeth goose/geese mouse/mice knife/knives leaf/leaves "
        "loaf/loaves shelf/shelves half/halves calf/calves wife/wives scarf/scarves wolf/wolves ox/oxen".split()
    )
}


def stem(word: str) -> str:
    word = _PLURALS.get(word, word)
    for ending, short in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + short
            break
    return word.rstrip("e") if len(word) > 3 else word


def described(word: str) -> tuple[str, ...]:
    """Stems of what an adjective in `-y` may be made of: `rainy`, of rain, `foggy`, of fog, `icy`, of ice."""
    if len(word) < 4 or not word.endswith("y"):
        return ()
    base = word[:-1]
    return (base, base[:-1]) if len(base) > 3 and base[-1] == base[-2] else (base,)
