"""Whether there is somebody for each role of a run, and what they need; told before anything begins."""

from collections.abc import Sequence
from contextlib import suppress

from trivet.app import Host
from trivet.cli import failure
from trivet.cli.elsewhere import departure
from trivet.cli.needed_weights import needed
from trivet.cli.plugins.shown import being
from trivet.cli.progress_bar import pull_with_bar
from trivet.errors import UnknownPlugin, nearest
from trivet.kernel.startup import safe_roles
from trivet.kernel.survey import Survey, survey
from trivet.runs.escalation import ESCALATION
from trivet.settings import Settings
from trivet_sdk.errors import ModelError

ROLE_KINDS = {"planner": "planners", "reflector": "reflectors"}


def make_ready(settings: Settings) -> Settings:
    """See that somebody fills the roles, and bring the model files that the run is going to use. Returns the settings
    with which to go on: in safe mode trivet's own plugins stand in for those that are left out.

    Raises NotProvided, ModelError or WeightsError: nothing has begun then.
    """
    found, settings, said = _staffed(settings)
    for sentence in (*said, departure(settings)):
        if sentence:
            failure.note(sentence)
    for weights in needed(settings, found):
        pull_with_bar(weights, settings.home)
    return settings


def require_staff(settings: Settings) -> None:
    """Raises NotProvided or ModelError where a role of the run could not be filled."""
    _staffed(settings)


def require_installed(settings: Settings, plugins: Sequence[str]) -> None:
    """Raises UnknownPlugin."""
    known = survey(settings).records
    for plugin in plugins:
        if plugin not in known:
            raise UnknownPlugin(plugin, known)


def tell_failed(host: Host, named: set[str]) -> set[str]:
    """Name the plugins that this run has to do without, each once."""
    for record in host.plugins():
        if record.state in ("failed", "quarantined") and record.id not in named:
            how = being(record.state)
            named.add(record.id)
            with suppress(OSError):
                failure.note(f"plugin '{record.id}' {how}: {record.reason}; `trivet plugins why {record.id}` says more")
    return named


def _staffed(settings: Settings) -> tuple[Survey, Settings, Sequence[str]]:
    """What there is, and the settings with the sentences that safe mode has to say about them."""
    found = survey(settings)
    settings, said = safe_roles(settings, found.names)
    for role, kind in ROLE_KINDS.items():
        name = settings.roles[role]
        if found.declaring(kind, name) is None:
            raise found.not_provided(kind, role, name)
    serving = settings.serving()
    for model in (serving["model"], serving.get(ESCALATION)):
        if model is not None and model not in settings.models:
            known = ", ".join(settings.models) or "none"
            raise ModelError(
                model, f"is not defined. There is: {known}.{nearest(model, settings.models)} `trivet init` defines one."
            )
    if ESCALATION in serving and found.declaring("planners", settings.roles["escalation_planner"]) is None:
        raise found.not_provided("planners", "escalation_planner", settings.roles["escalation_planner"])
    return found, settings, said
