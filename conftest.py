"""Settings for every test of the workspace."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

KEPT = ("TRIVET_TEST_", "TRIVET_REQUIRE", "TRIVET_LONG")
"""Variables that are meant for tests; all other `TRIVET_*` are a person's own settings, and would lead tests astray."""

HOME = Path(tempfile.gettempdir()) / f"trivet-home-of-tests-{os.getpid()}"


def pytest_configure() -> None:
    """No test reads or writes the home of the person who runs it. Model files that lie there are used, though."""
    own = Path(os.environ.get("TRIVET_HOME") or platformdirs.user_data_path("trivet", appauthor=False))
    for name in [name for name in os.environ if name.startswith("TRIVET_") and not name.startswith(KEPT)]:
        del os.environ[name]
    os.environ["TRIVET_HOME"] = os.fspath(HOME)
    os.environ["TRIVET_HOST__FETCH"] = "never"
    os.environ.setdefault("TRIVET_TEST_WEIGHTS", os.fspath(own / "weights"))


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


# Before anything imports torch: its threads else spin while they wait, and on a busy machine the tests take ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def skip_without() -> Callable[[str, str], None]:
    """`skip_without("weights", "the model is not here")`: skip, or fail where TRIVET_REQUIRE names what is missing."""

    def missing(name: str, reason: str) -> None:
        if name in os.environ.get("TRIVET_REQUIRE", "").replace(",", " ").split():
            pytest.fail(f"{reason}, but TRIVET_REQUIRE names {name}")
        pytest.skip(reason)

    return missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("TRIVET_LONG") == "1":
        return
    for item in items:
        if item.get_closest_marker("long") is not None:
            item.add_marker(pytest.mark.skip(reason="a long test: run it with ./test --long"))
