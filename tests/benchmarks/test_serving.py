"""The load of the serving benchmark notices what it is to notice."""

from __future__ import annotations

import asyncio
import itertools
import json

from benchmarks.serving_load import Asked, load
from tests.interfaces.rest.serving import running

import trackoracle as to
from trackoracle.interfaces.rest import create_app


def test_load_counts_right_wrong_and_lost_answers(small_oracle: to.Oracle) -> None:
    track = {"tempo": 120, "track_id": "a"}
    row = small_oracle.predict(track).to_dicts()[0]
    body = json.dumps(track).encode()
    many = json.dumps({"tracks": [track] * 1_500}).encode()
    right = Asked("/predict", body, 200, row.__eq__)
    streamed = Asked("/predict", many, 200, lambda found: found["predictions"] == [row] * 1_500)
    wrong = Asked("/predict", body, 200, lambda found: found["popularity"] == -1)
    refused = Asked("/predict", b"{", 422, lambda found: "detail" in found)
    with running(create_app({"small": small_oracle})) as client:
        port = client.base_url.port
        assert port is not None
        fine = asyncio.run(load(port, lambda i: itertools.cycle([right, streamed, refused]), 1))
        bad = asyncio.run(load(port, lambda i: iter([wrong]), 0.1))
    assert len(fine.ms) > 30
    assert (fine.n_wrong, fine.n_lost) == (0, 0)
    assert (bad.n_wrong, bad.n_lost) == (32, 0)
    assert bad.wrong[0].startswith("/predict 200")
    gone = asyncio.run(load(port, lambda i: iter([right]), 0.1))
    assert gone.ms == []
