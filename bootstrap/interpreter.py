"""The Python that runs a script. This file is read by old ones too, so its syntax is that of Python 3.5."""

import os
import sys

NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def require(wanted: "tuple[int, int]") -> None:
    """Go on if this Python is new enough; else start again with one that is, or stop with a sentence."""
    if sys.version_info[:2] >= wanted:
        return
    import subprocess

    script = os.path.abspath(sys.argv[0])
    for name in NEWER:
        path = _on_path(name)
        # a name on the path may be pyenv's, which runs nothing where no such version is chosen
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(path, [path, script, *sys.argv[1:]])
    sys.exit(sentence(sys.version_info[:2], sys.executable, wanted, os.path.basename(script)))


def sentence(found: "tuple[int, int]", executable: str, wanted: "tuple[int, int]", script: str) -> str:
    what = "%s: trivet needs Python %d.%d or newer, but %s is Python %d.%d." % (script, *wanted, executable, *found)
    return "%s Install a newer one and run it as `python3.12 %s`." % (what, script)


def _on_path(name: str) -> str:
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, name)
        if folder and os.access(path, os.X_OK):
            return path
    return ""
