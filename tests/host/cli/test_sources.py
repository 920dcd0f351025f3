"""Where plugins come from and where they come back from: folders, kept wheels, machines without pip."""

import shutil
from pathlib import Path

import pytest

from tests.host.cli.index import House, Index, manifest
from tests.host.cli.plugin import TOOL, WORKING

pytestmark = pytest.mark.usefixtures("alone")

BACKEND = '''
"""A build backend that needs nothing: wheels of the package beside it."""
import pathlib, zipfile

FILES = {"dist-info/METADATA": "Metadata-Version: 2.1\\\\nName: home-made\\\\nVersion: 1.0\\\\n",
         "dist-info/WHEEL": "Wheel-Version: 1.0\\\\nGenerator: own\\\\nRoot-Is-Purelib: true\\\\nTag: py3-none-any\\\\n",
         "dist-info/entry_points.txt": "[trivet.plugins]\\\\nmade = made_plugin\\\\n"}

def _wheel(directory, files):
    name = "home_made-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(directory, name), "w") as archive:
        for place, text in files.items():
            archive.writestr(place.replace("dist-info", "home_made-1.0.dist-info"), text)
        archive.writestr("home_made-1.0.dist-info/RECORD", "")
    return name

def build_wheel(directory, config_settings=None, metadata_directory=None):
    package = {f"made_plugin/{path.name}": path.read_text() for path in pathlib.Path("made_plugin").iterdir()}
    return _wheel(directory, {**FILES, **package})

def build_editable(directory, config_settings=None, metadata_directory=None):
    return _wheel(directory, {**FILES, "_home_made.pth": str(pathlib.Path.cwd())})
'''.replace("\\\\n", "\\n")


def sources(folder: Path) -> Path:
    package = folder / "made_plugin"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(WORKING)
    (package / "trivet.toml").write_text(manifest("made", TOOL))
    (folder / "backend.py").write_text(BACKEND)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "home-made"\nversion = "1.0"\n'
    )
    return folder


def test_folder_is_built_and_an_editable_one_counts_at_once(house: House) -> None:
    folder = sources(house.work / "我的插件")
    done = house.trivet("plugins", "install", "./我的插件", "--yes")
    assert done.code == 0, done
    assert done.err.startswith(f"Building {folder} …\n")
    assert house.installed() == {"home_made": "1.0"}
    done = house.trivet("plugins", "install", "./我的插件", "--yes", "--editable", "--enable")
    assert done.code == 0, done
    assert done.err.endswith("Note: Plugin 'made' is an editable install, so its files are unpinned\n")
    assert "takes effect whenever Python" not in done.err  # its own path file is excepted
    (folder / "made_plugin" / "__init__.py").write_text(WORKING.replace('arguments["text"]', '"changed"'))
    assert house.trivet("tools", "call", "say", '{"text": "x"}').out == "changed\n"
    assert house.trivet("plugins", "update").out == (
        f"home-made: it is editable, so the sources in {folder} are what runs\n"
    )


def test_sync_brings_back_what_a_rebuilt_environment_lost_and_it_stays_enabled(index: Index, house: House) -> None:
    wheel = index.plugin("alpha", points="[console_scripts]\nalpha-run = alpha_plugin:activate\n")
    assert house.trivet("plugins", "install", str(wheel), "--yes", "--enable").code == 0
    for path in house.site.glob("alpha_plugin*"):
        shutil.rmtree(path)
    wheel.unlink()
    noted = house.trivet("plugins", "list").err
    assert "Note: You asked for 'alpha-plugin', which is not here; `trivet plugins sync` brings it back\n" in noted
    assert house.trivet("plugins", "sync").err.endswith("There is no terminal to ask in; give --yes to agree.\n")
    done = house.trivet("plugins", "sync", "--yes")
    assert done.code == 0, done
    assert done.out.endswith("  new      alpha-plugin 0.1  2 kB\nalpha-plugin 0.1 is back.\n")
    info = house.trivet("plugins", "info", "alpha").out
    assert info.startswith("alpha  alpha-plugin 0.1, enabled\n")
    lines = dict(line.split(None, 1) for line in info.splitlines() if line.startswith(("runs", "data")))
    assert lines == {"runs": "inprocess", "data": f"{house.home / 'data' / 'alpha'} (not made yet)"}
    assert f"here because you asked for '{wheel}'\n" in info
    assert f"installed in {house.site / 'alpha_plugin'}\n" in info


def test_what_cannot_come_back_is_told_and_the_rest_comes(index: Index, house: House) -> None:
    house.home.mkdir(exist_ok=True)
    index.plugin("fine")
    (house.home / "plugins.toml").write_text(
        '[fine-plugin]\nrequirement = "fine-plugin"\nversion = "0.1"\nplugins = ["fine"]\n'
        '[gone-plugin]\nrequirement = "gone-plugin>=1"\nversion = "1.5"\nplugins = ["gone"]\n'
    )
    done = house.trivet("plugins", "sync", "--yes")
    assert done.code == 1
    assert (
        "Error: 'gone-plugin' could not be brought back. 'gone-plugin==1.5': the package index has no wheel of "
        "gone-plugin==1.5 for this machine." in done.err
    )
    assert house.installed() == {"fine_plugin": "0.1"}
    (house.home / "plugins.toml").write_text("nonsense")
    done = house.trivet("plugins", "sync", "--yes")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        f"Error: '{house.home / 'plugins.toml'}': the record of installed plugins cannot be read: "
    )


@pytest.mark.long
def test_environment_without_pip_uses_the_pip_that_python_bundles(tmp_path: Path, home: Path, index: Index) -> None:
    house = House(tmp_path / "bare", home, index, has_pip=False)
    assert house.trivet("plugins", "install", str(index.plugin("alpha")), "--yes").code == 0
    assert house.installed() == {"alpha_plugin": "0.1"}
