"""Plugins come by a wheel, a folder or a name, after showing what would change; what others stand on is not moved."""

import zipfile

import pytest

from tests.host.cli.conftest import TOOL, Site
from tests.host.cli.index import House, Index, manifest

pytestmark = pytest.mark.usefixtures("alone")


def lines(text: str, first: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(first)]


def test_plugin_is_installed_enabled_updated_and_taken_away(index: Index, house: House) -> None:
    for version in ("1.0", "1.5"):
        index.wheel("library", version, {"library.py": ""})
    (house.home / "constraints.txt").write_text("library<1.5\n")
    index.plugin("alpha", requires=["library<2", "click>=8"])
    done = house.trivet("plugins", "install", "alpha-plugin", "--yes", "--enable")
    assert done.code == 0, done
    assert done.out.startswith(
        "alpha  alpha-plugin 0.1: A test\n"
        "In trivet's own environment:\n"
        "  new      alpha-plugin 0.1  2 kB\n"
        "  new      library 1.0\n"
        "Plugin 'alpha' is installed. `trivet plugins enable alpha` shows what it may do and enables it.\n"
    )
    assert done.out.endswith("Plugin 'alpha' is enabled. It brings one tool.\n")
    assert done.err == "Looking for alpha-plugin …\nResolving …\nInstalling alpha-plugin 0.1 …\n"
    assert house.trivet("tools", "call", "alpha.say", '{"text": "你好"}').out == "你好\n"

    again = house.trivet("plugins", "install", "alpha-plugin", "--yes")
    assert (again.code, again.err) == (
        2,
        "Error: 'alpha-plugin': alpha-plugin 0.1 is installed already. `trivet plugins update alpha-plugin` looks for a newer "
        "one.\n",
    )

    wider = manifest("alpha", TOOL + '[permissions]\nnetwork = ["*:443"]\nsubprocess = true\n')
    index.plugin(
        "alpha",
        "0.2",
        source="raise RuntimeError('boom')",
        toml=wider,
        files={"alpha_plugin/new.py": ""},
        requires=["library<2", "click>=8"],
    )
    done = house.trivet("plugins", "update", "--yes")
    assert "  changed  alpha-plugin 0.1 -> 0.2  1 kB\nUpdated alpha-plugin from 0.1 to 0.2.\n" in done.out
    assert done.err.endswith(
        "Note: Plugin 'alpha' was enabled with its old files; `trivet plugins enable alpha` enables the new ones\n"
    )
    why = house.trivet("plugins", "why", "alpha").out
    assert why.startswith(
        "Plugin 'alpha' (alpha-plugin 0.2) is disabled: changed since it was enabled (alpha-plugin 0.1, now alpha-plugin 0.2): "
        "may newly: reach *:443, start programs; added: alpha_plugin-0.2.dist-info/METADATA, "
    )
    assert why.endswith("It is here because you asked for 'alpha-plugin'.\n")
    enabled = house.trivet("plugins", "enable", "alpha", "--yes").out
    assert "Since it was enabled (0.1), it\n  may newly    reach *:443, start programs\n  added        " in enabled
    assert ", alpha_plugin/new.py\n" in enabled  # though it cannot be imported any more

    done = house.trivet("plugins", "uninstall", "alpha", "--yes")
    assert done.out == (
        "This goes:\n  removed  alpha-plugin 0.2\n  removed  library 1.0\nPlugin 'alpha' is uninstalled.\n"
    )
    assert done.err == (
        "Removing alpha-plugin, library …\n"
        "Note: Its settings and data are kept; `trivet plugins uninstall alpha --purge` deletes them\n"
    )
    assert house.installed() == {}
    assert "[plugins.alpha]" in (house.home / "settings.toml").read_text()
    assert house.trivet("plugins", "uninstall", "alpha", "--purge", "--yes").out == (
        "This goes:\nPlugin 'alpha' is uninstalled.\n"
    )
    assert "[plugins.alpha]" not in (house.home / "settings.toml").read_text()


def test_what_trivet_stands_on_is_not_moved(index: Index, house: House) -> None:
    index.wheel("click", "7.0", {"click/__init__.py": ""})
    wheel = index.plugin("old", requires=["click<8"])
    done = house.trivet("plugins", "install", str(wheel), "--yes")
    assert done.code == 2
    assert "  changed  click " in done.out
    sentence = lines(done.err, "Error: ")[0]
    assert sentence.startswith(f"Error: '{wheel}' would move what trivet and its enabled plugins stand on: click ")
    assert " -> 7.0 (needed by " in sentence
    assert "trivet (click>=8.1)" in sentence
    assert sentence.endswith(
        "; the other is wanted by old-plugin (click<8)). Nothing was changed. "
        f"`trivet plugins install {wheel} --isolation venv` gives it an environment of its own."
    )
    assert house.installed() == {}


