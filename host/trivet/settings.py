"""Settings: defaults, overlaid by `settings.toml` in the home, by `TRIVET_*` variables and by flags, each value with its origin.

A variable names its key with double underscores between the parts: `TRIVET_ROLES__PLANNER=plan`,
`TRIVET_MODELS__LOCAL__WEIGHTS=…`, `TRIVET_RUN__MAX_STEPS=20`. Values are read as TOML where they can be, else as text.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from trivet.approval_rules import ApprovalRule
from trivet.errors import SettingsError, nearest
from trivet.settings_file import FILE, parse_value, read_file, split_key
from trivet.sizes import bytes_of

ROLES = (
    "planner", "reflector", "executor", "context", "model", "embedder", "policy", "escalation", "escalation_planner",
)  # fmt: skip
BUILT_IN = {"executor": "local", "context": "window"}
"""Role -> what fills it without any plugin."""
PLUGIN_KEYS = (
    "enabled", "plugin", "isolation", "sandbox", "memory", "config", "config_version", "secrets", "reload", "debugger",
    "name", "version", "digest",
)  # fmt: skip
SandboxUse: TypeAlias = Literal["auto", "require", "off"]
"""Whether a worker lives in a sandbox: where there is one; there or not at all; never."""
DEFAULTS: dict[str, Any] = {
    "roles": {
        "planner": "plan-smollm2",
        "reflector": "critic",
        "executor": "local",
        "context": "window",
        "model": "local",
        "embedder": "minilm",
        "escalation": "never",
        "escalation_planner": "plan",
        "plan-sql": "coder",
    },
    "models": {
        "local": {"backend": "transformers", "weights": "smollm2-135m"},
        "coder": {"backend": "llamacpp", "weights": "qwen2.5-coder-1.5b", "optional": True},
    },
    "run": {"approve": "ask", "approval_seconds": 86_400.0, "max_steps": 50, "max_replans": 6, "max_retries": 2},
    "host": {
        "hang_seconds": 2.0,
        "min_free": "200MB",
        "parallel": 128,
        "parallel_per_run": 32,
        "worker_sandbox": "auto",
        "fetch": "auto",
    },
    "resources": {},
    "approvals": {},
    "keep": {},
    "plugins": {},
}


class RunDefaults(msgspec.Struct, frozen=True, kw_only=True):
    """`[run]`: what `trivet run` does where no flag says otherwise."""

    approve: Literal["ask", "always", "never"] = "ask"
    max_steps: Annotated[int, Meta(ge=1)] | None = 50
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_seconds: Annotated[float, Meta(gt=0)] | None = None
    max_replans: Annotated[int, Meta(ge=0)] = 6
    max_retries: Annotated[int, Meta(ge=0)] = 2
    approval_seconds: Annotated[float, Meta(ge=0, le=3_200_000_000)] = 86_400.0
    """At most about a century: the moment that it makes must be one of the calendar."""


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[host]`: of every host on this home."""

    hang_seconds: float = 2.0
    """A plugin that keeps everything else waiting for so long is named; 0 looks for none."""
    parallel: Annotated[int, Meta(ge=1)] = 128
    """Calls that the local executor makes at once, of all runs together."""
    parallel_per_run: Annotated[int, Meta(ge=1)] = 32
    """Of these, calls of one run."""
    min_free: int | str = "200MB"
    """Room on the home's disk, as a number of bytes or a text, below which runs stop; 0 lets them go on."""
    worker_sandbox: SandboxUse = "auto"
    """Where plugins in workers live, unless `[plugins.<id>] sandbox` says it: there, they are held to their permissions."""

    fetch: Literal["auto", "never"] = "auto"
    """Whether an optional model is fetched after a run that could have used it."""

    def __post_init__(self) -> None:
        bytes_of(self.min_free)


class KeepSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[keep]`: what stays of finished runs. Nothing is removed where nothing is set."""

    days: Annotated[float, Meta(gt=0)] | None = None
    runs: Annotated[int, Meta(ge=0)] | None = None
    bytes: int | str | None = None

    def __post_init__(self) -> None:
        bytes_of(self.bytes or 0)

    @property
    def size(self) -> int | None:
        """`bytes` as a number."""
        return None if self.bytes is None else bytes_of(self.bytes)


_CLOSED = {
    "run": RunDefaults.__struct_fields__,
    "host": HostSettings.__struct_fields__,
    "keep": KeepSettings.__struct_fields__,
}
"""Sections whose keys are all known."""
_ENTRIES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "roles": (lambda value: isinstance(value, str), "a name"),
    "models": (lambda value: isinstance(value, dict), "a table"),
    "plugins": (lambda value: isinstance(value, dict), "a table"),
    "approvals": (lambda value: isinstance(value, dict), "a table"),
    "resources": (lambda value: type(value) is int and value >= 1, "a whole number from 1"),
}
"""What is under each key of the others."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What lay over the file when settings were loaded."""

    flags: dict[str, Any]
    variables: dict[str, str]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    home: Path
    roles: dict[str, str]
    """Role -> name of what fills it; any role beside the usual ones maps to a model's name."""
    models: dict[str, dict[str, Any]]
    """Name -> backend and the backend's own settings."""
    plugins: dict[str, dict[str, Any]]
    run: RunDefaults = RunDefaults()
    host: HostSettings = HostSettings()
    resources: dict[str, Annotated[int, Meta(ge=1)]] = {}
    """Name -> how many calls may occupy it at once; one for those that are not named."""
    keep: KeepSettings = KeepSettings()
    approvals: dict[str, ApprovalRule] = {}
    """Name -> what was said once and for all about calls of a tool."""
    safe: bool = False
    """Only the first-party plugins, with everything else as it is."""
    safe_because: str = ""
    """Why it is so, if nobody asked for it."""
    origins: dict[str, str] = {}
    """Dotted key -> where its value came from: `default`, `settings.toml`, a variable's name or a flag."""
    problems: tuple[str, ...] = ()
    """Sentences about what was found and ignored."""
    given: Given | None = None
    """So that the file can be read again; None for settings that a program made itself."""

    def model_for(self, role: str) -> str:
        """The name of the model that serves this role; the main model's if the role has none of its own."""
        return self.roles.get(role) or self.roles["model"] if role not in ROLES else self.roles["model"]

    def serving(self) -> dict[str, str]:
        """Role -> name of the model that fills it, for all roles that models fill."""
        of_models = {role: name for role, name in self.roles.items() if role == "model" or role not in ROLES}
        named = {role: name for role, name in of_models.items() if name not in ("", "never")}
        escalation = self.roles.get("escalation", "never")
        return named if escalation in ("", "never") else {**named, "escalation": escalation}

    def config_of(self, plugin: str) -> dict[str, Any]:
        config = self.plugins.get(plugin, {}).get("config", {})
        return config if isinstance(config, dict) else {}


def home_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """`$TRIVET_HOME`, else the platform's directory for a user's data. It need not exist yet."""
    if named := environ.get("TRIVET_HOME"):
        if not named.isascii() and any("\ud800" <= letter <= "\udfff" for letter in named):
            shown = named.encode("utf-8", "backslashreplace").decode()
            raise SettingsError("TRIVET_HOME", f"'{shown}' is no UTF-8; name another directory")
        return Path(named).expanduser().absolute()
    import platformdirs

    return platformdirs.user_data_path("trivet", appauthor=False)


def load_settings(
    home: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
    *,
    safe: bool = False,
    flags_from: str = "",
) -> Settings:
    """All layers together. `flags` has dotted keys; a value of None means that the flag was not given. They come from
    options of the command line, or from `flags_from`.

    Raises SettingsError for a file that is no TOML or a value of the wrong type; unknown keys only end in `problems`.
    """
    home = home or home_directory(environ)
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    layers: list[tuple[dict[str, Any], dict[str, str]]] = [
        (DEFAULTS, dict.fromkeys(_leaves(DEFAULTS), "default")),
        _file_layer(home / FILE),
        _layer(
            {key: value for key, value, _ in _variables(environ)}, {key: name for key, _, name in _variables(environ)}
        ),
        _layer(given, {key: flags_from or f"--{key.rpartition('.')[2].replace('_', '-')}" for key in given}),
    ]
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for table, whence in layers:
        merged, origins = overlaid(merged, origins, table, whence)
    problems = tuple(unknown_keys(merged, origins))
    variables = {name: value for name, value in environ.items() if name.startswith("TRIVET_")}
    settings = _checked(home, merged, origins, problems, safe)
    return msgspec.structs.replace(settings, given=Given(flags=given, variables=variables))


def reloaded(settings: Settings) -> Settings:
    """The same layers with the file as it is now. Raises SettingsError."""
    given = settings.given
    if given is None:
        return settings
    return load_settings(settings.home, given.flags, given.variables, safe=settings.safe)


def overlaid(
    lower: Mapping[str, Any],
    lower_origins: Mapping[str, str],
    upper: Mapping[str, Any],
    upper_origins: Mapping[str, str],
) -> tuple[dict[str, Any], dict[str, str]]:
    """`upper` over `lower`, table by table. A model that names its backend replaces the whole lower definition, since
    settings of one backend mean nothing to another."""
    values, origins = dict(lower), dict(lower_origins)

    def lay(under: dict[str, Any], over: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        result = dict(under)
        for key, value in over.items():
            path = f"{prefix}{key}"
            below = result.get(key)
            replaces = prefix == "models." and isinstance(value, dict) and "backend" in value
            if isinstance(value, dict) and isinstance(below, dict) and not replaces:
                result[key] = lay(below, value, f"{path}.")
            else:
                for gone in [name for name in origins if name == path or name.startswith(f"{path}.")]:
                    del origins[gone]
                result[key] = value
        return result

    values = lay(values, upper, "")
    origins.update(upper_origins)
    return values, origins


def unknown_keys(table: Mapping[str, Any], origins: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each key that nobody reads, with the nearest known one."""

    def sentence(path: str, key: str, known: tuple[str, ...]) -> str:
        where = next((whence for name, whence in origins.items() if name == path or name.startswith(f"{path}.")), FILE)
        return f"{where}: '{path}' is not a setting that trivet knows, so it is ignored.{nearest(key, known)}"

    for section in table:
        if section not in DEFAULTS:
            yield sentence(section, section, tuple(DEFAULTS))
    for section, known in _CLOSED.items():
        for key in table.get(section, {}) if isinstance(table.get(section), dict) else ():
            if key not in known:
                yield sentence(f"{section}.{key}", key, known)
    for role, name in table["roles"].items() if isinstance(table["roles"], dict) else ():
        if role not in ROLES and role not in DEFAULTS["roles"] and name not in table["models"]:
            yield sentence(f"roles.{role}", role, ROLES)
    for plugin, entries in table["plugins"].items() if isinstance(table["plugins"], dict) else ():
        for key in entries if isinstance(entries, dict) else ():
            if key not in PLUGIN_KEYS:
                yield sentence(f"plugins.{plugin}.{key}", key, PLUGIN_KEYS)


def read_plugin(home: Path, plugin: str) -> dict[str, Any]:
    """`[plugins.<id>]` as settings.toml itself has it, without variables and flags. Raises SettingsError."""
    entries = read_file(home / FILE).get("plugins")
    entry = entries.get(plugin) if isinstance(entries, dict) else None
    return entry if isinstance(entry, dict) else {}


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[str, Any, str]]:
    for name, text in sorted(environ.items()):
        if name.startswith("TRIVET_") and "__" in name:
            yield name.removeprefix("TRIVET_").lower().replace("__", "."), parse_value(text), name


def _layer(pairs: Mapping[str, Any], whence: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    table: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for key, value in pairs.items():
        *sections, leaf = split_key(key)
        place = table
        for section in sections:
            place = place.setdefault(section, {})
        place[leaf] = value
        origins.update({f"{key}{rest}": whence[key] for rest in _leaves_below(value)})
    return table, origins


def _file_layer(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    table = read_file(path)
    return table, dict.fromkeys(_leaves(table), FILE)


def _leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield from (f"{prefix}{key}{rest}" for rest in _leaves_below(value))


def _leaves_below(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield from (f".{leaf}" for leaf in _leaves(value))
    elif not isinstance(value, dict):
        yield ""


def _checked(
    home: Path, table: dict[str, Any], origins: dict[str, str], problems: tuple[str, ...], safe: bool
) -> Settings:
    known = {key: table[key] for key in DEFAULTS}
    for section, fields in _CLOSED.items():
        if isinstance(known[section], dict):
            known[section] = {key: value for key, value in known[section].items() if key in fields}
    for section, (is_fitting, wanted) in _ENTRIES.items():
        for key, value in known[section].items() if isinstance(known[section], dict) else ():
            if not is_fitting(value):
                path = f"{section}.{key}"
                where = next((whence for name, whence in origins.items() if name == path), FILE)
                raise SettingsError(where, f"'{path}' cannot be used: it must be {wanted}, and is {value!r}")
    if isinstance(known["approvals"], dict):
        _refuse_unclear(known["approvals"], origins)
    try:
        settings = msgspec.convert({"home": str(home), **known}, Settings, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$.")
        key = at.rstrip("`")
        where = next((origins[name] for name in origins if name == key or key.startswith(f"{name}.")), FILE)
        raise SettingsError(where, f"'{key}' cannot be used: {what}") from None
    return msgspec.structs.replace(settings, origins=origins, problems=problems, safe=safe)


def _refuse_unclear(rules: Mapping[str, Mapping[str, Any]], origins: Mapping[str, str]) -> None:
    """Elsewhere a key that nobody knows is ignored; a rule without it might allow more than was meant."""
    known = ApprovalRule.__struct_fields__
    for name, rule in rules.items():
        path = f"approvals.{name}"
        where = next((whence for origin, whence in origins.items() if origin.startswith(f"{path}.")), FILE)
        for key in rule:
            if key not in known:
                meant = nearest(key, known) or f" There is: {', '.join(known)}."
                raise SettingsError(
                    where, f"'{path}.{key}' means nothing in a rule, so the rule cannot be used.{meant}"
                )
        try:
            msgspec.convert(rule, ApprovalRule)
        except msgspec.ValidationError as error:
            what, _, at = str(error).partition(" - at `$")
            raise SettingsError(where, f"'{path}{at.rstrip('`')}' cannot be used: {what}") from None
