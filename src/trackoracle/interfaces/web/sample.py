"""A track to try, from the synthetic sample: nobody's, and always there."""

from __future__ import annotations

import random
from functools import lru_cache

import trackoracle
from trackoracle.interfaces.web.session import session
from trackoracle.schema import TARGET_COLUMNS, Catalog

NOTICE = "A made-up track of the synthetic sample: no artist has it."


@lru_cache(maxsize=1)
def sample_catalog() -> Catalog:
    """Return the sample."""
    return trackoracle.load_catalog("sample")


def take_sample() -> None:
    """Put one of the sample's tracks in hand."""
    tracks = sample_catalog().tracks
    row = tracks.row(random.randrange(len(tracks)), named=True)  # noqa: S311
    asked = {name: value for name, value in row.items() if name not in TARGET_COLUMNS}
    session().take(row["track_name"], "sample", asked, notes=(NOTICE,))
