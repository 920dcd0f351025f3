"""The Python that runs in a sandbox, and the folders that it needs to start."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

HOME = Path("/opt/python")
"""Where an interpreter from outside of /usr is seen inside."""


@dataclass(frozen=True)
class Interpreter:
    program: Path
    """As seen inside."""
    prefix: Path | None
    """Folder on this machine that is shown as `HOME`; None if the interpreter is a part of /usr."""
    packages: tuple[Path, ...] = ()
    """Folders on this machine whose packages may be imported, in order."""
    modules: tuple[Path, ...] = ()
    """Single packages and modules on this machine that may be imported."""

    @property
    def libraries(self) -> Path | None:
        """Where its libpython lies inside, if that is not where the linker looks without `/etc/ld.so.cache`."""
        folder = self.program.parent.parent
        return None if folder == Path("/usr") else folder / "lib"


def this_interpreter(packages: tuple[Path, ...] = (), modules: tuple[Path, ...] = ()) -> Interpreter:
    """The one that runs this code, without the packages of its environment: only those that are named are seen inside."""
    base = Path(sys.base_prefix).resolve()
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    program = base / "bin" / name
    if not program.exists():
        program = Path(os.path.realpath(sys.executable))
    if base == Path("/usr") or Path("/usr") in base.parents:
        return Interpreter(program, None, packages, modules)
    return Interpreter(HOME / program.relative_to(base), base, packages, modules)
