"""Which declared model files a run is going to use: pure, over settings and manifests."""

from collections.abc import Iterator

from trivet.kernel.resolution import need
from trivet.kernel.survey import Survey
from trivet.packages.weights import Weights
from trivet.settings import Settings


def needed(settings: Settings, found: Survey) -> tuple[Weights, ...]:
    """In the order in which they were declared, those that are here already included."""
    names = {*_of_models(settings), *_of_roles(settings, found)}
    return tuple(weights for weights in found.weights() if weights.name in names and not weights.is_packaged)


def wished(settings: Settings, found: Survey) -> tuple[Weights, ...]:
    """Those of optional models that a role names and a backend could open that the planner likes to have, and that are
    not here."""
    planner = found.declaring("planners", settings.roles["planner"])
    liked = {need(text).name for text in found.manifest(planner).requires.optional} if planner else set[str]()
    names = {
        definition["weights"]
        for name in {*settings.serving().values()}
        if (definition := settings.models.get(name, {})).get("optional")
        and definition.get("weights")
        and found.declaring("models", definition.get("backend", "")) in liked
    }
    return tuple(
        w for w in found.weights() if w.name in names and not w.is_packaged and not w.is_present(settings.home)
    )


def _of_models(settings: Settings) -> Iterator[str]:
    for name in {*settings.serving().values()}:
        definition = settings.models.get(name, {})
        if (weights := definition.get("weights")) and not definition.get("optional"):
            yield str(weights)


def _of_roles(settings: Settings, found: Survey) -> Iterator[str]:
    """What the planner's and reflector's plugins declare: their own files, an adapter's base, and the embedder if they
    name its plugin or its kind among what they need or like to have."""
    embedder = settings.roles.get("embedder", "")
    embeds = found.declaring("embedders", embedder)
    for role, kind in (("planner", "planners"), ("reflector", "reflectors")):
        plugin = found.declaring(kind, settings.roles[role])
        if plugin is None:
            continue
        manifest = found.manifest(plugin)
        for declaration in manifest.contributes.weights:
            yield declaration.base or declaration.name
        requires = manifest.requires
        plugins = {need(text).name for text in (*requires.plugins, *requires.optional)}
        if embeds in plugins or {"embedder", "embedders"} & set(requires.capabilities):
            yield embedder
