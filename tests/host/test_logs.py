"""The log file is shared by hosts, bounded, and free of secrets."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.walks.household import settings_for
from trivet.app import open_host
from trivet.log_file import KEPT, LogFile
from trivet.logs import LateLogger, configure_logs, keep_log

WRITER = """
import sys
from pathlib import Path
from trivet.log_file import LogFile
file = LogFile(Path(sys.argv[1]), most=20_000)
for number in range(400):
    file.write({"event": f"{sys.argv[2]}-{number:04} " + "x" * 80, "level": "warning", "timestamp": "now"})
"""


def test_processes_that_share_the_log_lose_no_line_and_keep_to_its_bound(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in names]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    files = sorted((tmp_path / "logs").glob("trivet.log*"))
    assert len(files) == KEPT + 1
    assert all(file.stat().st_size < 25_000 for file in files)
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert all(line.startswith("now warning ") and line.endswith("x" * 80) for line in lines)
    assert len({line.split()[2] for line in lines}) == len(lines) > 500


def test_secrets_do_not_stand_in_the_log(tmp_path: Path) -> None:
    file = LogFile(tmp_path, ["马到成功-9000"])
    file.write(
        {
            "event": "refused",
            "level": "error",
            "timestamp": "now",
            "key": "马到成功-9000",
            "error": "Bearer abcdefgh12345678",
        }
    )
    file.close()
    said = (tmp_path / "logs" / "trivet.log").read_text(encoding="utf-8")
    assert said == "now error refused key='[secret removed]' error='Bearer [secret removed]'\n"


def test_log_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    LogFile(tmp_path).write({"event": "x"})


@pytest.mark.anyio
async def test_warnings_of_a_host_are_kept_in_its_home(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs(debug=False)
    async with open_host(settings_for(tmp_path)):
        LateLogger(plugin="天气").warning("no sun", error=ValueError("雨"))
        LateLogger().info("not worth keeping")
    said = (tmp_path / "logs" / "trivet.log").read_text(encoding="utf-8")
    assert said.endswith(" warning no sun plugin='天气' error=ValueError('雨')\n")
    assert said.count("\n") == 1
    assert "no sun" in capfd.readouterr().err


def test_line_of_another_thread_that_comes_while_the_host_closes_is_no_error(tmp_path: Path) -> None:
    """As the watchdog's does: its scope may end between any two things that writing does."""
    configure_logs(debug=False)
    is_asked, may_go_on = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def secrets() -> list[str]:
        is_asked.set()
        assert may_go_on.wait(10)
        return []

    def write() -> None:
        try:
            LateLogger().warning("nothing else can run")
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(2)]
    with keep_log(tmp_path, secrets):
        for writer in writers:
            writer.start()
        assert is_asked.wait(10)
        threading.Timer(0.05, may_go_on.set).start()  # after the scope has begun to end, whoever is faster
    write()
    for writer in writers:
        writer.join(10)
    assert failures == []
    assert (tmp_path / "logs" / "trivet.log").read_text(encoding="utf-8").count("nothing else can run") in (1, 2)
