"""One service with oracles of all three targets."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from tests.interfaces.rest.serving import running

import trackoracle as to
from trackoracle.interfaces.rest import create_app


@pytest.fixture(scope="session")
def oracles(
    small_oracle: to.Oracle, small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle
) -> dict[str, to.Oracle]:
    return {"small": small_oracle, "hits": small_hit_oracle, "tiers": small_tier_oracle}


@pytest.fixture(scope="session")
def client(oracles: dict[str, to.Oracle]) -> Iterator[httpx.Client]:
    with running(create_app(oracles)) as client:
        yield client


@pytest.fixture(scope="session")
def tracks(small_catalog: to.Catalog) -> list[dict[str, object]]:
    """Tracks as they are sent: what is missing is left out."""
    rows = small_catalog.tracks.drop("popularity").head(300).to_dicts()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
