"""Where models compute: the device and the number format."""

import re
from typing import Any

import torch

from trivet_sdk import ModelError


def choose_device(name: str, asked: str) -> torch.device:
    """The device for model `name`: `auto`, `cpu`, `cuda` or `cuda:N`. Raises ModelError if it is not here."""
    cuda = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if asked == "auto":
        return torch.device("cuda:0" if cuda else "cpu")
    if asked == "cpu":
        return torch.device("cpu")
    if (match := re.fullmatch(r"cuda(?::(\d+))?", asked)) is None:
        raise ModelError(name, f"asks for the device '{asked}', which is none of auto, cpu, cuda and cuda:N.")
    number = int(match[1] or 0)
    if number >= cuda:
        here = f"{cuda} CUDA device{'s' * (cuda != 1)}" if cuda else "no CUDA device"
        raise ModelError(name, f"asks for the device '{asked}', but torch sees {here}. Use `device = \"auto\"`.")
    return torch.device("cuda", number)


def choose_dtype(asked: str, device: torch.device) -> torch.dtype:
    """`auto` takes bfloat16 only where it is computed natively; emulated, it is slower than float32."""
    if asked != "auto":
        return getattr(torch, asked)  # type: ignore[no-any-return]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.get_device_capability(device)[0] >= 8 else torch.float16
    return torch.bfloat16 if computes_bfloat16() else torch.float32


def computes_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 matrices by instructions of its own (AVX512-BF16 or AMX)."""
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))


def describe() -> list[dict[str, Any]]:
    """The facts about each device, for people: name, memory in bytes, threads."""
    facts: list[dict[str, Any]] = [
        {"device": "cpu", "threads": torch.get_num_threads(), "bfloat16": computes_bfloat16()},
    ]
    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        properties = torch.cuda.get_device_properties(number)
        facts.append({"device": f"cuda:{number}", "name": properties.name, "memory": properties.total_memory})
    return facts
