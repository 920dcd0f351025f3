"""`trivet plugins check`: what authors get wrong, and what they are told; the tier, and how it follows."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trivet.authoring.check import judged
from trivet.authoring.examination import Mode, examined
from trivet.authoring.judgement import Judgement
from trivet.authoring.project import NotAPlugin, opened
from trivet.authoring.template import project_of, write_project
from trivet_sdk.conformance import Given


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tool's project as generated, called `text`."""
    folder = tmp_path / "trivet-text"
    write_project(project_of("tool", "text"), folder)
    return folder


def changed(project: Path, file: str, old: str, new: str) -> None:
    path = project / file
    text = path.read_text()
    assert old in text, f"{file} has no {old!r}"
    path.write_text(text.replace(old, new))


INPROCESS: tuple[Mode, ...] = ("inprocess",)


def quickly(project: Path) -> Judgement:
    return judged(str(project), modes=INPROCESS, with_upkeep=False)


def test_a_generated_plugin_is_gold(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trivet", "plugins", "check", "--json"], cwd=project, capture_output=True, text=True, check=False
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert (told["tier"], told["missing"], list(told["modes"])) == ("gold", {}, ["inprocess", "process", "venv"])
    assert [asked["word"] for asked in told["upkeep"]] == [
        "6 passed",
        "mypy strict finds nothing",
        "README.md",
        "LICENSE",
    ]
    assert sorted(path.name for path in project.iterdir()) == [
        ".github", ".gitignore", "LICENSE", "README.md", "pyproject.toml", "tests", "trivet.schema.json", "trivet_text",
    ]  # fmt: skip


MODULE, INIT, MANIFEST, SETTINGS = (
    "trivet_text/size.py",
    "trivet_text/__init__.py",
    "trivet_text/trivet.toml",
    "pyproject.toml",
)


Change = tuple[str, str, str]


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ([(MANIFEST, 'name = "size"', 'name = "length"'), (MANIFEST, 'id = "text"', 'id = "texts"')], [
            "plugin 'text' has the id 'texts' in its manifest, but its entry point is named 'text'; let them be the same",
            "plugin 'text' declares tool 'length', but does not bring it",
            "plugin 'text' brings tool 'size', which its manifest does not declare",
        ]),
        ([(MODULE, 'effect="pure"', 'effect="idempotent", egress=True')], [
            "plugin 'text' declares tool 'size' pure, but its code says idempotent",
            "plugin 'text' does not declare `egress` for tool 'size', but its code says so",
        ]),
        ([(MANIFEST, "examples", "exmaples")], [
            "plugin 'text' has a trivet.toml that cannot be used: Object contains unknown field `exmaples` - at `$.contributes.tools[0]`",
        ]),
        ([(INIT, "@hookimpl\n", "")], ["plugin 'text' has an `activate` without @hookimpl"]),
        ([(INIT, "def activate", "async def activate")], [
            "plugin 'text' has an `async def activate`; decorate an async generator with @asynccontextmanager",
        ]),
        ([(INIT, "from .size import size", "from .size import length")], [
            "plugin 'text' cannot be imported: ImportError: cannot import name 'length' from 'trivet_text.size' (SITE/trivet_text/size.py)",
        ]),
        ([(MODULE, "lines = [", "(ctx.workspace.root / 'log.txt').write_text('x')\n    lines = [")], [
            "plugin 'text' has a fault: tool 'size' says it is pure but changed log.txt",
        ]),
        ([
            (MODULE, "    except (UnicodeDecodeError", "        ctx.secrets['KEY']\n    except (UnicodeDecodeError"),
            (SETTINGS, '"trivet-sdk>=0.1,<0.2"', '"trivet-sdk>=0.1", "trivet-files", "no-such-library>=3"'),
        ], [
            "plugin 'text' depends on trivet-files; a plugin names other plugins in [requires] of its manifest, and never the host",
            "plugin 'text' reads the secret 'KEY' in size.py:15, which its manifest does not name; add it to `secrets` in [permissions]",
            "plugin 'text' needs no-such-library>=3, which is not installed here; `pip install 'no-such-library>=3'` and check again",
            "plugin 'text' has a fault: tool 'size' breaks on {\"path\":\"notes.md\"}: KeyError: 'KEY'",
            "plugin 'text' has a fault: tool 'size' breaks on {\"path\":\"notes.md\",\"blank_lines\":false}: KeyError: 'KEY'",
        ]),
        ([(SETTINGS, 'path = "notes.md" }, {', 'file = "notes.md" }, {')], [
            "plugin 'text' has a fault: tool 'size' refuses the sample {\"file\":\"notes.md\"}: tool 'size' cannot take these arguments: "
            "'path' is missing",
        ]),
        ([(SETTINGS, 'workspace = "tests/workspace"', 'workspace = "tests/files"')], [
            "plugin 'text' says what no check understands: [tool.trivet.check] names the workspace 'tests/files', but there is no such folder",
        ]),
        ([(SETTINGS, "[tool.trivet.check]\n", "[tool.trivet.check]\nsecert = {}\n")], [
            "plugin 'text' says what no check understands: [tool.trivet.check] of pyproject.toml cannot be used: "
            "Object contains unknown field `secert`",
        ]),
    ],
)  # fmt: skip
def test_mistakes_and_what_is_said(project: Path, changes: list[Change], sentences: list[str]) -> None:
    for change in changes:
        changed(project, *change)

    judgement = quickly(project)

    assert [place_left_out(fault) for fault in judgement.faults] == sentences
    assert judgement.tier == "none"


