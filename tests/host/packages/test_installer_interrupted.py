"""Ctrl-C reaches the whole group of the keyboard; the installer at its change hears none of it, not even at its birth."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
import os, signal
from pathlib import Path
from trivet.packages.installer import Installer, undisturbed
signal.signal(signal.SIGINT, signal.SIG_IGN)  # outside of the scope, where this test cannot stop in time
lock = os.open(os.devnull, os.O_RDONLY)
installer = Installer(Path("/another/python"), progress=print)
try:
    with undisturbed():
        print("ready", flush=True)
        for _ in range(100):
            installer.put("a", ["a==1"], Path("/wheels"), lock)
except KeyboardInterrupt:
    print("kept for later")
"""


def test_an_installer_that_is_being_born_is_not_interrupted(tmp_path: Path) -> None:
    (tmp_path / "uv").symlink_to("/bin/true")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        while process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.0002)
        out, err = process.communicate()
    assert (out, process.returncode) == ("kept for later\n", 0), err
