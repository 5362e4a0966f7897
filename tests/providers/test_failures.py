"""Services that answer badly, late or never: every answer is an answer or a sentence, in time."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from tests.providers.faking import ALBUM, FakeServer, FakeServices, Reply, name_of, track

import trackoracle as to
from trackoracle.errors import (
    DeadlineError,
    ServiceAccessError,
    ServiceBusyError,
    ServiceError,
    ServiceUnreachableError,
)
from trackoracle.providers.limiting import Limited, Pace
from trackoracle.providers.requests import Answer, Deadline, Request
from trackoracle.providers.retrying import Retrying, asked_wait
from trackoracle.providers.sending import MOST_BYTES, HttpSender
from trackoracle.settings import ServiceSettings

TRACK = f"/v1/tracks/{name_of(2)}"
ALBUM_PATH = f"/v1/albums/{ALBUM['id']}"
ALBUM_LINK = f"spotify:album:{ALBUM['id']}"
QUOTA = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}


def ask(server: FakeServer, path: str = "/x", seconds: float = 0.4) -> Answer:
    with HttpSender() as sender:
        return sender.send(Request("Fake", server.url + path), Deadline(seconds))


def took_at_most(seconds: float, work: Callable[[], object]) -> None:
    start = time.monotonic()
    work()
    assert time.monotonic() - start < seconds


def test_a_plain_text_403_is_told(services: FakeServices, settings: ServiceSettings) -> None:
    said = "Active premium subscription required for the owner of the app."
    services.odd[ALBUM_PATH] = [Reply(403, said, {"Content-Type": "text/plain"})]
    with pytest.raises(ServiceAccessError, match=r"403 \(Active premium subscription required"):
        to.lookup(ALBUM_LINK, settings=settings)


def test_a_403_without_a_message(services: FakeServices, settings: ServiceSettings) -> None:
    services.odd[ALBUM_PATH] = [Reply(403, {"error": {"status": 403}})]
    with pytest.raises(ServiceAccessError, match=r"got 403\. Check what your account"):
        to.lookup(ALBUM_LINK, settings=settings)


def test_hours_of_retry_after_are_an_error_that_says_when(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.odd[ALBUM_PATH] = [Reply(429, QUOTA, {"Retry-After": "12471"})]
    with pytest.raises(ServiceBusyError, match=r"Come back at .* \(in 3 h 28 min\)") as caught:
        took_at_most(2.0, lambda: to.lookup(ALBUM_LINK, settings=settings))
    come_back = datetime.fromisoformat(caught.value.facts["come_back"])
    assert abs((come_back - datetime.now(UTC)).total_seconds() - 12_471) < 5
    assert services.paths().count(ALBUM_PATH) == 1


def test_a_busy_service_leaves_a_partial_answer(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.odd[TRACK] = [Reply(429, QUOTA, {"Retry-After": "12471"})]
    found = to.lookup(name_of(2), settings=settings)
    assert found.tracks[0]["track_name"] == "Other title 2"
    assert found.tracks[0]["tempo"] == 102
    assert "3 h 28 min" in found.notes[0]
    assert "ReccoBeats answered instead" in found.notes[0]


def test_artists_and_features_that_fail_leave_the_rest(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.odd[f"/v1/artists/{name_of(1, 'R')}"] = [Reply(403, "no")]
    services.odd["/recco/audio-features"] = [Reply(429, {"code": 4291}, {"Retry-After": "900"})]
    found = to.lookup(name_of(2), settings=settings)
    assert found.tracks[0]["track_name"] == "Title 2"
    assert {"genres", "tempo"} <= set(found.missing)
    assert any("15 min" in note for note in found.notes)
    assert any(note.startswith("Artists: Spotify") for note in found.notes)


def test_nobody_answers(services: FakeServices, settings: ServiceSettings) -> None:
    services.odd[TRACK] = [Reply(500, "")]
    services.odd["/recco/audio-features"] = [Reply(400, {"code": 4002})]
    services.odd["/recco/track"] = [Reply(401, "who are you")]
    with pytest.raises(ServiceError, match=r"got 500.*401 \(who are you\)"):
        to.lookup(name_of(2), settings=settings)


def test_5xx_then_success(services: FakeServices, settings: ServiceSettings) -> None:
    services.odd[TRACK] = [Reply(503, "busy"), Reply(502, "bad"), Reply(body=track(2))]
    assert to.lookup(name_of(2), settings=settings).tracks[0]["track_name"] == "Title 2"
    assert services.paths().count(TRACK) == 3


def test_a_short_wait_that_is_asked_for_is_kept(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.odd[TRACK] = [Reply(429, QUOTA, {"Retry-After": "0.2"}), Reply(body=track(2))]
    start = time.monotonic()
    found = to.lookup(name_of(2), settings=settings)
    assert found.notes == ()
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"null", b'{"a":' * 5_000, b"\xff\xfe", b"<html>no</html>"]
)
def test_what_is_no_json_object(
    services: FakeServices, settings: ServiceSettings, body: bytes
) -> None:
    services.odd[ALBUM_PATH] = [Reply(200, body)]
    with pytest.raises(ServiceError, match="expected a JSON object"):
        to.lookup(ALBUM_LINK, settings=settings)
    # And it is not kept: once the service is well again, so is the answer.
    del services.odd[ALBUM_PATH]
    assert len(to.lookup(ALBUM_LINK, settings=settings).tracks) == 4


def test_an_expired_token_is_renewed_once(
    services: FakeServices, settings: ServiceSettings
) -> None:
    assert to.lookup(name_of(1), settings=settings).notes == ()
    services.good_token = "another"  # as if it had run out at the service
    assert to.lookup(name_of(2), settings=settings).tracks[0]["track_name"] == "Title 2"
    assert services.n_tokens == 2


def test_a_token_that_is_never_good_ends(services: FakeServices, settings: ServiceSettings) -> None:
    services.odd[ALBUM_PATH] = [Reply(401, {"error": {"status": 401, "message": "expired"}})]
    with pytest.raises(ServiceAccessError, match=r"401 \(expired\)"):
        to.lookup(ALBUM_LINK, settings=settings)
    assert services.n_tokens == 2


def test_credentials_that_are_refused(services: FakeServices, tmp_path: Path) -> None:
    wrong = services.settings(tmp_path, spotify_secret="wrong")
    with pytest.raises(ServiceAccessError, match=r"400 \(Invalid client\). Check SPOTIFY_CLIENT"):
        to.lookup(ALBUM_LINK, settings=wrong)


@pytest.mark.parametrize("body", [{}, {"access_token": 5}, {"access_token": "a\r\nX: 1"}])
def test_a_token_that_is_none(
    services: FakeServices, settings: ServiceSettings, body: dict[str, object]
) -> None:
    services.odd["/accounts/api/token"] = [Reply(body=body)]
    with pytest.raises(ServiceError, match="expected a token, got none"):
        to.lookup(ALBUM_LINK, settings=settings)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"x" * 500, drip=0.02),
        Reply(drip=0.02, drip_headers=True),
        Reply(body=b"x" * 10, drip=5.0),
    ],
    ids=["drip", "headers drip", "silence"],
)
def test_a_slow_server_is_left_at_the_deadline(server: FakeServer, reply: Reply) -> None:
    server.odd["/x"] = [reply]
    with pytest.raises(DeadlineError, match=r"within 0\.4 s"):
        took_at_most(1.5, lambda: ask(server))


def test_a_slow_service_leaves_time_for_the_other(services: FakeServices, tmp_path: Path) -> None:
    services.odd[TRACK] = [Reply(body=b"x" * 500, drip=0.05)]
    settings = services.settings(tmp_path, deadline=1.0)
    found = to.lookup(name_of(2), settings=settings)
    assert found.tracks[0]["tempo"] == 102
    assert "Spotify: expected the whole answer within 0.6 s" in found.notes[0]


@pytest.mark.parametrize(
    "reply", [Reply(reset=True), Reply(body=b"x" * 100, cut_after=10)], ids=["reset", "cut"]
)
def test_a_cut_connection(server: FakeServer, reply: Reply) -> None:
    server.odd["/x"] = [reply]
    with pytest.raises(ServiceUnreachableError, match="Check the connection"):
        ask(server)
    server.odd["/x"] = [reply, Reply(body=b"{}")]
    with HttpSender() as sender:
        again = Retrying(sender, base=0.01)
        assert again.send(Request("Fake", f"{server.url}/x"), Deadline(2.0)).body == b"{}"


def test_nobody_is_there() -> None:
    with HttpSender() as sender, pytest.raises(ServiceUnreachableError, match=r"127\.0\.0\.1:9"):
        sender.send(Request("Fake", "http://127.0.0.1:9/x"), Deadline(1.0))


def test_five_megabytes_are_the_limit(server: FakeServer) -> None:
    server.odd["/x"] = [Reply(body=b"x" * MOST_BYTES)]
    assert len(ask(server, seconds=5.0).body) == MOST_BYTES
    server.odd["/x"] = [Reply(body=b"x" * (MOST_BYTES + 1))]
    with pytest.raises(ServiceError, match="expected at most 5 MB, got more"):
        ask(server, seconds=5.0)


def test_a_small_answer_cannot_unpack_to_a_large_one(server: FakeServer) -> None:
    packed = {"Content-Encoding": "gzip"}
    server.odd["/x"] = [Reply(body=gzip.compress(b"{}"), headers=packed)]
    assert ask(server, seconds=2.0).body == b"{}"
    server.odd["/x"] = [Reply(body=gzip.compress(bytes(50_000_000)), headers=packed)]
    with pytest.raises(ServiceError, match="expected at most 5 MB, got more"):
        ask(server, seconds=5.0)
    server.odd["/x"] = [Reply(body=gzip.compress(b"{}" * 99)[:-9], headers=packed)]
    with pytest.raises(ServiceUnreachableError, match="cut off"):
        ask(server, seconds=2.0)


def test_redirects_end_and_stay_on_their_host(server: FakeServer) -> None:
    server.odd["/x"] = [Reply(302, headers={"Location": "/y"})]
    server.odd["/y"] = [Reply(body=b"{}")]
    assert ask(server).body == b"{}"
    server.odd["/y"] = [Reply(302, headers={"Location": "/x"})]
    with pytest.raises(ServiceError, match="4 redirects one after another"):
        ask(server, seconds=2.0)
    for elsewhere in ("http://127.0.0.2/x", "https://evil.example/", "//evil.example/", ""):
        server.odd["/x"] = [Reply(302, headers={"Location": elsewhere})]
        with pytest.raises(ServiceError, match="which is not followed"):
            ask(server)


class Scripted:
    """Answers from a list: a part of the pipe alone needs no server."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def send(self, request: Request, deadline: Deadline) -> Answer:
        return self.answers.pop(0)


