"""Which build of torch a set-up takes. It is most of the download, and on Linux the index's own build brings CUDA along."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bootstrap.failure import SetupFailed

if TYPE_CHECKING:
    from bootstrap.pip import Pip

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
DRIVERS = ("/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg")


@dataclass(frozen=True)
class Wheel:
    requirement: str
    download_mb: int
    disk_mb: int
    note: str
    options: tuple[str, ...] = ()
    """Options of a pip call of its own; none where the common call brings the right build."""


def choose(pip: Pip) -> Wheel:
    """The build that pip's configuration brings; where that would be CUDA's and there is no such GPU, PyTorch's CPU index.

    TRIVET_TORCH = cpu | cuda decides otherwise.
    """
    pin = re.search(r"^torch==\S+", pip.constraints.read_text(encoding="utf-8"), re.MULTILINE)
    assert pin is not None, "constraints.txt pins torch"
    wish = os.environ.get("TRIVET_TORCH", "")
    if wish not in ("", "cpu", "cuda"):
        raise SetupFailed(f"TRIVET_TORCH is {wish!r}, but it can only be cpu or cuda.")
    report = pip.output("install", "--dry-run", "--quiet", "--no-deps", "--report", "-", pin[0])
    offered = _version(report)
    return decide(pin[0], offered, sys.platform, wish, any(Path(driver).exists() for driver in DRIVERS))


def decide(requirement: str, offered: str | None, platform: str, wish: str, has_gpu: bool) -> Wheel:
    """`offered` is the version that pip would install; None if the pinned one is there already."""
    if offered is None:
        return Wheel(requirement, 0, 0, "")
    if platform != "linux" or "+cpu" in offered:
        return Wheel(requirement, 200, 800, "torch comes as its CPU build." if platform == "linux" else "")
    if wish == "cuda" or (has_gpu and wish != "cpu"):
        return Wheel(requirement, 3000, 7000, "torch comes as its CUDA build; TRIVET_TORCH=cpu takes the small one.")
    return Wheel(
        requirement,
        200,
        800,
        f"torch comes as its CPU build from {CPU_INDEX}, since no NVIDIA driver is here; TRIVET_TORCH=cuda takes the other one.",
        ("--no-deps", "--index-url", CPU_INDEX),
    )


def _version(report: str) -> str | None:
    installs = json.loads(report)["install"]
    return str(installs[0]["metadata"]["version"]) if installs else None
