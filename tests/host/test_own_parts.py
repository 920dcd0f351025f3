"""The host's own executor and journal, held to the suites that plugins are held to."""

from pathlib import Path

from trivet.app import local_executor
from trivet.journal import open_journal
from trivet.runs.threads import ThreadPool
from trivet.settings import load_settings
from trivet_sdk.conformance import check_executor, check_journal


async def test_local_executor_keeps_the_contract(tmp_path: Path) -> None:
    executor = local_executor(load_settings(tmp_path, environ={}), ThreadPool(), lambda event: None)
    assert await check_executor(executor, name="local") == ()


async def test_own_journal_keeps_the_contract(tmp_path: Path) -> None:
    assert await check_journal(lambda settings: open_journal(tmp_path), name="sqlite") == ()
