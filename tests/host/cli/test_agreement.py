"""Settings that a person must agree to: `unsafe_no_sandbox` of the code interpreter is one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.cli.conftest import Site, Trivet
from tests.host.cli.typist import at_terminal
from trivet_sandbox.confirmation import NoMachineId, confirmation

pytestmark = pytest.mark.usefixtures("alone")
KEY = "plugins.python.config.unsafe_no_sandbox"
MEANING = (
    "Programs that a model wrote will run as you do: they can read and change all your files, use the network, and read your"
    " keys. Each call will need your approval.\n"
)
CODE = '{"code": "import os\\nprint(os.path.exists(\\"/etc\\"))"}'


@pytest.fixture(autouse=True)
def machine(skip_without: Callable[[str, str], None]) -> None:
    try:
        confirmation(KEY)
    except NoMachineId as error:
        skip_without("machine-id", str(error))


def test_nobody_can_agree_without_a_terminal_but_in_so_many_words(trivet: Trivet, home: Path) -> None:
    before = (home / "settings.toml").read_text()
    refused = trivet("config", "set", KEY, "true")

    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        f"{MEANING}Error: {KEY}: there is no terminal in which somebody could agree to that; --yes says that you do\n"
    )
    assert (home / "settings.toml").read_text() == before


@pytest.mark.parametrize("value", ["yes", "1", "agreed-00000000000000000000000000000000"])
def test_agreement_cannot_be_written_as_a_value(trivet: Trivet, home: Path, value: str) -> None:
    refused = trivet("config", "set", KEY, value, "--yes")

    assert refused.code == 2
    assert refused.err == (
        f"Error: {KEY}: it takes true or false, and true is asked about: `trivet config set {KEY} true`\n"
    )
    assert KEY.rpartition(".")[2] not in (home / "settings.toml").read_text()


def test_somebody_at_a_terminal_is_asked(home: Path, site: Site, tmp_path: Path) -> None:
    environment = {"TRIVET_HOME": os.fspath(home), "PYTHONPATH": os.fspath(site.folder)}
    for answer, left in (("n", 2), ("\r", 2), ("y", 0)):
        with at_terminal(tmp_path, environment, "config", "set", KEY, "true") as typist:
            typist.until("read your keys. Each call will need your approval.")
            typist.until("Is that what you want? [y/N]: ")
            typist.type(f"{answer}\r")
            assert typist.left() == left
        assert (confirmation(KEY) in (home / "settings.toml").read_text()) == (answer == "y")


def test_what_was_agreed_to_is_seen_at_every_turn_and_ends_when_it_is_taken_back(trivet: Trivet) -> None:
    trivet("plugins", "enable", "python", "--yes")
    agreed = trivet("config", "set", KEY, "true", "--yes")
    assert agreed.code == 0
    assert agreed.err.startswith(MEANING)
    assert (
        "Note: Tool 'python.python' counts as effectful and sending data away and bringing text from outside: its code says so,"
        " though its manifest does not\n"
    ) in agreed.err

    told = trivet("doctor", "--json")
    sentence = f"'{KEY}' is on. {MEANING.strip()} `trivet config set {KEY} --unset` ends that"
    assert {"what": "unsafe", "verdict": "wrong", "sentence": sentence} in told.json()
    assert told.code == 1

    unasked = trivet("tools", "call", "python", CODE)
    assert unasked.err.endswith(
        "Error: 'python.python' changes something and there is no terminal to ask in; give --yes.\n"
    )
    made = trivet("tools", "call", "python", CODE, "--yes")
    assert made.out == "Run without a sandbox, as `unsafe_no_sandbox` says.\nTrue\n"

    assert trivet("config", "set", KEY, "--unset").code == 0
    assert all(each["what"] != "unsafe" for each in trivet("doctor", "--json").json())
    assert trivet("tools", "call", "python", CODE).out in ("False\n", "")  # where there is no bubblewrap, it says so


def test_what_stands_in_settings_unagreed_starts_nothing(trivet: Trivet) -> None:
    """As it comes with a project's settings, or is written by whoever may write files there."""
    trivet("plugins", "enable", "python", "--yes")
    for value in ("true", "agreed-00000000000000000000000000000000"):
        variable = {"TRIVET_PLUGINS__PYTHON__CONFIG__UNSAFE_NO_SANDBOX": value}
        called = trivet("tools", "call", "python", CODE, "--yes", **variable)
        assert (called.code, called.out) == (2, "")
        assert f"'{KEY}' is set, but not confirmed for this machine and user." in called.err
        wrong = f"'{KEY}' is set, but nobody has agreed to it on this machine, so 'python' does not start"
        told = trivet("doctor", "--json", **variable).json()
        assert {"what": "unsafe", "verdict": "wrong", "sentence": wrong} in told


def test_reduced_sandbox_is_told_with_what_it_does_not_keep(
    trivet: Trivet, skip_without: Callable[[str, str], None]
) -> None:
    from trivet_sandbox.reduced import PROMISES, reduced_readiness

    found = reduced_readiness()
    if not found.is_usable:
        skip_without("landlock", found.reason)
    trivet("plugins", "enable", "python", "--yes")
    assert all(each["what"] != "reduced" for each in trivet("doctor", "--json").json())
    trivet("config", "set", "plugins.python.config.backend", "landlock")

    done = trivet("doctor", "--json")
    told = [(each["verdict"], each["sentence"]) for each in done.json() if each["what"] == "reduced"]
    said = (
        f"plugins.python.config.backend is 'landlock' (version {found.abi} in this kernel), which keeps fewer promises:"
    )
    assert told[0] == ("note", said)
    assert "wrong" not in {verdict for verdict, _ in told}
    assert {("ok", f"{name}: {promise}") for name, promise in PROMISES.items()} <= set(told)
    missing = {("note", f"not kept, {each.name}: {each.promise} ({each.said})") for each in found.missing}
    assert missing
    assert missing <= set(told)
