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


def _of_models(settings: Settings) -> Iterator[str]:
    for name in {*settings.serving().values()}:
        if weights := settings.models.get(name, {}).get("weights"):
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
