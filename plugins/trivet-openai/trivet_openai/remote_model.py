"""A model behind an endpoint."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import aiohttp
import anyio

from trivet_openai.answer import Answer
from trivet_openai.backoff import pause
from trivet_openai.definition import Definition
from trivet_openai.endpoint import Endpoint
from trivet_openai.failures import Failure
from trivet_openai.history import Histories
from trivet_openai.offered_tools import OfferedTools, ToolLists
from trivet_openai.reading import Reading
from trivet_openai.request_body import refuse_unsupported, request_body
from trivet_openai.wire_messages import encoded
from trivet_sdk import Delta, GenerateRequest, Image, Message

BYTES_PER_TOKEN = 3.0
"""Of JSON in UTF-8. English has about 4, Chinese 3 to 4: the count is a little too high, as it should be."""
TOKENS_PER_IMAGE = 1000
NO_TOOLS = OfferedTools(())


class RemoteModel:
    """Fulfils `trivet_sdk.Model`."""

    def __init__(
        self,
        name: str,
        definition: Definition,
        endpoint: Endpoint,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self.name = name
        self.window = definition.window
        self.is_small = definition.small
        self.features = frozenset[str](definition.features)
        self._definition = definition
        self._endpoint = endpoint
        self._sleep = sleep
        takes_images = "images" in definition.features
        self._histories = Histories(lambda message: encoded(message, name, takes_images=takes_images))
        self._tools = ToolLists()

    async def measure(self, messages: Sequence[Message]) -> int:
        """An estimate, since endpoints do not say how they count."""
        tokens = 0.0
        for message in messages:
            images = sum(isinstance(part, Image) for part in message.parts)
            words = Message(message.role, tuple(part for part in message.parts if not isinstance(part, Image)))
            tokens += len(encoded(words, self.name)) / BYTES_PER_TOKEN + images * TOKENS_PER_IMAGE
        return int(tokens) + 1

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        """Attempts that fail before anything came are repeated, up to the deadline; closing aborts the request."""
        refuse_unsupported(self.name, self._definition, request)
        tools = self._tools.offered(request.tools) if request.tools else None
        body = request_body(self._definition, request, self._histories, tools)
        seconds = self._definition.timeout if request.deadline is None else request.deadline
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        attempt = 0
        while True:
            attempt += 1
            reading: Reading | None = None
            try:
                response = await self._endpoint.post(body, until - clock(), seconds)
                answer = Answer((tools or NO_TOOLS).name)
                reading = Reading(response, answer, self.name, self._definition)
                while not reading.is_ended:
                    for delta in await reading.more(self._endpoint.key):
                        yield delta
                return
            except Failure as caught:
                failure = caught
            except (aiohttp.ClientError, OSError) as error:
                failure = self._endpoint.failure(error, seconds)
                if reading is not None and reading.has_begun and not isinstance(error, TimeoutError):
                    failure = reading.cut()
            finally:
                if reading is not None:
                    await reading.close()
            wait = pause(attempt, failure.asked)
            has_begun = reading is not None and reading.has_begun
            if has_begun or attempt > failure.further or clock() + wait >= until:
                raise failure.error(self.name, attempt)
            await self._sleep(wait)