def test_what_is_no_plugin_is_not_installed(index: Index, house: House) -> None:
    plain = index.wheel("plain", "1.0", {"plain.py": ""})
    bare = index.plugin("bare", toml="")
    other = index.plugin("other", toml=manifest("another"))
    broken = index.folder / "broken-1.0-py3-none-any.whl"
    broken.write_text("no wheel")
    empty = house.work / "sources"
    empty.mkdir()
    said = [
        house.trivet("plugins", "install", asked, "--yes").err.splitlines()[-1]
        for asked in (str(plain), str(bare), str(other), str(broken), "./sources", "./nowhere", "no such thing")
    ]
    assert said == [
        f"Error: '{plain}': plain 1.0 is no plugin for trivet: it has no entry point in the group 'trivet.plugins'. Nothing was "
        "installed.",
        "Error: 'bare-plugin': the manifest of its plugin 'bare' cannot be used: Object missing required field `plugin`.",
        "Error: 'other-plugin': its manifest says id 'another', but its entry point is named 'other'.",
        "Error: 'broken-1.0-py3-none-any.whl': this is no wheel: it cannot be read, or has no metadata.",
        "Error: './sources': the folder has no pyproject.toml, so nothing can be built of it.",
        f"Error: './nowhere': there is no such file or folder here ({house.work / 'nowhere'}).",
        "Error: 'no such thing': this is no requirement like 'trivet-search' or 'trivet-search>=0.2', and no path of a folder or "
        "a wheel.",
    ]
    assert house.installed() == {}


def test_code_that_runs_before_any_gate_needs_a_word_of_its_own(index: Index, house: House) -> None:
    wheel = index.plugin(
        "early",
        files={"boot.pth": "import early_plugin\n", "sitecustomize.py": ""},
    )
    warned = (
        "Note: Early-plugin 0.1 brings boot.pth, sitecustomize.py, which takes effect whenever Python or trivet starts, enabled "
        "or not"
    )
    refused = house.trivet("plugins", "install", str(wheel), "--yes")
    assert refused.code == 2
    assert refused.err.splitlines()[-2:] == [
        warned.replace("Early", "early"),
        "Error: early-plugin 0.1 was not installed. If you trust it with that, give --allow-startup-code.",
    ]
    assert house.installed() == {}
    assert house.trivet("plugins", "install", str(wheel), "--yes", "--allow-startup-code").code == 0
    (house.site / "boot.pth").unlink()  # the test's own commands should run as ever
    (house.site / "boot.pth").write_text("# tamed\n")
    assert warned.replace("Early", "early") in house.trivet("plugins", "enable", "early", "--yes").err


def test_files_of_another_package_are_not_written_over(index: Index, house: House) -> None:
    victim = index.wheel("victim", "1.0", {"victim/__init__.py": "", "victim/more.py": ""})
    with zipfile.ZipFile(victim) as wheel:
        wheel.extractall(house.site)
    thief = index.plugin("thief", files={"victim/more.py": "stolen = True"})
    done = house.trivet("plugins", "install", str(thief), "--yes")
    assert done.err.splitlines()[-1] == (
        f"Error: '{thief}': it would write over victim/more.py, which belongs to victim. Nothing was changed."
    )
    for file in ("trivet/kernel/gate.py", "TRIVET/kernel/gate.py"):  # one file on some disks
        usurper = index.plugin("usurper", files={file: ""})
        done = house.trivet("plugins", "install", str(usurper), "--yes")
        assert done.err.splitlines()[-1] == (
            f"Error: '{usurper}': it would write over {file}, which belongs to trivet. Nothing was changed."
        )


@pytest.mark.parametrize(
    "member",
    ["./boot.pth", "odd_plugin/../boot.pth", "MSGSPEC/../msgspec/more.py", "/boot.pth", "..\\boot.pth", "a//b.py"],
)
def test_each_file_of_a_wheel_has_one_spelling(index: Index, house: House, member: str) -> None:
    odd = index.plugin("odd", files={member: ""})
    done = house.trivet("plugins", "install", str(odd), "--yes")
    assert done.err.splitlines()[-1] == (
        f"Error: '{odd.name}': it holds '{member}', which is no plain path inside a wheel. Nothing was installed."
    )
    assert house.installed() == {}


