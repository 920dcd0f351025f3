"""What the command line says of the larger model that a run may be handed over to, before anything is sent."""

from pathlib import Path

import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Site, Trivet
from tests.host.cli.test_run import install
from trivet.cli.elsewhere import departure, elsewhere
from trivet.settings import load_settings

SAY = scripted.goal(("answer", {"text": "好"}))
LEAVES = (
    "Note: Where the planner cannot go on, the goal and what was found are sent to api.example.com (model 'big'); "
    "`trivet config set roles.escalation never` keeps them here\n"
)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:8000/v1", ""),
        ("http://127.3.2.1/v1", ""),
        ("http://localhost:8000/v1", ""),
        ("http://[::1]:8000/v1", ""),
        ("https://api.example.com/v1", "api.example.com"),
        ("http://192.168.0.7:8000/v1", "192.168.0.7"),
        ("http://[2001:db8::1]/v1", "2001:db8::1"),
        ("http://[2001:db8::1/v1", ""),
        ("http://模型.example/v1", "模型.example"),
    ],
)
def test_an_endpoint_is_elsewhere_unless_it_is_on_loopback(url: str, host: str) -> None:
    assert elsewhere({"backend": "openai", "base_url": url}) == host


def test_a_model_on_this_machine_sends_nothing_away(tmp_path: Path) -> None:
    flags = {"roles.escalation": "local"}
    assert departure(load_settings(tmp_path, environ={})) == departure(load_settings(tmp_path, flags, {})) == ""


@pytest.mark.usefixtures("alone")
def test_a_run_says_first_where_its_goal_may_go(site: Site, home: Path, trivet: Trivet) -> None:
    install(site, home)
    for key, value in (("backend", "openai"), ("base_url", "https://api.example.com/v1"), ("name", "大")):
        trivet("config", "set", f"models.big.{key}", value)
    assert "sent to" not in trivet("run", SAY).err
    trivet("config", "set", "roles.escalation", "big")
    trivet("config", "set", "roles.escalation_planner", "scripted")
    done = trivet("run", SAY)
    assert (done.code, done.err.startswith(LEAVES)) == (0, True)
    trivet("config", "set", "roles.escalation", "never")
    assert "sent to" not in trivet("run", SAY).err


@pytest.mark.usefixtures("alone")
def test_a_larger_model_that_nobody_defined_is_said_before_anything_begins(
    site: Site, home: Path, trivet: Trivet
) -> None:
    install(site, home)
    trivet("config", "set", "models.big.backend", "openai")
    done = trivet("config", "set", "roles.escalation", "bgi")
    assert "Model 'bgi' is not defined. Did you mean 'big'?" in done.err
    done = trivet("run", SAY)
    assert done.code == 2
    assert done.err.startswith("Error: Model 'bgi' is not defined. There is: local, coder, big. Did you mean 'big'?")
    trivet("config", "set", "roles.escalation", "big")
    trivet("config", "set", "roles.escalation_planner", "plam")
    done = trivet("run", SAY)
    assert done.code == 2
    assert "'plam'" in done.err
