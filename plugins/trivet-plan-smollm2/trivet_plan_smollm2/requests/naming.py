"""Files that a goal calls by their names in words: `the Artistic licence`, of licences/Artistic.txt."""

import re
from pathlib import PurePosixPath

from trivet_plan_smollm2.words.similarity import stem_words

_FILE = frozenset(stem_words("file text document page note notes letter"))


def is_called(path: str, said: str) -> bool:
    """Whether the words are those of the file's name, and perhaps of its folder."""
    words = set(_stems(said)) - _FILE
    name, folder = set(_stems(PurePosixPath(path).stem)), set(_stems(str(PurePosixPath(path).parent)))
    return bool(name) and name - _FILE <= words and words - name <= folder and bool(words)


def _stems(text: str) -> list[str]:
    return stem_words(re.sub(r"[_\-./]+", " ", text.lower().replace("license", "licence")))
