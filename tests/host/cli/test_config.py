"""Settings on the command line: what holds, where it comes from, what is wrong with it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.host.cli.conftest import Trivet
from trivet.errors import SettingsError
from trivet.settings import load_settings


def test_defaults_hold_and_say_so(trivet: Trivet) -> None:
    rows = {row["key"]: row for row in trivet("config", "explain", "--json").json()}
    assert rows["roles.planner"] == {"key": "roles.planner", "value": "plan-smollm2", "origin": "default"}
    assert rows["models.local.weights"]["value"] == "smollm2-135m"


def test_later_layers_win_and_are_named(trivet: Trivet) -> None:
    trivet("config", "set", "run.max_steps", "20")
    rows = {row["key"]: row for row in trivet("config", "explain", "--json", TRIVET_ROLES__MODEL="big").json()}
    assert (rows["run.max_steps"]["value"], rows["run.max_steps"]["origin"]) == (20, "settings.toml")
    assert (rows["roles.model"]["value"], rows["roles.model"]["origin"]) == ("big", "TRIVET_ROLES__MODEL")


def test_setting_keeps_comments(trivet: Trivet, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('# mine\n[roles]\nmodel = "big"  # the good one\n', encoding="utf-8")
    done = trivet("config", "set", "roles.planner", "plan")
    assert done.out == f"roles.planner = plan in {home / 'settings.toml'}\n"
    assert (home / "settings.toml").read_text() == (
        '# mine\n[roles]\nmodel = "big"  # the good one\nplanner = "plan"\n'
    )
    trivet("config", "set", "roles.planner", "--unset")
    assert (home / "settings.toml").read_text() == '# mine\n[roles]\nmodel = "big"  # the good one\n'


def test_unknown_key_is_reported_with_the_nearest_and_changes_nothing(trivet: Trivet, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("[run]\nmax_stpes = 3\n")
    done = trivet("config", "explain")
    assert done.code == 0
    assert done.err == (
        "Note: settings.toml: 'run.max_stpes' is not a setting that trivet knows, so it is ignored. "
        "Did you mean 'max_steps'?\n"
    )


def test_every_setting_is_listed_with_its_default_and_meaning(trivet: Trivet) -> None:
    trivet("config", "set", "run.max_seconds", "60")
    rows = {row["key"]: row for row in trivet("config", "explain", "--all", "--json").json()}
    assert rows["run.max_tokens"] == {
        "key": "run.max_tokens", "value": None, "default": None, "origin": "not set",
        "meaning": "tokens of all model calls of a run at most",
    }  # fmt: skip
    assert (rows["run.max_seconds"]["value"], rows["run.max_seconds"]["origin"]) == (60, "settings.toml")
    assert (rows["roles.policy"]["origin"], rows["roles.model"]["default"]) == ("not set", "local")
    assert (rows["plugins.table.enabled"]["value"], rows["plugins.table.enabled"]["origin"]) == (True, "default")
    assert rows["plugins.critic.config.repeats"]["meaning"]
    assert {row["key"] for row in trivet("config", "explain", "run", "--all", "--json").json()} == {
        f"run.{name}"
        for name in "approve approval_seconds max_steps max_tokens max_seconds max_replans max_retries".split()
    }
    assert trivet("config", "explain", "rnu", "--all").err.startswith("Error: settings: there is no 'rnu'.")


def test_what_names_nobody_is_told_when_it_is_set(trivet: Trivet) -> None:
    def said(key: str, value: str) -> str:
        done = trivet("config", "set", key, value)
        assert done.code == 0
        trivet("config", "set", key, "--unset")
        return done.err

    assert said("roles.model", "locl") == (
        "Note: Model 'locl' is not defined. Did you mean 'local'? There is: local, coder. `trivet init` defines one\n"
    )
    assert said("roles.planner", "plann") == (
        "Note: No enabled plugin provides the planner 'plann'. Did you mean 'plan'? There is: plan, plan-smollm2\n"
    )
    assert said("models.big.backend", "opnai") == (
        "Note: Model 'big' names the backend 'opnai', which no enabled plugin brings. Did you mean 'openai'? "
        "There is: llamacpp, openai, transformers\n"
    )
    assert said("plugins.tabel.enabled", "true") == (
        "Note: No plugin 'tabel' is installed, so the setting waits for one. Did you mean 'table'?\n"
    )
    assert said("run.max_step", "3") == (
        "Note: settings.toml: 'run.max_step' is not a setting that trivet knows, so it is ignored. Did you mean 'max_steps'?\n"
    )
    assert said("roles.executor", "local") == ""
    assert said("roles.executor", "locl") == (
        "Note: No enabled plugin provides the executor 'locl'. Did you mean 'local'? There is: local\n"
    )
    assert said("resources.grafikkarte", "2") == (
        "Note: No enabled plugin's manifest names the resource 'grafikkarte'. It bounds tools that name it in their code\n"
    )


def test_sizes_of_resources_are_whole_numbers_from_one(trivet: Trivet) -> None:
    assert trivet("config", "set", "resources.gpu", "2").code == 0
    (row,) = trivet("config", "explain", "resources.gpu", "--json").json()
    assert (row["key"], row["value"], row["origin"]) == ("resources.gpu", 2, "settings.toml")
    done = trivet("config", "set", "resources.gpu", "0")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "Error: `trivet config set`: 'resources.gpu' cannot be used: it must be a whole number from 1, and is 0\n"
    )
    assert {row["key"]: row["default"] for row in trivet("config", "explain", "host", "--all", "--json").json()} == {
        "host.min_free": "200MB", "host.hang_seconds": 2.0, "host.parallel": 128, "host.parallel_per_run": 32,
        "host.worker_sandbox": "auto", "host.fetch": "auto",
    }  # fmt: skip


def test_value_of_the_wrong_type_is_one_sentence(trivet: Trivet) -> None:
    done = trivet("config", "set", "run.max_steps", "many")
    assert (done.code, done.out) == (2, "")
    assert done.err == "Error: `trivet config set`: 'run.max_steps' cannot be used: Expected `int | null`, got `str`\n"


def test_broken_file_is_named_with_its_line(trivet: Trivet, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("[roles\n")
    done = trivet("config", "show")
    assert done.code == 2
    assert done.err == (
        f"Error: {home / 'settings.toml'}: this is no TOML: Expected ']' at the end of a table declaration "
        "(at line 1, column 7). Mend the line, or move the file away.\n"
    )
    assert trivet("config", "set", "roles.model", "big").code == 2
    assert trivet("doctor").code == 1


def test_home_that_cannot_be_written_is_one_sentence(trivet: Trivet, home: Path) -> None:
    home.write_text("a file where a folder should be")
    for command in (("config", "set", "roles.model", "big"), ("run", "count the rows of a.csv")):
        done = trivet(*command)
        assert (done.code, done.out) == (2, "")
        assert "cannot be" in done.err
        assert len(done.err.splitlines()) == 1


def test_key_is_never_written_into_settings(trivet: Trivet, home: Path) -> None:
    done = trivet("config", "set", "models.big.api_key", "sk-123")
    assert done.code == 2
    assert done.err == (
        "Error: models.big.api_key: settings hold no secrets, only where they are. "
        "Write env:NAME, file:PATH or keyring:NAME, or run `trivet init`.\n"
    )
    assert not (home / "settings.toml").exists()


def test_naming_a_backend_replaces_the_whole_model(trivet: Trivet, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('[models.local]\nbackend = "openai"\nname = "m"\n')
    rows = {row["key"] for row in trivet("config", "explain", "models.local", "--json").json()}
    assert rows == {"models.local.backend", "models.local.name"}


def test_endpoint_is_written_with_its_key_by_reference(trivet: Trivet) -> None:
    done = trivet(
        "init", "--endpoint", "http://127.0.0.1:1/v1", "--model", "m", "--key", "env:SOME_KEY", "--no-try"
    )  # fmt: skip
    assert done.code == 0
    shown = trivet("config", "show", "--json").json()
    assert shown["models"]["endpoint"] == {
        "backend": "openai", "base_url": "http://127.0.0.1:1/v1", "name": "m", "api_key": "env:SOME_KEY",
    }  # fmt: skip
    assert (shown["roles"]["model"], shown["roles"]["planner"]) == ("endpoint", "plan")
    refused = trivet("init", "--endpoint", "http://127.0.0.1:1/v1", "--model", "m", "--key", "sk-123", "--no-try")
    assert refused.err.endswith(
        "Error: --key takes where the key is, not the key: env:NAME, file:PATH or keyring:NAME, or 'none'.\n"
    )


def test_endpoint_that_does_not_answer_changes_nothing(trivet: Trivet, home: Path) -> None:
    done = trivet("init", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--key", "none")
    assert done.code == 2
    assert "Model 'endpoint' cannot be reached" in done.err
    assert done.err.endswith("Nothing was changed; --no-try writes it all the same.\n")
    assert not (home / "settings.toml").exists()


def test_unknown_command_is_answered_with_the_nearest(trivet: Trivet) -> None:
    done = trivet("plugin", "list")
    assert done.code == 2
    assert done.err.endswith("Error: There is no command 'plugin'. Did you mean 'plugins'?\n")
    assert trivet("help", "runs", "show").out == trivet("runs", "show", "--help").out
    assert trivet("plugins", "lst").err.endswith("Error: There is no command 'lst'. Did you mean 'list'?\n")
    assert trivet("resume", "last").err.endswith("'resume'. Did you mean `trivet runs resume`?\n")
    assert trivet("version").err.endswith("'version'. `trivet --version` tells it.\n")
    assert trivet("how many rows?").err.endswith('To give a goal, write: trivet run "how many rows?"\n')
    assert trivet("runs", "xyzzy").err.endswith("Error: There is no command 'xyzzy'. `trivet runs --help` shows all.\n")


def test_settings_keep_their_mode_and_their_link(trivet: Trivet, home: Path, tmp_path: Path) -> None:
    home.mkdir()
    real = tmp_path / "elsewhere.toml"
    real.write_text("# mine\n")
    real.chmod(0o600)
    (home / "settings.toml").symlink_to(real)
    assert trivet("config", "set", "run.max_steps", "7").code == 0
    assert (home / "settings.toml").is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("# mine\n\n[run]\nmax_steps = 7\n", 0o600)
    assert sorted(path.name for path in home.iterdir()) == [".settings.toml.lock", "settings.toml"]


def test_settings_set_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from trivet.settings_file import write_setting\n"
        "for n in range(5): write_setting(Path(sys.argv[1]), f'models.m{sys.argv[2]}_{n}.backend', 'x')"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "home"), str(number)]) for number in range(4)
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0] * 4
    assert len(load_settings(tmp_path / "home", environ={}).models) == 2 + 4 * 5
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[run]\nmax_steps = -5\n", "settings.toml: 'run.max_steps' cannot be used: Expected `int` >= 1"),
        ("[run]\nmax_seconds = nan\n", "settings.toml: 'run.max_seconds' cannot be used: Expected `float` > 0.0"),
        ("[roles]\nplanner = 5\n", "settings.toml: 'roles.planner' cannot be used: it must be a name, and is 5"),
        ("[models]\nlocal = 5\n", "settings.toml: 'models.local' cannot be used: it must be a table, and is 5"),
    ],
)
def test_value_that_cannot_be_is_named_by_its_key(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(SettingsError) as wrong:
        load_settings(tmp_path, environ={})
    assert str(wrong.value) == told


def test_negative_numbers_are_values_and_typing_errors_are_not(trivet: Trivet, home: Path) -> None:
    refused = trivet("config", "set", "run.max_steps", "-1")
    assert refused.err == "Error: `trivet config set`: 'run.max_steps' cannot be used: Expected `int` >= 1\n"
    assert trivet("config", "set", "models.m.backend", "b").code == 0
    assert trivet("config", "set", "models.m.temperature", "-1").out.startswith("models.m.temperature = -1 in ")
    mistyped = trivet("config", "set", "models.m.temperature", "--unsett")
    assert (mistyped.code, "No such option '--unsett'" in mistyped.err) == (2, True)
