"""What a worker offers, as contributions of this process: an object of each kind that asks the worker."""

from collections.abc import Callable, Mapping
from typing import Any

from trivet.kernel.workers.attendants import WorkerGuard, WorkerPolicy, WorkerService
from trivet.kernel.workers.gateways import WorkerGateway
from trivet.kernel.workers.line import Line
from trivet.kernel.workers.minds import WorkerPacker, WorkerPlanner, WorkerReflector
from trivet.kernel.workers.models import WorkerBackend, WorkerEmbedder
from trivet.kernel.workers.tools import WorkerTool
from trivet_sdk.contributions import Contributions, Gateway
from trivet_sdk.worker.arrays import Array
from trivet_sdk.worker.requests import Offer


def standing_in(offer: Offer, line: Line, open_array: Callable[[Array], Any], *, has_secrets: bool) -> Contributions:
    def named(kind: Callable[[Line, int, str], Any], handles: Mapping[str, int]) -> dict[str, Any]:
        return {name: kind(line, handle, name) for name, handle in handles.items()}

    return Contributions(
        tools=tuple(WorkerTool(line, tool, has_secrets=has_secrets) for tool in offer.tools),
        planners=named(WorkerPlanner, offer.planners),
        reflectors=named(WorkerReflector, offer.reflectors),
        models=named(WorkerBackend, offer.models),
        embedders={
            name: WorkerEmbedder(line, each.handle, each.name, open_array) for name, each in offer.embedders.items()
        },
        contexts=named(WorkerPacker, offer.contexts),
        policies=named(WorkerPolicy, offer.policies),
        services=tuple(WorkerService(line, each) for each in offer.services),
        guards=tuple(WorkerGuard(line, handle) for handle in offer.guards),
        gateways=tuple(Gateway(path=each.name, app=WorkerGateway(line, each)) for each in offer.gateways),
        model_definitions=offer.model_definitions,
    )
