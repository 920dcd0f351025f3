"""What importing the SDK brings along, and costs: the CLI imports it on every call."""

import subprocess
import sys

HEAVY = ("anyio", "asyncio", "structlog", "rich", "pydantic", "json", "tomllib", "importlib.metadata")


def test_importing_the_contracts_brings_nothing_heavy() -> None:
    code = f"import sys, trivet_sdk; print([name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-S", "-c", _with_path(code)], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() in ("[]", "['tomllib']")


def test_importing_the_contracts_is_quick() -> None:
    """Beside msgspec, which they stand on: at most three times its CPU time, best of seven."""

    def spent(module: str) -> float:
        code = f"import time; start = time.process_time(); import {module}; print(time.process_time() - start)"
        return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)

    rounds = [(spent("msgspec"), spent("trivet_sdk")) for _ in range(7)]
    assert min(ours for _, ours in rounds) < 3 * min(base for base, _ in rounds)


def _with_path(code: str) -> str:
    """`-S` leaves site out, with whatever its .pth files import."""
    return f"import sys; sys.path[:] = {sys.path!r}; {code}"


def test_what_is_for_tests_needs_no_pytest() -> None:
    modules = "trivet_sdk.testing.faults, trivet_sdk.conformance, trivet_sdk.prompting"
    code = f"import sys, {modules}; print('pytest' in sys.modules, 'pydantic' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-S", "-c", _with_path(code)], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False False"
