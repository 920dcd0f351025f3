"""Settings for every test of the workspace."""

import os
from collections.abc import Callable

import pytest

# Before anything imports torch: its threads else spin while they wait, and on a busy machine the tests take ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def skip_without() -> Callable[[str, str], None]:
    """`skip_without("weights", "the model is not here")`: skip, or fail where TRIVET_REQUIRE names what is missing."""

    def missing(name: str, reason: str) -> None:
        if name in os.environ.get("TRIVET_REQUIRE", "").split(","):
            pytest.fail(f"{reason}, but TRIVET_REQUIRE names {name}")
        pytest.skip(reason)

    return missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("TRIVET_LONG") == "1":
        return
    for item in items:
        if item.get_closest_marker("long") is not None:
            item.add_marker(pytest.mark.skip(reason="a long test: run it with ./test --long"))
