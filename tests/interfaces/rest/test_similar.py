"""`/similar` over a real connection: as Python answers, and only where there is a catalog."""

from __future__ import annotations

import httpx
import pytest
from tests.interfaces.rest.serving import running

import trackoracle as to
from trackoracle.interfaces.rest import create_app

TRACK = {"energy": 0.8, "tempo": 120.0, "valence": 0.4, "danceability": 0.6, "loudness": -6.0}
TRACK |= {"acousticness": 0.1, "genre": "jazz"}


def test_it_answers_as_python_does(small_oracle: to.Oracle) -> None:
    index = to.open_index("sample")
    with running(create_app({"small": small_oracle}, catalog=index)) as client:
        answer = client.post("/similar?k=4&genre_weight=0.5", json=TRACK)
        assert answer.status_code == 200, answer.text
        same = to.similar(index, TRACK, k=4, genre_weight=0.5)
        assert [t["track"] for t in answer.json()["tracks"]] == [t.track for t in same.tracks]
        assert answer.json()["tracks"][0]["distance"] == pytest.approx(same.tracks[0].distance)
        for body, status in (({}, 422), ({"energy": 7}, 422), ({"no such": 1}, 422), ([1], 422)):
            assert client.post("/similar", json=body).status_code == status
        assert client.post("/similar?k=0", json=TRACK).status_code == 422
        assert client.get("/similar").status_code == 405
        assert 'data-path="/similar"' in client.get("/docs").text


def test_without_a_catalog_there_is_no_such_address(client: httpx.Client) -> None:
    assert client.post("/similar", json=TRACK).status_code == 404
