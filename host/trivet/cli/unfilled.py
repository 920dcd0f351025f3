"""Settings that name what is not here, said at once when one is set: pure, over settings and manifests."""

from collections.abc import Iterator

from trivet.errors import nearest
from trivet.kernel.survey import Survey, survey
from trivet.settings import BUILT_IN, Settings

_KINDS = {role: f"{role}s" for role in ("planner", "reflector", "executor", "context", "embedder")}
_KINDS["escalation_planner"] = "planners"


def unfilled(key: str, settings: Settings) -> Iterator[str]:
    """A sentence for each fault that the setting of this key has now."""
    section, _, rest = key.partition(".")
    if section not in ("roles", "models", "plugins", "resources"):
        return
    found = survey(settings)
    if section == "roles":
        yield from _role(rest, settings, found)
    elif section == "models":
        yield from _model(rest.partition(".")[0], settings, found)
    elif section == "resources":
        if rest in settings.resources and rest not in found.resources():
            yield (
                f"no enabled plugin's manifest names the resource '{rest}'.{nearest(rest, found.resources())} "
                "It bounds tools that name it in their code"
            )
    elif section == "plugins":
        yield from _plugin(rest, settings, found)
        yield from (problem for problem in found.problems if problem.startswith(f"'{key}'"))


def _role(role: str, settings: Settings, found: Survey) -> Iterator[str]:
    name = settings.roles.get(role, "")
    if role in _KINDS:
        if name and BUILT_IN.get(role) != name and found.declaring(_KINDS[role], name) is None:
            yield str(found.not_provided(_KINDS[role], role, name)).rstrip(".")
    elif role in settings.serving() and name and name not in settings.models:
        known = ", ".join(settings.models) or "none"
        yield (
            f"model '{name}' is not defined.{nearest(name, settings.models)} There is: {known}. `trivet init` defines one"
        )


def _model(name: str, settings: Settings, found: Survey) -> Iterator[str]:
    if name not in settings.models:
        return
    backends = found.names("models")
    backend = str(settings.models[name].get("backend", ""))
    if backend in backends:
        return
    has = f"names the backend '{backend}', which no enabled plugin brings" if backend else "has no backend yet"
    known = ", ".join(backends) or "none"
    yield f"model '{name}' {has}.{nearest(backend, backends)} There is: {known}"


def _plugin(rest: str, settings: Settings, found: Survey) -> Iterator[str]:
    id = next((id for id in found.records if rest == id or rest.startswith(f"{id}.")), "")
    if not id:
        id = rest.partition(".")[0]
        if "plugin" not in settings.plugins.get(id, {}) and id in settings.plugins:
            yield f"no plugin '{id}' is installed, so the setting waits for one.{nearest(id, found.records)}"
    elif found.records[id].reason.startswith("its configuration"):
        yield f"plugin '{id}' is disabled: {found.records[id].reason}"
