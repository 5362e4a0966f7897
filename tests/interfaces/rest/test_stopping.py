"""The installed command: it tells when it is ready, and finishes what it began."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.interfaces.rest.serving import installed, post

import trackoracle as to
from trackoracle.interfaces.rest.telling import tell_people


def test_serve_answers_for_several_oracles_and_logs_lines_of_json(
    small_bundle: Path, small_oracle: to.Oracle
) -> None:
    environment = {**os.environ, "TRACKORACLE_TOKEN": "from-the-environment"}
    named = ("--name", f"other={small_bundle}", "--most-tracks", 3)
    with installed(small_bundle, *named, env=environment) as (process, client, lines):
        assert post(client, "/predict", {"tempo": 120}).status_code == 401
        client.headers["authorization"] = "Bearer from-the-environment"
        for path in ("/predict", "/models/small/predict", "/models/other/predict"):
            answer = post(client, path, {"tempo": 120}).json()
            assert [answer] == small_oracle.predict({"tempo": 120}).to_dicts()
        assert post(client, "/predict", {"tracks": [{}] * 4}).status_code == 413
        assert post(client, "/predict", {"tempo": 120}, x_request_id="x-1").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events[:1]] == ["listening"]
    assert {"ready", "request", "stopping", "stopped"} <= {event["event"] for event in events}
    last = [event for event in events if event["event"] == "request"][-1]
    assert (last["request_id"], last["route"], last["status"]) == ("x-1", "/predict", 200)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_only_people_are_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, said in ((_Terminal(), "here I am\n"), (io.StringIO(), "")):
        monkeypatch.setattr("sys.stderr", stream)
        tell_people("here I am")
        assert stream.getvalue() == said


def test_a_stop_loses_no_request_that_was_accepted(
    small_bundle: Path, small_oracle: to.Oracle
) -> None:
    expected = small_oracle.predict({"tempo": 120}).to_dicts()[0]
    stopped, answered, lost, refused = threading.Event(), [], [], []
    many = {"tracks": [{"tempo": 120}] * 4_000}

    def ask(url: httpx.URL, body: object, kept_alive: bool) -> None:
        limits = httpx.Limits(max_keepalive_connections=1 if kept_alive else 0)
        with httpx.Client(base_url=url, timeout=60, limits=limits) as client:
            while True:
                try:
                    answer = post(client, "/predict", body)
                except httpx.ConnectError:  # no longer accepted
                    refused.append(1)
                    return
                except httpx.TransportError as error:
                    lost.append(repr(error))
                    return
                answered.append((stopped.is_set(), answer))

    with installed(small_bundle) as (process, client, _):
        bodies: list[object] = [many, *[{"tempo": 120}] * 7]
        threads = [
            threading.Thread(target=ask, args=(client.base_url, body, i % 2 == 0))
            for i, body in enumerate(bodies)
        ]
        for thread in threads:
            thread.start()
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        stopped.set()
        time.sleep(0.3)
        told = client.get("/ready")
        assert told.status_code == 503
        assert told.json() == {"status": "stopping"}
        assert told.headers["connection"] == "close"
        for thread in threads:
            thread.join(60)
        assert process.wait(60) == 0
    assert lost == []
    assert len(refused) == len(bodies)
    assert any(late for late, _ in answered)
    for _, answer in answered:
        assert answer.status_code == 200
        facts = answer.json()
        for row in facts.get("predictions", [facts]):
            assert {**row, "track_id": "1"} == expected