def place_left_out(sentence: str) -> str:
    """Where the wheel was unpacked differs from call to call."""
    return re.sub(r"\(/\S*/site/", "(SITE/", sentence)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", 'crashed its process (SIGSEGV) while it was imported; `isolation = "process"` would keep such a crash from the host'),
        ("import os\nos._exit(3)", "ended its process with exit code 3 while it was imported; a plugin raises, and never exits"),
        ("raise SystemExit('bye')", "cannot be imported: SystemExit: bye"),
        ("print('{\"examined\": []}')\nraise OSError('no disk')", "cannot be imported: OSError: no disk"),
        ("import time\ntime.sleep(60)", "is not imported within 2 seconds; do nothing at import, and the work in `activate`"),
    ],
)  # fmt: skip
def test_a_plugin_that_breaks_its_process_is_one_sentence(project: Path, source: str, sentence: str) -> None:
    (project / INIT).write_text(f"{source}\n")

    with opened(str(project)) as found:
        outcome = examined(
            found,
            Given(),
            "inprocess",
            ("trivet_sdk.conformance", found.module),
            importing=2.0 if "sleep" in source else 60,
        )

    assert outcome.broken == sentence


def test_a_crash_in_a_call_names_the_tool(project: Path) -> None:
    changed(project, MODULE, "    lines = [", "    __import__('os').abort()\n    lines = [")

    assert quickly(project).faults == (
        "plugin 'text' crashed its process (SIGABRT) while tool 'size' was checked; "
        '`isolation = "process"` would keep such a crash from the host',
    )


def without_samples(project: Path) -> None:
    text = (project / SETTINGS).read_text()
    (project / SETTINGS).write_text(text[: text.index("[tool.trivet.check.samples]")])


def bug_for_missing_files(project: Path) -> None:
    changed(project, MODULE, "ctx.workspace.readable(path)", "(ctx.workspace.root / path)")


