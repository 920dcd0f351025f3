"""The command line. Nothing heavy is imported before the arguments are parsed; a command's module only when it is used."""

import os
import sys

from trivet.cli.root import main as main

__all__ = ["main"]

# Said before anything of ours prints: a locale that cannot write Chinese must not stop an answer.
for stream in (sys.stdout, sys.stderr):
    if hasattr(stream, "reconfigure") and stream.encoding.lower() != "utf-8":
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
if os.name == "posix" and sys.getfilesystemencoding() not in ("utf-8", "utf8"):
    # Arguments and file names were decoded by a locale that most files do not follow: start again in UTF-8 mode.
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "PYTHONUTF8": "1"})
