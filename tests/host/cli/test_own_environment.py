"""A plugin in an environment of its own: conflicting needs live side by side, and nothing is half there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.host.cli.index import House, Index, manifest
from tests.host.cli.plugin import WORKING
from tests.host.cli.test_terminal import in_terminal

pytestmark = pytest.mark.usefixtures("alone")


BOTH = """
import anyio
from trivet.app import open_host
from trivet.settings import load_settings

async def main():
    async with open_host(load_settings()) as host:
        results = [await host.call_tool(f"{id}.say", {"text": ""}) for id in ("alpha", "beta")]
        print(*(result.parts[0].text for result in results))

anyio.run(main)
"""


def environments(house: House, id: str) -> list[Path]:
    return sorted(path for path in (house.home / "plugins" / id).glob("*") if (path / "bin" / "python").exists())


def in_environment(environment: Path, code: str) -> str:
    command = [str(environment / "bin" / "python"), "-I", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_conflicting_needs_each_find_their_own(index: Index, house: House) -> None:
    for version in ("1", "2"):
        index.wheel("library", f"{version}.0", {"library.py": f"VERSION = {version}\n"})
    points = "[console_scripts]\nalpha-run = alpha_plugin:activate\n"
    tells = WORKING.replace('arguments["text"]', 'str(__import__("library").VERSION)')
    alpha = index.plugin("alpha", source=tells, requires=["library<2"], points=points)
    own = manifest("beta", plugin='isolation = "venv"\n')
    beta = index.plugin("beta", source=tells, toml=own, requires=["library>=2"])
    done = house.trivet("plugins", "install", str(alpha), "--isolation", "venv", "--yes")
    assert done.code == 0, done
    assert done.out == (
        "alpha  alpha-plugin 0.1: A test\n"
        "In an environment of its own:\n"
        "  new      alpha-plugin 0.1  2 kB\n"
        "  new      library 1.0\n"
        "Plugin 'alpha' is installed in an environment of its own. `trivet plugins enable alpha` shows what it may do and "
        "enables it.\n"
    )
    assert 'isolation = "venv"' in (house.home / "settings.toml").read_text()
    assert house.trivet("plugins", "install", str(beta), "--yes", "--enable").code == 0  # as its manifest wants it
    assert house.trivet("plugins", "enable", "alpha", "--yes").out.endswith("It brings one tool.\n")
    (first,), (second,) = environments(house, "alpha"), environments(house, "beta")
    assert subprocess.run(
        [house.python, "-c", BOTH], env=house.environment, capture_output=True, text=True, check=True
    ).stdout == "1 2\n"  # fmt: skip
    assert house.installed() == {}
    assert (first / "bin" / "alpha-run").read_text().startswith(f"#!{first / 'bin' / 'python'}\n")
    assert str(first) in (first / "pyvenv.cfg").read_text()

    # A newer one is made beside it and takes its place; the old one stays for whom it still runs.
    index.plugin("alpha", "0.2", requires=["library<2"])
    newer = str(index.folder / "alpha_plugin-0.2-py3-none-any.whl")
    runs = [str(first / "bin" / "python"), "-I", "-c", "print('ready', flush=True); input(); import library; print(1)"]
    with subprocess.Popen(runs, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert house.trivet("plugins", "install", newer, "--isolation", "venv", "--yes").code == 0
        (current,) = environments(house, "alpha")
        assert current != first
        assert first.is_dir()
        assert worker.communicate("\n")[0] == "1\n"
    assert in_environment(current, "import importlib.metadata as m; print(m.version('alpha-plugin'))") == "0.2"

    shutil.rmtree(house.home / "plugins" / "beta")
    done = house.trivet("plugins", "sync", "--yes")
    assert done.out.endswith("beta-plugin 0.1 is back.\n")
    assert environments(house, "beta") == [second]

    # Wanted beside trivet after all, it is in one place only.
    done = house.trivet("plugins", "install", newer, "--isolation", "inprocess", "--yes")
    assert "  removed  the environment of 'alpha' and all in it\n" in done.out
    assert house.installed() == {"alpha_plugin": "0.2", "library": "1.0"}
    assert not (house.home / "plugins" / "alpha").exists()
    assert "isolation" not in (house.home / "settings.toml").read_text()

    done = house.trivet("plugins", "uninstall", "beta", "--yes")
    assert done.out == (
        "This goes:\n  removed  the environment of 'beta' and all in it\nPlugin 'beta' is uninstalled.\n"
    )
    assert not (house.home / "plugins" / "beta").exists()


def test_own_environment_is_offered_where_the_plugin_would_move_what_trivet_stands_on(
    index: Index, house: House
) -> None:
    index.wheel("click", "7.0", {"click/__init__.py": ""})
    wheel = index.plugin("old", requires=["click<8"])
    typed = {"Give it an environment of its own? [Y/n]: ": "\r", "Install old-plugin 0.1? [y/N]: ": "y\r"}
    command = ("plugins", "install", str(wheel))
    code, screen = in_terminal(house.work, house.environment, *command, typed=typed, python=str(house.python))
    assert code == 0, screen
    assert "In an environment of its own:\n  new      click 7.0\n  new      old-plugin 0.1  2 kB\n" in screen
    assert house.installed() == {}
    (environment,) = environments(house, "old")
    assert in_environment(environment, "import importlib.metadata as m; print(m.version('click'))") == "7.0"


def test_executor_can_have_no_environment_of_its_own(index: Index, house: House) -> None:
    toml = manifest("runner", '[[contributes.executors]]\nname = "runner"\n')
    wheel = index.plugin("runner", toml=toml)
    done = house.trivet("plugins", "install", str(wheel), "--isolation", "venv", "--yes")
    assert done.err == (
        f"Error: '{wheel}': plugin 'runner' brings executors, which work inside trivet's own process only, so it can have no "
        "environment of its own.\n"
    )


def test_contradiction_with_the_sdk_is_told(index: Index, house: House) -> None:
    wheel = index.plugin("future", requires=["trivet-sdk>=99"])
    done = house.trivet("plugins", "install", str(wheel), "--isolation", "venv", "--yes")
    assert done.code == 2
    assert f"Error: '{wheel}': its requirements contradict each other: " in done.err
    assert "trivet-sdk>=99" in done.err
    assert os.listdir(house.home / "plugins") == [".lock"]