REQUEST = Request("Fake", "http://fake/x")


def test_waits_double_are_drawn_and_end() -> None:
    waits: list[float] = []
    sender = Retrying(
        Scripted(*[Answer(500, b"")] * 4), base=1.0, sleep=waits.append, draw=lambda: 0.5
    )
    assert sender.send(REQUEST, Deadline(60.0)).status == 500
    assert waits == [0.5, 1.0, 2.0]


def test_no_wait_passes_the_deadline() -> None:
    waits: list[float] = []
    sender = Retrying(
        Scripted(*[Answer(500, b"")] * 4), base=1.0, sleep=waits.append, draw=lambda: 1.0
    )
    assert sender.send(REQUEST, Deadline(0.5)).status == 500
    assert waits == []


def test_a_host_is_asked_at_its_pace_whoever_asks() -> None:
    waits: list[float] = []
    pace = Pace(per_second=4.0, clock=lambda: 100.0)
    for _ in range(3):
        fresh = Limited(Scripted(Answer(200, b"")), pace, sleep=waits.append)
        fresh.send(REQUEST, Deadline(60.0))
    assert waits == [0.25, 0.5]
    other = Request("Other", "http://other/x")
    Limited(Scripted(Answer(200, b"")), pace, sleep=waits.append).send(other, Deadline(60.0))
    assert len(waits) == 2
    with pytest.raises(DeadlineError):
        Limited(Scripted(), pace, sleep=waits.append).send(REQUEST, Deadline(0.1))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("12471", 12_471, 12_471),
        ("-5", 0, 0),
        ("1e99", 86_400, 1e9),
    ],
)
def test_retry_after_is_seconds_within_bounds(text: str, low: float, high: float) -> None:
    wait = asked_wait({"retry-after": text})
    assert wait is not None
    assert low <= wait <= high


def test_retry_after_may_be_a_date() -> None:
    text = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    wait = asked_wait({"retry-after": text})
    assert wait is not None
    assert 3_540 < wait <= 3_600


@pytest.mark.parametrize("text", ["", "soon", "nan", "Mon, 99 Foo"])
def test_retry_after_that_says_nothing(text: str) -> None:
    assert asked_wait({"retry-after": text}) is None
