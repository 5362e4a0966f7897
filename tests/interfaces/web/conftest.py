"""One app for the tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.interfaces.web.browsing import serving


@pytest.fixture(scope="session")
def app() -> Iterator[str]:
    """The app with the starter oracle and the sample."""
    with serving() as address:
        yield address
