"""What can be known of model files without loading them, or torch: a run that never asks its model does not pay for it."""

import hashlib
import json
import math
import struct
from pathlib import Path

import msgspec

CONVERSION = 1
"""Version of the conversion of GGUF files; a change makes new folders."""


class Facts(msgspec.Struct, frozen=True):
    window: int | None
    """Tokens that prompt and completion may have together."""
    parameters: int


def conversion_of(file: Path, cache: Path) -> Path:
    """Where the folder that is made from a GGUF file is, or will be."""
    stat = file.stat()
    mark = hashlib.blake2b(f"{CONVERSION} {stat.st_size} {stat.st_mtime_ns}".encode(), digest_size=6).hexdigest()
    return cache / "converted" / f"{file.stem}-{mark}"


def facts_of(folder: Path) -> Facts | None:
    """From `config.json` and the headers of the safetensors files
    (https://huggingface.co/docs/safetensors/index#format); None if they do not say."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
        window = config.get("text_config", config).get("max_position_embeddings")
        parameters = sum(_parameters(file) for file in folder.glob("*.safetensors"))
    except (OSError, ValueError, AttributeError, KeyError, TypeError, struct.error):
        return None
    return Facts(window if isinstance(window, int) else None, parameters) if parameters else None


def _parameters(file: Path) -> int:
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        header = json.loads(opened.read(min(length, 50_000_000)))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
