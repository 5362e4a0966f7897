"""What cannot be meant is refused with its status, and with the sentence that Python has."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.interfaces.rest.serving import post, problem, running, wait_while

import trackoracle as to
from trackoracle.errors import TrackOracleError
from trackoracle.interfaces.rest import Limits, create_app


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "body: expected JSON in UTF-8"),
        (b"{", "body: expected JSON in UTF-8"),
        (b'{"tempo": NaN}', "NaN is no number of JSON"),
        (b'{"tempo": -Infinity}', "-Infinity is no number of JSON"),
        (b'{"tempo": 1e999}', "tempo: expected 20 to 260 BPM, got 1 of 1 values outside"),
        (b'{"tempo": 1' + b"0" * 5000 + b"}", "body: expected JSON in UTF-8"),
        (b'{"tempo": 1' + b"0" * 1000 + b"}", "tempo: expected 20 to 260 BPM"),
        (b'{"tempo": 1, "tempo": 120}', "expected every name once, got 'tempo' twice"),
        (b'{"genre": "pop", "genres": "pop"}', "expected only columns of the contract"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 50_000, "nested too deeply"),
        (b"\xff{}", "byte 0 is not UTF-8"),
        (b'{"track_name": "\\ud800"}', "track_name: expected text of at most 2,000 characters"),
        ({"tempo": "fast"}, "tempo: expected numbers, got 1 of 1 values that are not"),
        ({"tempo": "120"}, "tempo: expected numbers, got 1 of 1 values that are not"),
        ({"tempo": True}, "tempo: expected numbers, got 1 of 1 values that are not"),
        ({"tempo": [120]}, "tempo: expected numbers, got 1 of 1 values that are not"),
        ({"tempo": 300}, "tempo: expected 20 to 260 BPM, got 1 of 1 values outside (row 1: 300)"),
        ({"key": 1.5}, "key: expected -1 to 11, got 1 of 1 values outside"),
        ({"genres": {"a": 1}}, "(row 1: 'an object')"),
        ({"genres": ["a"] * 201}, "genres: expected text"),
        ({"track_name": "x" * 2001}, "track_name: expected text of at most 2,000 characters"),
        ({"mystery": 1}, "expected only columns of the contract, got mystery"),
        ([], "tracks: expected at least one, got none"),
        ([3], "got a number. Send that form"),
        ([{"tempo": 100}, {"tempo": 5}], "got 1 of 2 values outside (row 2: 5)"),
        (3, "got a number. Send that form"),
        (None, "body: expected"),
        ("x", "body: expected JSON in UTF-8"),
        ({"tracks": []}, "tracks: expected at least one, got none"),
        ({"tracks": {}}, "expected only columns of the contract, got tracks"),
        ({"tracks": [3]}, "body: expected"),
        ({"tracks": [{}], "level": 0.9}, "body: expected only tracks beside tracks, got 'level'"),
        ({"tracks": [{"tempo": 100}, {"tempo": 5}, {"tempo": 900}]}, "(rows 2, 3: 5, 900)"),
    ],
)
def test_bodies_that_cannot_be_meant(client: httpx.Client, body: Any, says: str) -> None:
    facts = problem(post(client, "/predict", body), 422)
    assert says in facts["detail"]
    assert len(json.dumps(facts)) < 5_000


@pytest.mark.parametrize("track", [{"tempo": 300.0}, {"mystery": 1}, {"tempo": "fast"}])
def test_the_sentence_and_the_facts_are_those_of_python(
    client: httpx.Client, small_oracle: to.Oracle, track: dict[str, Any]
) -> None:
    facts = problem(post(client, "/predict", track), 422)
    with pytest.raises(TrackOracleError) as caught:
        small_oracle.predict(track, refuse_extra=True)
    advice = "Correct them, or leave them"  # what is left out is told in the words of each way
    assert facts["detail"].partition(advice)[0] == caught.value.message.partition(advice)[0]
    assert facts["facts"] == json.loads(json.dumps(caught.value.facts))
    assert facts["type"] == f"urn:trackoracle:{type(caught.value).__name__}"


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ("", "text/csv", "body: expected a table"),
        ("\n\n", "text/csv", "body: expected a table"),
        ("tempo\n", "text/csv", "tracks: expected at least one"),
        ("tempo\nfast\n", "text/csv", "tempo: expected numbers"),
        ("tempo\n1,2,3\n", "text/csv", "body: expected a table"),
        ("tempo,tempo\n120,90\n", "text/csv", "expected only columns of the contract"),
        ("mystery\n1\n", "text/csv", "expected only columns of the contract, got mystery"),
        ("x," * 20_000 + "\n", "text/csv", "a first line of"),
        (b"tempo\n\xff\n", "text/csv", "is not UTF-8"),
        ('{"tempo": 120}\n{"tempo": \n', "application/x-ndjson", "line 2: expected JSON"),
        ("\n", "application/x-ndjson", "tracks: expected at least one"),
        ("[]\n", "application/x-ndjson", "got an empty list"),
    ],
)
def test_tables_and_lines_that_cannot_be_meant(
    client: httpx.Client, body: Any, kind: str, says: str
) -> None:
    assert says in problem(post(client, "/predict", body, content_type=kind), 422)["detail"]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/predict?level=1", {}, "level: expected less than 1, got '1'"),
        ("/predict?level=x", {}, "level: expected a valid number"),
        ("/predict?levle=0.9", {}, "options: expected those of this address, got 'levle'"),
        ("/predict?base_rate=0.1", {}, "base_rate: expected an oracle of hits"),
        ("/rank", {"tempo": 120}, "body: expected"),
        ("/rank?together=band", {"tracks": [{}]}, "together: expected 'artist' or 'album'"),
        ("/change", {"tempo": 120}, "body: expected"),
        ("/change", {"track": {"tempo": 120}, "goal": "up"}, "goal: expected a number"),
        ("/change", {"track": {"tempo": 120}, "goal": [60]}, "goal"),
        ("/change", {"track": {"tempo": 120}, "goal": 400}, "goal: expected 0 to 100 points"),
        ("/change", {"track": {"tempo": 120}, "n": 1000}, "n: input should be less"),
        ("/change", {"track": {"tempo": 120}, "lock": ["temp"]}, "Did you mean 'tempo'?"),
        ("/change", {"track": {"tempo": 120}, "gaol": 60}, "gaol: "),
        ("/change", {"track": {"tempo": 1}}, "tempo: expected 20 to 260 BPM"),
        ("/change", {"track": {"tempo": 120}, "ranges": {"tempo": [200, 100]}}, "tempo"),
        ("/explain", {"tracks": [{"tempo": 120}, {"tempo": 1}]}, "tempo: expected 20 to 260"),
    ],
)
def test_options_and_wishes_that_cannot_be(
    client: httpx.Client, path: str, body: Any, says: str
) -> None:
    assert says in post(client, path, body).json()["detail"]
    assert post(client, path, body).status_code == 422


@pytest.mark.parametrize(
    ("headers", "status", "says"),
    [
        ({"content_type": "text/html"}, 415, "Content-Type: expected application/json"),
        ({"content_type": "application/json; charset=latin-1"}, 415, "in UTF-8"),
        ({"content_encoding": "gzip"}, 415, "not compressed"),
        ({"accept": "image/png"}, 406, "Accept: expected application/json"),
        ({"accept": "text/csv;q=0"}, 406, "Accept: expected"),
    ],
)
def test_forms_that_are_not_spoken(
    client: httpx.Client, headers: dict[str, str], status: int, says: str
) -> None:
    facts = problem(post(client, "/predict", {"tempo": 120}, **headers), status)
    assert says in facts["detail"]
    if status == 415:
        assert post(client, "/explain", {"tempo": 120}, **headers).status_code == 415


@pytest.mark.parametrize(
    "name",
    [
        "nobody",
        "%2e%2e",
        "%2e%2e%2fetc%2fpasswd",
        "small%00",
        "small.oracle",
        "%0d%0aSet-Cookie:x=1",
    ],
)
def test_names_that_no_oracle_has(client: httpx.Client, name: str) -> None:
    for method in ("GET", "POST"):
        answer = client.request(method, f"{client.base_url}/models/{name}/predict")
        facts = problem(answer, 404)
        assert "expected" in facts["detail"]
        assert "set-cookie" not in answer.headers


def test_addresses_and_methods_that_there_are_not(client: httpx.Client) -> None:
    facts = problem(client.get("/nothing/here"), 404)
    assert facts["detail"].endswith("got '/nothing/here'. See /docs for what there is.")
    facts = problem(client.post("/predcit"), 404)
    assert facts["detail"].endswith("got '/predcit'. Did you mean '/predict'?")
    facts = problem(client.get("/predict"), 405)
    assert facts["detail"].startswith("method: expected POST, got GET. ")
    facts = problem(client.get("/models/small/predictt"), 404)
    assert "Did you mean 'predict'?" in facts["detail"]
    wrong = client.delete("/predict")
    problem(wrong, 405)
    assert wrong.headers["allow"] == "POST"


@pytest.fixture(scope="module")
def narrow(small_oracle: to.Oracle) -> Iterator[httpx.Client]:
    limits = Limits(
        body_bytes=2_000, tracks=20, explained_tracks=5, upload_seconds=1, held_bytes=2_500
    )
    with running(create_app({"small": small_oracle}, limits=limits)) as client:
        yield client


def test_more_tracks_than_a_request_may_have(narrow: httpx.Client, client: httpx.Client) -> None:
    many = {"tracks": [{"tempo": 120}] * 21}
    facts = problem(post(narrow, "/predict", many), 413)
    assert facts["detail"] == "tracks: expected at most 20, got 21. Send them in parts."
    assert facts["facts"] == {"most": 20, "n_tracks": 21}
    problem(post(narrow, "/rank", many), 413)
    lines = '{"tempo": 120}\n' * 21
    problem(post(narrow, "/predict", lines, content_type="application/x-ndjson"), 413)
    problem(post(narrow, "/predict", "tempo\n" + "120\n" * 21, content_type="text/csv"), 413)
    problem(post(narrow, "/explain", {"tracks": [{"tempo": 120}] * 6}), 413)
    assert post(narrow, "/predict", {"tracks": [{"tempo": 120}] * 20}).status_code == 200
    facts = problem(post(client, "/predict", {"tracks": [{}] * 10_001}), 413)
    assert "10,001" in facts["detail"]


def test_more_bytes_than_a_request_may_have(narrow: httpx.Client) -> None:
    large = b'{"track_name": "' + b"x" * 2_000 + b'"}'
    for content in (large, iter([large[:1_000], large[1_000:]])):  # with its length, and without
        answer = narrow.post("/predict", content=content)
        assert problem(answer, 413)["facts"] == {"most": 2_000}
    assert post(narrow, "/predict", {"tempo": 120}).status_code == 200


def test_a_sender_that_goes_away_harms_nobody(
    narrow: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    url = narrow.base_url
    with (
        caplog.at_level(logging.INFO, "trackoracle.service"),
        socket.create_connection((url.host, url.port), timeout=30) as gone,
    ):
        gone.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        time.sleep(0.2)
        gone.close()
        wait_while(lambda: not caplog.records, most=10)
    assert [record.getMessage() for record in caplog.records] == ["request"]
    assert caplog.records[0].__dict__["facts"]["status"] == 400
    assert post(narrow, "/predict", {"tempo": 120}).status_code == 200


def test_a_body_that_drips_is_given_up(narrow: httpx.Client) -> None:
    url = narrow.base_url
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection((url.host, url.port), timeout=30) as slow:
        slow.sendall(head)
        began = time.monotonic()
        while time.monotonic() - began < 0.8:
            slow.sendall(b" ")
            time.sleep(0.1)
        answer = b"".join(iter(lambda: slow.recv(65_536), b""))  # it closes the connection
        assert time.monotonic() - began < 4
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"body: expected it within 1 s, got " in answer