def test_commands_of_others_are_not_taken_over(index: Index, house: House) -> None:
    (house.folder / "bin" / "search").write_text("mine")
    for command in ("python3", "pip3.11", "trivet", "uv", "activate.fish", "search"):
        greedy = index.plugin("greedy", points=f"[console_scripts]\n{command} = greedy_plugin:activate\n")
        done = house.trivet("plugins", "install", str(greedy), "--yes", "--allow-startup-code")
        assert done.err.splitlines()[-1] == (
            f"Error: '{greedy}': greedy-plugin would take over the command '{command}'. Nothing was changed."
        )
    assert (house.folder / "bin" / "search").read_text() == "mine"
    index.wheel("helper", "1.0", {"helper.py": ""}, points="[console_scripts]\npython3 = helper:run\n")
    helped = index.plugin("helped", requires=["helper"])
    assert house.trivet("plugins", "install", str(helped), "--yes").err.splitlines()[-1] == (
        f"Error: '{helped}': helper would take over the command 'python3'. Nothing was changed."
    )
    assert house.installed() == {}

    own = index.plugin("own", points="[console_scripts]\nown-run = own_plugin:activate\n")
    for _ in range(2):  # its own it may write anew
        assert house.trivet("plugins", "install", str(own), "--yes").code == 0


def test_an_id_belongs_to_one_distribution(index: Index, house: House) -> None:
    mine = index.plugin("files", name="my-files-plugin")
    for isolation in ("inprocess", "venv"):
        done = house.trivet("plugins", "install", str(mine), "--isolation", isolation, "--yes")
        assert done.err.splitlines()[-1] == (
            f"Error: '{mine}': its id 'files' is taken by trivet-files 0.1.0, and ids are unique. Nothing was installed."
        )
    assert house.trivet("plugins", "install", str(index.plugin("twin")), "--yes").code == 0
    other = index.plugin("twin", name="other-plugin")
    assert house.trivet("plugins", "install", str(other), "--yes").err.splitlines()[-1] == (
        f"Error: '{other}': its id 'twin' is taken by twin-plugin 0.1, and ids are unique. Nothing was installed. "
        "`trivet plugins uninstall twin` takes that one away first."
    )


def test_what_comes_along_is_looked_into_as_well(index: Index, house: House) -> None:
    index.wheel("helper", "1.0", {"helper.pth": "# tamed\n"})
    wheel = index.plugin("helped", requires=["helper"])
    done = house.trivet("plugins", "install", str(wheel), "--yes")
    assert done.err.splitlines()[-2:] == [
        "Note: Helper 1.0 brings helper.pth, which takes effect whenever Python or trivet starts, enabled or not",
        "Error: helped-plugin 0.1 was not installed. If you trust it with that, give --allow-startup-code.",
    ]
    assert house.installed() == {}

    victim = index.wheel("victim", "1.0", {"victim/__init__.py": "", "victim/more.py": ""})
    with zipfile.ZipFile(victim) as archive:
        archive.extractall(house.site)
    for file, owner in (("victim/more.py", "victim"), ("helped_plugin/more.py", "helped-plugin")):
        index.wheel("helper", "1.0", {file: "stolen = True"})
        wheel = index.plugin("helped", requires=["helper"], files={"helped_plugin/more.py": ""})
        assert house.trivet("plugins", "install", str(wheel), "--yes").err.splitlines()[-1] == (
            f"Error: '{wheel}': it would write over {file}, which belongs to {owner}. Nothing was changed."
        )
    assert house.installed() == {"victim": "1.0"}

    # Families of packages share an empty file.
    index.wheel("helper", "1.0", {"family/__init__.py": "", "family/one.py": ""})
    index.wheel("second", "1.0", {"family/__init__.py": "", "family/two.py": ""})
    wheel = index.plugin("helped", requires=["helper", "second"])
    assert house.trivet("plugins", "install", str(wheel), "--yes").code == 0


def test_own_set_is_not_uninstalled(house: House) -> None:
    for name in ("table", "trivet-table"):
        done = house.trivet("plugins", "uninstall", name, "--yes")
        assert (done.code, done.err) == (
            2,
            f"Error: '{name}': it belongs to trivet's own set, which comes and goes with trivet. `trivet plugins disable table` "
            "leaves it out.\n",
        )


def test_names_that_can_be_mistaken_are_pointed_out(house: House, site: Site) -> None:
    done = house.trivet("plugins", "install", "trivet-tabel", "--yes")
    assert done.err == (
        "Note: 'trivet-tabel' looks like 'trivet-table', which is another one. Is it the one that you mean?\n"
        "Looking for trivet-tabel …\n"
        "Error: 'trivet-tabel': the package index has no wheel of trivet-tabel for this machine. Check the name; where there are "
        "only sources, --allow-build builds them, which runs their code at once.\n"
    )
    site.add("tab1e", manifest=TOOL, distribution="trivet-tables", package="tables_plugin")
    done = house.trivet("plugins", "enable", "tab1e", "--yes", PYTHONPATH=str(site.folder))
    assert done.err.splitlines()[:2] == [
        "Note: 'tab1e' looks like 'table', which is another one. Is it the one that you mean?",
        "Note: 'trivet-tables' looks like 'trivet-table', which is another one. Is it the one that you mean?",
    ]
