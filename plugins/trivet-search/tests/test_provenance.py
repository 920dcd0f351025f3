"""Passages of files that others wrote are text from outside."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from trivet_sdk.origin import ORIGIN, mark_origin

from .conftest import Open

pytestmark = pytest.mark.anyio
Put = Callable[[str, str | bytes], Path]


async def test_a_downloaded_file_taints_even_if_it_was_marked_after_it_was_read(
    put: Put, opened: Open, skip_without: Callable[[str, str], None]
) -> None:
    put("own.md", "The heron stands.")
    path = put("下载.md", "The stork flies. 鹳在飞。")
    async with opened() as ask:
        assert not (await ask("search", query="stork")).is_untrusted
        with path.open("rb") as file:
            mark_origin(file, "https://example.org/")
        if not hasattr(os, "listxattr") or ORIGIN not in os.listxattr(path):
            skip_without("xattr", "the file system of temporary files keeps no extended attributes")
        assert (await ask("search", query="stork")).is_untrusted
        assert (await ask("search", query="鹳在飞")).is_untrusted
        assert not (await ask("search", query="heron")).is_untrusted


async def test_a_file_that_the_settings_name_taints(put: Put, opened: Open) -> None:
    put("Downloads/a/terms.md", "The stork flies.")
    put("own.md", "The heron stands.")
    async with opened(untrusted=["downloads/**"]) as ask:
        assert (await ask("search", query="stork")).is_untrusted
        assert not (await ask("search", query="heron")).is_untrusted
