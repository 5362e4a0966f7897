"""Answers and tokens are kept for a while: whole, private, bounded, and never trusted blindly."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from tests.providers.faking import FakeServices, name_of

import trackoracle as to
from trackoracle.providers.caching import Cached, Store
from trackoracle.providers.requests import Answer, Deadline, Request, now
from trackoracle.settings import ServiceSettings, cache_folder

KEY = "key"


def test_a_second_lookup_asks_nobody_and_keeps_the_time(
    services: FakeServices, settings: ServiceSettings
) -> None:
    first = to.lookup(name_of(1), settings=settings)
    n_asked = len(services.asked)
    assert to.lookup(name_of(1), settings=settings) == first
    assert len(services.asked) == n_asked
    to.lookup(name_of(1), settings=settings, refresh=True)
    assert len(services.asked) > n_asked


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_the_token_is_for_its_owners_eyes(
    services: FakeServices, settings: ServiceSettings
) -> None:
    to.lookup(name_of(1), settings=settings)
    (path,) = (settings.cache / "tokens").glob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    to.lookup(name_of(2), settings=settings)
    assert services.n_tokens == 1
    path.chmod(0o644)  # somebody else may have read, or written it
    to.lookup(name_of(3), settings=settings)
    assert services.n_tokens == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_token_about_to_end_is_not_used(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.token_lasts = 10
    to.lookup(name_of(1), settings=settings)
    to.lookup(name_of(2), settings=settings)
    assert services.n_tokens >= 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"token": 5, "ends": 1e12}', '{"token": "a"}'])
def test_a_damaged_token_is_fetched_anew(
    services: FakeServices, settings: ServiceSettings, text: str
) -> None:
    to.lookup(name_of(1), settings=settings)
    (path,) = (settings.cache / "tokens").glob("*.json")
    path.write_text(text)
    assert to.lookup(name_of(2), settings=settings).tracks[0]["track_name"] == "Title 2"


def test_neither_secret_nor_token_is_in_the_answers(
    services: FakeServices, settings: ServiceSettings
) -> None:
    to.lookup(name_of(1), settings=settings)
    for path in (settings.cache / "answers").iterdir():
        assert services.good_token not in path.read_text()
        assert "secret" not in path.read_text()


def damage(path: Path, how: str) -> None:
    facts = json.loads(path.read_text())
    match how:
        case "cut":
            path.write_text(path.read_text()[:-20])
        case "empty":
            path.write_text("")
        case "other body":
            path.write_text(json.dumps(facts | {"body": '{"tracks": 1}'}))
        case "other key":
            path.write_text(json.dumps(facts | {"key": "x"}))
        case "other format":
            path.write_text(json.dumps(facts | {"format": 99}))
        case "no time":
            path.write_text(json.dumps(facts | {"fetched": "yesterday"}))
        case "folder":
            path.unlink()
            path.mkdir()


@pytest.mark.parametrize(
    "how", ["cut", "empty", "other body", "other key", "other format", "no time", "folder"]
)
def test_a_damaged_answer_counts_as_absent(
    services: FakeServices, settings: ServiceSettings, how: str
) -> None:
    first = to.lookup(name_of(1), settings=settings)
    for path in list((settings.cache / "answers").iterdir()):
        damage(path, how)
    n_asked = len(services.asked)
    assert to.lookup(name_of(1), settings=settings).tracks == first.tracks
    assert len(services.asked) > n_asked


class Counting:
    def __init__(self) -> None:
        self.n = 0

    def send(self, request: Request, deadline: Deadline) -> Answer:
        self.n += 1
        return Answer(200, json.dumps({"n": self.n}).encode())


def test_answers_have_an_age_limit(tmp_path: Path) -> None:
    moments = [timedelta(), timedelta(seconds=50), timedelta(seconds=61), -timedelta(days=1)]
    counting = Counting()
    for moment in moments:
        cached = Cached(
            counting, Store(tmp_path, 10_000), clock=lambda moment=moment: now() + moment
        )
        cached.send(Request("Fake", "http://fake/x", fresh_for=60.0), Deadline(1.0))
    assert counting.n == 3  # kept, too old, and one from the future of a clock set back


def test_the_cache_is_bounded_and_the_oldest_go(tmp_path: Path) -> None:
    store = Store(tmp_path, 10_000)
    for i in range(30):
        store.keep(str(i), Answer(200, json.dumps({"text": "x" * 900}).encode()))
        os.utime(store._path(str(i)), ns=(i * 10**9, i * 10**9))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000
    assert store.read("0") is None
    assert store.read("29") is not None
    store.keep("huge", Answer(200, b"x" * 20_000))
    assert store.read("huge") is None
    assert store.read("29") is not None


def test_a_cache_that_cannot_be_written_is_done_without(
    services: FakeServices, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    found = to.lookup(name_of(1), settings=services.settings(blocked))
    assert found.tracks[0]["track_name"] == "Title 1"
    assert blocked.read_text() == "in the way"


@pytest.mark.parametrize(
    ("environment", "platform", "ends"),
    [
        ({"TRACKORACLE_CACHE": "/mine"}, "linux", "/mine"),
        ({"XDG_CACHE_HOME": "/xdg"}, "linux", "/xdg/trackoracle"),
        ({}, "linux", ".cache/trackoracle"),
        ({}, "darwin", "Library/Caches/trackoracle"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/trackoracle/Cache"),
    ],
)
def test_the_cache_is_where_the_platform_wants_it(
    environment: dict[str, str], platform: str, ends: str
) -> None:
    assert cache_folder(environment, platform).as_posix().endswith(ends)
