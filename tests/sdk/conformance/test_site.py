"""A folder of the project that sample calls find as a site."""

import urllib.request
from pathlib import Path

import pytest

from trivet_sdk.conformance.given import Given, given_in
from trivet_sdk.conformance.site import served


def test_the_site_is_there_for_the_checks_and_its_address_in_samples_and_settings(tmp_path: Path) -> None:
    (tmp_path / "页.txt").write_text("你好")
    given = Given(
        site=str(tmp_path),
        settings={"url": "{site}/api", "limit": 3},
        samples={"fetch": [{"url": "{site}/%E9%A1%B5.txt", "tags": ["{site}", True]}]},
    )
    with served(given) as filled:
        url = str(filled.samples["fetch"][0]["url"])
        address = url.removesuffix("/%E9%A1%B5.txt")
        assert address.startswith("http://127.0.0.1:")
        assert filled.settings == {"url": f"{address}/api", "limit": 3}
        assert filled.samples["fetch"][0]["tags"] == [address, True]
        with urllib.request.urlopen(url) as answer:
            assert answer.read().decode() == "你好"
        with served(filled) as again:
            assert again is filled
    with pytest.raises(OSError):
        urllib.request.urlopen(url)


def test_a_site_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.trivet.check]\nsite = "pages"\n')
    with pytest.raises(ValueError, match="names the site 'pages', but there is no such folder"):
        given_in(tmp_path)
