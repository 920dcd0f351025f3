"""Makes models out of definitions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import anyio

from trivet_openai.definition import read_definition
from trivet_openai.endpoint import open_endpoint
from trivet_openai.remote_model import RemoteModel
from trivet_sdk import Model, ModelError, PluginError

SCHEMES = ("env:", "file:", "keyring:")


class OpenAIBackend:
    """Opening a model asks nothing of the endpoint: whether it answers is seen at the first request."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        secret: Callable[[str], str],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        """`secret` turns a reference into its value, and raises PluginError; `sleep` waits between attempts."""
        self._session = session
        self._sleep = sleep
        self._secret = secret

    async def open(self, name: str, definition: Mapping[str, Any]) -> Model:
        table = read_definition(name, definition)
        key = ""
        if table.api_key:
            if not table.api_key.startswith(SCHEMES):
                raise ModelError(
                    name,
                    f"has its key written into the settings. Put the key into an environment variable and set "
                    f'`models.{name}.api_key = "env:NAME"`; leave it out for a server that wants none.',
                )
            key = self._resolved(name, "key", table.api_key)
        headers = {
            header: self._resolved(name, f"header {header}", value) if value.startswith(SCHEMES) else value
            for header, value in table.headers.items()
        }
        return RemoteModel(name, table, open_endpoint(self._session, name, table, key, headers), self._sleep)

    def _resolved(self, model: str, what: str, ref: str) -> str:
        try:
            return self._secret(ref)
        except PluginError as error:
            reason = error.reason.removeprefix("needs a secret: ")
            raise ModelError(model, f"has no {what}: {reason}.") from None
