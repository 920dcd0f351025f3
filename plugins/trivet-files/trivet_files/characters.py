"""How much of a Chinese question a passage holds, character by character: pairs of characters also span two words, which no
passage need have side by side.
"""

import re
from collections.abc import Sequence

_SENTENCE = re.compile(r"[。！？；\n]+")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
APART = 0.5
"""What is left of the coverage where a whole stretch of the question has no character in the passage, which speaks of something
else then."""


def held(stretches: Sequence[str], text: str) -> float:
    """Share of the characters of the question's Chinese stretches that the best sentence holds, 0 to 1; 0 where no two
    neighbours of them stand side by side in it."""
    chinese = [run for stretch in stretches for run in _CHINESE.findall(stretch)]
    size = sum(map(len, chinese))
    if not size:
        return 0.0
    return max((_held_by(sentence, chinese) / size for sentence in _SENTENCE.split(text)), default=0.0)


def lacks_a_stretch(stretches: Sequence[str], text: str) -> bool:
    """Whether a stretch of two characters or more has none of them in the passage."""
    chinese = [run for stretch in stretches for run in _CHINESE.findall(stretch)]
    return any(len(run) > 1 and not set(run) & set(text) for run in chinese)


def _held_by(sentence: str, stretches: Sequence[str]) -> float:
    pairs = {run[i : i + 2] for run in stretches for i in range(len(run) - 1)}
    if not any(pair in sentence for pair in pairs):
        return 0.0
    held_ = float(sum(char in sentence for run in stretches for char in run))
    return held_ * (APART if lacks_a_stretch(stretches, sentence) else 1.0)
