"""What the host brings itself: registered like a plugin's, under the id `trivet`, and never stopped."""

from trivet.kernel.registry import Registry, Share
from trivet_sdk.contributions import Contributions
from trivet_sdk.manifest import About, Contributes, Declaration, Manifest


def own_share(registry: Registry, contributions: Contributions) -> Share:
    """The first share of a registry, so that no plugin can take its names."""
    executors = tuple(Declaration(name=name) for name in contributions.executors)
    about = About(id="trivet", summary="The host itself", sdk=">=1.0")
    share = Share(registry, Manifest(plugin=about, contributes=Contributes(executors=executors)))
    share.add(contributions)
    share.show()
    return share