@pytest.mark.parametrize(
    ("change", "tier", "missing"),
    [
        (lambda project: (project / "trivet_text" / "py.typed").unlink(), "silver",
         "has no `py.typed`, so that nobody's type checker reads its types; add an empty file of this name to the package"),
        (without_samples, "silver",
         "tool 'size': it was never called: name arguments in [tool.trivet.check.samples], `size = [{…}]`"),
        (lambda project: changed(project, MANIFEST, "[permissions]", '[permissions]\nnetwork = ["*:443"]'), "silver",
         "asks for the network, but its own code uses none; take `network` out of [permissions] unless a library needs it"),
        (bug_for_missing_files, "gold",
         "tool 'size' raises FileNotFoundError for a file that is not there: [Errno 2] No such file or directory: "),
    ],
)  # fmt: skip
def test_what_a_tier_asks_for_is_said(project: Path, change: Callable[[Path], None], tier: str, missing: str) -> None:
    change(project)

    judgement = quickly(project)

    assert judgement.tier == "bronze"  # its tests were not run
    assert any(sentence.startswith(missing) for sentence in judgement.missing(tier)), judgement.missing(tier)  # type: ignore[arg-type]


def no_package(project: Path) -> None:
    changed(project, SETTINGS, 'text = "trivet_text"', 'text = "trivet_texts"')


def no_entry_point(project: Path) -> None:
    changed(project, SETTINGS, 'entry-points."trivet.plugins"', 'entry-points."trivet.plugin"')


def no_project(project: Path) -> None:
    (project / SETTINGS).unlink()


def no_toml(project: Path) -> None:
    (project / SETTINGS).write_text("[project\n")


def no_version(project: Path) -> None:
    changed(project, SETTINGS, 'version = "0.1.0"\n', "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (no_package, "names 'trivet_texts' in its entry point 'text', but its wheel holds no such package. Check the entry point, and what the build packs ([tool.hatch.build.targets.wheel])."),
        (no_entry_point, "has no entry point in the group 'trivet.plugins': add `[project.entry-points.\"trivet.plugins\"]` with a line `id = \"package\"` to pyproject.toml."),
        (no_project, "holds no pyproject.toml, so it is no project. `trivet plugins new` makes one."),
        (no_toml, "has a pyproject.toml that cannot be read: Expected ']' at the end of a table declaration (at line 1, column 9)"),
        (no_version, "cannot be built: ValueError: Field `project.version` can only be resolved dynamically if `version` is in field `project.dynamic`"),
    ],
)  # fmt: skip
def test_what_is_no_plugin_is_said(project: Path, change: Callable[[Path], None], reason: str) -> None:
    change(project)

    with pytest.raises(NotAPlugin) as refused:
        quickly(project)

    assert refused.value.reason == reason


def test_a_file_that_is_no_wheel(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_text("hello")

    with pytest.raises(NotAPlugin) as refused:
        judged(str(tmp_path / "x.whl"))

    assert str(refused.value) == f"{tmp_path / 'x.whl'} is neither the folder of a project nor a wheel."


def test_an_installed_plugin_is_judged_by_its_id() -> None:
    judgement = judged("calculate", modes=INPROCESS, with_upkeep=False)

    assert judgement.faults == ()
    assert [part.subject for part in judgement.outcomes[0].examined][:3] == ["manifest", "life", "tool 'evaluate'"]


def test_without_an_argument_all_installed_plugins_are_read_and_none_is_run(tmp_path: Path) -> None:
    package = tmp_path / "site" / "bad"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import os\nopen(os.environ['RAN'], 'w')\nos.abort()\n")
    (package / "trivet.toml").write_text('[plugin]\nid = "bad"\nsummary = "Aborts"\n')
    metadata = tmp_path / "site" / "bad-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1\nRequires-Dist: trivet-sdk\n")
    (metadata / "entry_points.txt").write_text("[trivet.plugins]\nbad = bad\n")
    done = subprocess.run(
        [sys.executable, "-m", "trivet", "plugins", "check"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site"), "RAN": str(tmp_path / "ran")},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "bad  manifest and source agree\n" in done.stdout
    assert not (tmp_path / "ran").exists()
