"""`trivet init`: choose a model, say where its key is, and try it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trivet.cli import failure, options
from trivet.cli.screen import echo, prompt

if TYPE_CHECKING:
    from trivet.settings import Settings

_TYPED = "TRIVET_TYPED_KEY"
"""The variable of this process that holds a key while it is tried."""
LOCAL = {"backend": "transformers", "weights": "smollm2-135m"}


@click.command(cls=options.Command)
@click.option("--local", is_flag=True, help="Use the small model on this machine.")
@click.option("--endpoint", metavar="URL", help="Use an OpenAI-compatible endpoint, like http://127.0.0.1:8000/v1.")
@click.option("--model", metavar="NAME", help="The model's name at the endpoint.")
@click.option("--key", metavar="REF", help="Where the key is: env:NAME, file:PATH or keyring:NAME; 'none' for no key.")
@click.option("--name", metavar="NAME", help="What settings call it.  [default: local or endpoint]")
@click.option("--no-try", is_flag=True, help="Do not try the model.")
def init(local: bool, endpoint: str | None, model: str | None, key: str | None, name: str | None, no_try: bool) -> None:
    """Choose a model, say where its key is, and try it.

    \b
    The key itself never comes into settings.toml, only where it is.

    \b
    Examples:
      trivet init
      trivet init --local
      trivet init --endpoint https://api.example.com/v1 --model qwen3-32b --key env:EXAMPLE_KEY
    """
    if local and endpoint:
        raise click.UsageError("Give --local or --endpoint, not both.")
    if not local and not endpoint:
        _need_terminal("--local or --endpoint URL")
        echo("Where shall the model run?")
        echo("  1  here: SmolLM2-135M, small; 93 MB to download, needs no key and no network afterwards")
        echo("  2  behind an OpenAI-compatible endpoint: a server of yours, or a provider")
        if prompt("Choose", type=click.Choice(["1", "2"]), default="1") == "2":
            endpoint = str(prompt("Address", default="http://127.0.0.1:8000/v1"))
            while not _is_address(endpoint):
                echo(f"'{endpoint}' is no address; write it like http://127.0.0.1:8000/v1.")
                endpoint = str(prompt("Address", default="http://127.0.0.1:8000/v1"))
        else:
            local = True
    if local:
        name, definition, planner = name or "local", dict(LOCAL), "plan-smollm2"
    else:
        assert endpoint is not None, "one of the two was chosen above"
        name, planner = name or "endpoint", "plan"
        definition = _endpoint(endpoint, model, key)
    if not no_try:
        _try(name, definition, planner)
    if definition.get("api_key") == f"env:{_TYPED}":
        definition["api_key"] = _stored(name, os.environ.pop(_TYPED))
    written = _write(name, definition, planner)
    echo(f"Model '{name}' serves from now on ({written}).")
    echo('Try:  trivet run "Which files are here, and what is in them?"')


def _is_address(text: str) -> bool:
    from urllib.parse import urlsplit

    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _endpoint(address: str, model: str | None, key: str | None) -> dict[str, Any]:
    if not _is_address(address):
        raise click.UsageError(f"'{address}' is no address; write it like http://127.0.0.1:8000/v1.")
    if model is None:
        _need_terminal("--model NAME")
        model = prompt("The model's name there")
    if key is None:
        key = _asked_key() if sys.stdin.isatty() else "none"
    definition = {"backend": "openai", "base_url": address, "name": model}
    return definition if key == "none" else {**definition, "api_key": _reference(key)}


def _reference(key: str) -> str:
    from trivet.packages.secrets import is_reference

    if not is_reference(key):
        raise click.UsageError(
            "--key takes where the key is, not the key: env:NAME, file:PATH or keyring:NAME, or 'none'."
        )
    return key


def _asked_key() -> str:
    """Where the key is. One that is typed in is nowhere but in this process until it has been tried."""
    from trivet.packages.secrets import is_reference

    echo("Where is the key? env:NAME, file:PATH, keyring:NAME, 'none', or 'type' to type it in now.")
    place = str(prompt("Key", default="none"))
    while place not in ("none", "type") and not is_reference(place):
        place = str(prompt("One of env:NAME, file:PATH, keyring:NAME, none, type"))
    if place != "type":
        return place
    os.environ[_TYPED] = str(prompt("The key (not shown)", hide_input=True)).strip()
    return f"env:{_TYPED}"


def _stored(name: str, secret: str) -> str:
    """The reference to a key that serves from now on: in the keyring, or in a file that only the user can read."""
    from trivet.errors import SecretMissing
    from trivet.packages.secrets import store_in_keyring
    from trivet.settings import home_directory

    try:
        store_in_keyring(name, secret)
        return f"keyring:{name}"
    except SecretMissing:
        path = home_directory() / "secrets" / name
        _write_private(path, secret)
        failure.note(f"there is no keyring here, so the key is in {path}, which only you can read")
        return f"file:{path}"


def _write_private(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(secret)


def _write(name: str, definition: dict[str, Any], planner: str) -> Path:
    from trivet.settings import home_directory
    from trivet.settings_file import write_setting

    home = home_directory()
    write_setting(home, f"models.{name}", definition)
    write_setting(home, "roles.planner", planner)
    return write_setting(home, "roles.model", name)


def _try(name: str, definition: dict[str, Any], planner: str) -> None:
    """Let the model say hello, before anything is written. Raises ModelError or WeightsError."""
    import anyio

    from trivet.cli.needed_weights import needed
    from trivet.cli.progress_bar import pull_with_bar
    from trivet.kernel.survey import survey
    from trivet_sdk.errors import ModelError

    settings = options.settings(**{f"models__{name}": definition, "roles__model": name, "roles__planner": planner})
    for weights in needed(settings, survey(settings)):
        pull_with_bar(weights, settings.home)
    echo("Trying it …", err=True)
    try:
        text, seconds = anyio.run(_said_hello, settings, name)
    except ModelError as error:
        raise click.ClickException(f"{error} Nothing was changed; --no-try writes it all the same.") from error
    echo(f"It answered in {seconds:.1f} s: {text}")


async def _said_hello(settings: "Settings", name: str) -> tuple[str, float]:
    import time

    from trivet.cli.view.wording import shortened
    from trivet.kernel import open_kernel
    from trivet_sdk.message import user
    from trivet_sdk.model import GenerateRequest, collect

    async with open_kernel(settings, capture=False) as kernel:
        model = await kernel.model(name)
        begun = time.perf_counter()
        request = GenerateRequest(messages=(user("Say hello in one short sentence."),), max_tokens=40, purpose="try")
        completion = await collect(model.generate(request))
        return shortened(completion.text, 200) or "(nothing)", time.perf_counter() - begun


def _need_terminal(instead: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError(f"There is no terminal to ask in; give {instead}.")
