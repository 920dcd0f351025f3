"""`trivet models`: see and fetch models."""

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import click

from trivet.cli import failure, options
from trivet.cli.columns import print_columns, print_json
from trivet.cli.screen import confirm, echo

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey
    from trivet.packages.weights import Weights
    from trivet.settings import Settings


@click.group(cls=options.Group)
def models() -> None:
    """See and fetch models.

    \b
    A model is an entry [models.NAME] of the settings: a backend and what the backend needs.
    Model files that plugins declare are fetched by `pull` and checked.

    \b
    Examples:
      trivet models list
      trivet models pull smollm2-135m
      trivet models show smollm2-135m        its model card
      trivet config set models.big.backend openai
    """


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """List configured models and the model files that plugins declare."""
    settings, found = _surveyed()
    configured = [_configured(settings, found, name) for name in settings.models]
    files = [_file(settings, weights) for weights in found.weights()]
    if as_json:
        print_json({"models": configured, "files": files})
        return
    rows = [(m["name"], m["backend"], m["serves"], m["state"]) for m in configured]
    print_columns(("MODEL", "BACKEND", "SERVES AS", "STATE"), rows)
    echo()
    listed = [
        (f["name"], f["kind"], _megabytes(f["size"]), "here" if f["present"] else "not fetched", f["summary"])
        for f in files
    ]
    print_columns(("FILES", "KIND", "SIZE", "STATE", "SUMMARY"), listed)


@models.command()
@click.argument("name")
def pull(name: str) -> None:
    """Fetch model files by NAME, or those of the configured model NAME. At once if they are here."""
    from trivet.cli.progress_bar import pull_with_bar

    settings, found = _surveyed()
    weights = _weights(settings, found, name)
    was_here = weights.is_present(settings.home)
    path = pull_with_bar(weights, settings.home)
    echo(f"'{weights.name}' is {'already here' if was_here else 'ready'}: {path}")


@models.command()
@click.argument("name")
def show(name: str) -> None:
    """Show a configured model, or the card of model files."""
    settings, found = _surveyed()
    if name in settings.models:
        for key, value in _configured(settings, found, name).items():
            echo(f"{key:<10} {value}")
        for key, value in settings.models[name].items():
            if key not in ("name", "backend"):
                echo(f"{key:<10} {value}")
        if all(weights.name != settings.models[name].get("weights") for weights in found.weights()):
            return
        echo()
    weights = _weights(settings, found, name)
    for key, value in _file(settings, weights).items():
        echo(f"{key:<10} {value}")
    if card := weights.card():
        echo(f"\n{card.strip()}")


@models.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Delete fetched model files."""
    from trivet.packages.pull import remove as remove_files

    settings, found = _surveyed()
    weights = _weights(settings, found, name)
    if not yes and weights.is_present(settings.home) and not weights.is_packaged:
        confirm(f"Delete '{weights.name}' ({_megabytes(weights.declaration.size)})?", abort=True)
    if remove_files(weights, settings.home):
        echo(f"'{weights.name}' is deleted.")
    elif weights.is_packaged:
        failure.note(f"'{weights.name}' is part of plugin '{weights.plugin}' and goes with it")
    else:
        failure.note(f"'{weights.name}' was not here")


@models.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def devices(as_json: bool) -> None:
    """List what models can run on."""
    found = device_table()
    if as_json:
        print_json(found)
    else:
        print_columns(("DEVICE", "MEMORY", "NAME"), [(d["device"], _megabytes(d["memory"]), d["name"]) for d in found])


def device_table() -> list[dict[str, Any]]:
    """The processor and, as far as nvidia-smi tells, the graphics cards; torch is not asked, it takes seconds to load."""
    import platform

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found: list[dict[str, Any]] = [
        {"device": "cpu", "memory": memory, "name": f"{platform.processor() or platform.machine()}, {cores} cores"}
    ]
    if smi := shutil.which("nvidia-smi"):
        query = [smi, "--query-gpu=index,memory.total,name", "--format=csv,noheader,nounits"]
        try:
            done = subprocess.run(query, capture_output=True, text=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return found
        for line in done.stdout.splitlines() if done.returncode == 0 else ():
            index, size, name = (part.strip() for part in line.split(",", 2))
            found.append({"device": f"cuda:{index}", "memory": int(float(size) * 2**20), "name": name})
    return found


def _surveyed() -> "tuple[Settings, Survey]":
    from trivet.kernel.survey import survey

    settings = options.settings()
    return settings, survey(settings)


def _weights(settings: "Settings", found: "Survey", name: str) -> "Weights":
    from trivet.errors import WeightsError, nearest

    declared = {weights.name: weights for weights in found.weights()}
    wanted = settings.models.get(name, {}).get("weights", name)
    if wanted not in declared:
        raise WeightsError(
            name,
            f"no enabled plugin declares them.{nearest(name, declared)} There is: {', '.join(declared) or 'nothing'}.",
        )
    return declared[wanted]


def _configured(settings: "Settings", found: "Survey", name: str) -> dict[str, Any]:
    definition = settings.models[name]
    backend = str(definition.get("backend", ""))
    files = {weights.name: weights for weights in found.weights()}.get(str(definition.get("weights", "")))
    state = "ready"
    if backend not in found.names("models"):
        state = f"no enabled plugin brings backend '{backend}'"
    elif files is not None and not files.is_present(settings.home):
        state = f"files not fetched: trivet models pull {files.name}"
    serves = ", ".join(role for role, model in settings.serving().items() if model == name)
    return {"name": name, "backend": backend, "serves": serves, "state": state}


def _file(settings: "Settings", weights: "Weights") -> dict[str, Any]:
    declaration = weights.declaration
    return {
        "name": weights.name,
        "kind": declaration.kind,
        "summary": declaration.summary,
        "plugin": weights.plugin,
        "source": declaration.source,
        "sha256": declaration.sha256,
        "size": declaration.size,
        "licence": declaration.licence,
        "present": weights.is_present(settings.home),
        "path": str(weights.path(settings.home)),
    }


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size else ""
