from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.kernel.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    home = tmp_path / "home"
    workshop = Workshop(tmp_path / "site", home)
    monkeypatch.syspath_prepend(str(workshop.site.folder))
    yield workshop
    workshop.forget()
