"""Who may ask, how much at a time, and what is told of it."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import polars as pl
import pytest
from tests.interfaces.rest.serving import post, problem, running, wait_while

import trackoracle as to
from trackoracle.errors import ConfigError
from trackoracle.interfaces import cli
from trackoracle.interfaces.rest import Limits, check_address, create_app, serve

TOKEN = "a-token-of-our-own-4711"


class _Waiting(to.Oracle):
    """An oracle that answers when it is let."""

    def __init__(self, bundle: Any) -> None:
        super().__init__(bundle)
        self.let = threading.Event()
        self.let.set()

    def predict(self, *arguments: Any, **options: Any) -> Any:
        self.let.wait()
        return super().predict(*arguments, **options)


@pytest.fixture(scope="module")
def guarded(small_oracle: to.Oracle) -> Iterator[httpx.Client]:
    app = create_app({"small": small_oracle}, token=TOKEN, origins=["https://example.org"])
    with running(app) as client:
        yield client


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN]
)
def test_without_the_token_nothing_is_answered(guarded: httpx.Client, given: str | None) -> None:
    headers = {} if given is None else {"authorization": given}
    for method, path in (
        ("POST", "/predict"),
        ("GET", "/model"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
        ("GET", "/nothing"),
        ("GET", "/"),
    ):
        answer = guarded.request(method, path, headers=headers)
        facts = problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert TOKEN not in json.dumps(facts)


def test_with_the_token_all_is_answered(guarded: httpx.Client) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert post(guarded, "/predict", {"tempo": 120}, **headers).status_code == 200
    assert guarded.get("/model", headers=headers).status_code == 200
    for path in ("/health", "/ready", "/page.js"):
        assert guarded.get(path).status_code == 200
    description = guarded.get("/openapi.json", headers=headers).json()
    assert description["security"] == [{"token": []}]


@pytest.mark.parametrize("token", ["", "two words", "naïve", "line\nfeed"])
def test_a_token_that_no_header_holds_is_refused(small_oracle: to.Oracle, token: str) -> None:
    with pytest.raises(ConfigError, match="token: expected printable ASCII"):
        create_app({"small": small_oracle}, token=token)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_where_others_reach_it_a_token_is_needed(host: str) -> None:
    with pytest.raises(ConfigError, match="expected an address of this machine alone"):
        check_address(host, 8000, None, allow_public=False)
    check_address(host, 8000, TOKEN, allow_public=False)
    check_address(host, 8000, None, allow_public=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_on_this_machine_alone_no_token_is_needed(host: str) -> None:
    check_address(host, 0, None, allow_public=False)


def test_an_address_that_is_taken(client: httpx.Client, small_oracle: to.Oracle) -> None:
    with pytest.raises(ConfigError, match="expected an address that is free, got an error"):
        serve({"small": small_oracle}, port=client.base_url.port or 0)


def test_other_pages_may_ask_only_where_they_are_named(
    guarded: httpx.Client, client: httpx.Client
) -> None:
    asked = {"origin": "https://example.org", "access-control-request-method": "POST"}
    told = guarded.options("/predict", headers=asked)
    assert told.headers["access-control-allow-origin"] == "https://example.org"
    other = guarded.options("/predict", headers={**asked, "origin": "https://else.example"})
    closed = client.options("/predict", headers=asked)
    for answer in (other, closed):
        assert "access-control-allow-origin" not in answer.headers


def test_a_request_keeps_its_id_when_that_is_harmless(client: httpx.Client) -> None:
    assert client.get("/health", headers={"x-request-id": "a-1.b_2"}).headers["x-request-id"] == (
        "a-1.b_2"
    )
    for given in ("a b", "x" * 65, "a;b", 'a"b', "é".encode("latin-1").decode("latin-1"), ""):
        answer = client.get("/health", headers={"x-request-id": given.encode("latin-1")})
        assert len(answer.headers["x-request-id"]) == 32


def test_the_log_tells_requests_but_nothing_that_was_sent(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "Secret Title 4711"
    logger = logging.getLogger("trackoracle.service")
    with caplog.at_level(logging.INFO, logger.name):
        post(client, "/predict?level=0.8", {"track_name": secret}, x_request_id="mine-1")
        post(client, "/predict", {"track_name": [secret]})
        post(client, f"/models/{secret}/predict?x={secret}", {secret: secret})
        wait_while(lambda: len(caplog.records) < 3, most=10)  # logged behind the answer
    facts = [record.__dict__["facts"] for record in caplog.records]
    assert facts[0] == {
        "request_id": "mine-1",
        "method": "POST",
        "route": "/predict",
        "status": 200,
        "ms": facts[0]["ms"],
        "bytes": facts[0]["bytes"],
        "model": "small",
        "n_tracks": 1,
    }
    assert [one["status"] for one in facts] == [200, 422, 404]
    assert secret.partition(" ")[0] not in json.dumps(facts)


def test_metrics_count_requests_and_tracks_by_patterns(client: httpx.Client) -> None:
    def counted(name: str) -> float:
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    tracks = 'trackoracle_tracks_total{model="small",route="/predict"}'
    refused = 'trackoracle_requests_total{method="POST",route="/predict",status="422"}'
    unknown = 'trackoracle_requests_total{method="other",route="unknown",status="404"}'
    before = [counted(name) for name in (tracks, refused, unknown)]
    post(client, "/predict", {"tracks": [{"tempo": 120}] * 3})
    post(client, "/predict", {"tempo": 1})
    client.request("BREW", "/coffee/1")
    client.request("BREW", "/coffee/2")
    after = [counted(name) for name in (tracks, refused, unknown)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [3, 1, 2]
    assert "coffee" not in client.get("/metrics").text


def test_more_requests_than_may_be_under_way(small_oracle: to.Oracle) -> None:
    oracle = _Waiting(small_oracle.bundle)
    app = create_app({"small": oracle}, limits=Limits(requests=4))
    with running(app) as client, ThreadPoolExecutor(4) as pool:
        oracle.let.clear()
        waiting = [pool.submit(post, client, "/predict", {"tempo": 120}) for _ in range(4)]
        wait_while(lambda: app.state.service.state.under_way < 4)
        refused = post(client, "/predict", {"tempo": 120})
        assert "at most 4 requests at a time" in problem(refused, 503)["detail"]
        assert refused.headers["retry-after"] == "1"
        assert client.get("/health").status_code == 200
        oracle.let.set()
        assert {one.result().status_code for one in waiting} == {200}
        assert post(client, "/predict", {"tempo": 120}).status_code == 200
        assert app.state.service.state.held_bytes == 0


def test_an_answer_that_takes_too_long_becomes_a_503(small_oracle: to.Oracle) -> None:
    oracle = _Waiting(small_oracle.bundle)
    app = create_app({"small": oracle}, limits=Limits(answer_seconds=0.3))
    with running(app) as client:
        oracle.let.clear()
        for body in ({"tempo": 120}, {"tracks": [{"tempo": 120}] * 2}):
            late = post(client, "/predict", body)
            assert "expected it within 0.3 s" in problem(late, 503)["detail"]
            assert "retry-after" in late.headers
        oracle.let.set()
        assert post(client, "/predict", {"tempo": 120}).status_code == 200


def test_an_error_of_our_own_is_told_without_what_was_sent(
    small_oracle: to.Oracle, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(to.Oracle):
        def rank(self, *arguments: Any, **options: Any) -> Any:
            raise RuntimeError("with a Secret Title in it")

    with running(create_app({"small": Broken(small_oracle.bundle)})) as client:
        answer = post(client, "/rank", {"tracks": [{"tempo": 120}]}, x_request_id="bad-1")
        assert post(client, "/predict", {"tempo": 120}).status_code == 200
    assert "expected to answer, got an error of its own" in problem(answer, 500)["detail"]
    failure = next(r for r in caplog.records if r.getMessage() == "failure")
    assert failure.__dict__["facts"]["error"] == "RuntimeError"
    assert failure.__dict__["facts"]["request_id"] == "bad-1"
    assert "Secret" not in caplog.text + json.dumps(failure.__dict__["facts"]) + answer.text


def test_an_error_of_our_own_spoils_no_track_that_comes_with_it(small_oracle: to.Oracle) -> None:
    class Odd(_Waiting):
        def predict(self, tracks: Any, **options: Any) -> Any:
            if isinstance(tracks, pl.DataFrame) and 77.0 in tracks["tempo"].to_list():
                raise RuntimeError("77")
            return super().predict(tracks, **options)

    oracle = Odd(small_oracle.bundle)
    with running(create_app({"small": oracle})) as client, ThreadPoolExecutor(8) as pool:
        oracle.let.clear()
        tempi = [120, 77, 90, 77, 60, 100, 110, 130]
        asked = [pool.submit(post, client, "/predict", {"tempo": tempo}) for tempo in tempi]
        time.sleep(0.3)
        oracle.let.set()
        answers = [one.result() for one in asked]
    for tempo, answer in zip(tempi, answers, strict=True):
        if tempo == 77:
            problem(answer, 500)
        else:
            assert [answer.json()] == small_oracle.predict({"tempo": tempo}).to_dicts()


def test_bodies_on_their_way_count_as_held(small_oracle: to.Oracle) -> None:
    app = create_app({"small": small_oracle}, limits=Limits(held_bytes=1_000))
    half = b'{"track_name": "' + b"x" * 600
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"
    with running(app) as client:
        url = client.base_url
        with socket.create_connection((url.host, url.port), timeout=30) as slow:
            slow.sendall(head + half)
            wait_while(lambda: not app.state.service.state.held_bytes)
            refused = post(client, "/predict", {"track_name": "y" * 600})
            assert "at most 1,000 bytes of bodies at a time" in problem(refused, 503)["detail"]
        wait_while(lambda: app.state.service.state.held_bytes)
        assert post(client, "/predict", {"track_name": "y" * 600}).status_code == 200


def test_limits_must_be_above_nothing() -> None:
    with pytest.raises(ConfigError, match="tracks: expected above 0, got 0"):
        Limits(tracks=0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such.oracle"], "no-such.oracle"),
        (["--name", "x"], "--name: expected NAME=FILE, got 'x'"),
        (["--name", "a b=x.oracle"], "name: expected letters, digits, - and _"),
        (["--name", "../x=x.oracle"], "name: expected letters, digits, - and _"),
        (["x.oracle", "--name", "x=y.oracle"], "name: expected every name once, got 'x' twice"),
        (["--port", "70000"], "port: expected 0 to 65,535, got 70000"),
        (["--host", "0.0.0.0"], "or a token, got '0.0.0.0' without one"),
        (["--most-tracks", "0"], "tracks: expected above 0, got 0"),
        (["--token", "two words"], "token: expected printable ASCII"),
    ],
)
def test_the_command_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert cli._run(["serve", *arguments]) == 2
    assert says in capsys.readouterr().err
