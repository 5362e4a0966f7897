from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.providers.faking import FakeServer, FakeServices

import trackoracle as to
from trackoracle.providers import limiting
from trackoracle.settings import ServiceSettings


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy stands between a test and loopback, and no host is asked slowly."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(limiting.PACE, "per_second", 10_000.0)


@pytest.fixture(scope="session")
def starter() -> to.Oracle:
    return to.load_oracle()


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with FakeServices().running() as fake:
        assert isinstance(fake, FakeServices)
        yield fake


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer().running() as fake:
        yield fake


@pytest.fixture
def settings(services: FakeServices, tmp_path: Path) -> ServiceSettings:
    return services.settings(tmp_path / "cache")
