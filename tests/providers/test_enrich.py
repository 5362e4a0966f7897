"""Artists are found by their names, or left missing; what was found says how, and by whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.providers.faking import Reply
from tests.providers.faking_artists import FakeArtists

import trackoracle as to
from trackoracle.errors import (
    ConfigError,
    MissingColumnError,
    RightsError,
    ServiceBusyError,
    ServiceError,
)
from trackoracle.interfaces import cli
from trackoracle.providers.likeness import likeness
from trackoracle.providers.retrying import Retrying
from trackoracle.schema import LIVE_TERMS, TERMS_COLUMN, ArtistMatch
from trackoracle.settings import ServiceSettings

SHARED = "Made Up"
TERMS = LIVE_TERMS["Spotify"]


@pytest.fixture
def world() -> Iterator[FakeArtists]:
    with FakeArtists().running() as fake:
        assert isinstance(fake, FakeArtists)
        yield fake


@pytest.fixture
def settings(world: FakeArtists, tmp_path: Path) -> ServiceSettings:
    return world.settings(tmp_path / "cache", cache_bytes=0)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    told: list[float] = []
    monkeypatch.setitem(Retrying.__init__.__kwdefaults__, "sleep", told.append)
    return told


def credits_of(*artists: str, **columns: list[Any]) -> list[dict[str, Any]]:
    rows = [{"track_name": f"T{i}", "artists": names} for i, names in enumerate(artists)]
    return [row | {n: values[i] for n, values in columns.items()} for i, row in enumerate(rows)]


def found_in(enriched: to.Enriched) -> dict[str, ArtistMatch]:
    return {match.name: match for match in enriched.enrichment.matches}


def test_one_request_an_artist_and_values_by_credit(
    world: FakeArtists, settings: ServiceSettings
) -> None:
    world.add("Senor Rio", 40, ("ambient",))
    world.add("Other Invention", 80, ("techno", "house"))
    world.add("Senor Rios", 99)
    rows = credits_of("Señor Río", "SENOR RIO;Other Invention", "Other Invention", "Señor Río")
    enriched = to.enrich(rows, settings=settings)
    assert world.searches() == ['artist:"Señor Río"', 'artist:"Other Invention"']
    tracks = enriched.catalog.tracks
    assert tracks["artist_popularity"].to_list() == [40, 80, 80, 40]
    assert tracks["artist_followers"].to_list() == [400, 800, 800, 400]
    assert tracks["genres"].to_list() == [
        ["ambient"], ["ambient"], ["techno", "house"], ["ambient"],
    ]  # fmt: skip
    match = found_in(enriched)["Señor Río"]
    assert (match.how, match.confidence, match.found_name) == ("exact", 1.0, "Senor Rio")
    assert (match.provider, match.values["artist_popularity"]) == ("Spotify", 40)
    assert match.fetched.startswith("20")
    assert enriched.enrichment.counts["exact"] == 2
    assert json.loads(json.dumps(enriched.enrichment.to_dict()))["terms"] == TERMS


def test_a_name_of_ten_artists_is_left_missing(
    world: FakeArtists, settings: ServiceSettings
) -> None:
    for i in range(10):
        world.add(SHARED, 10 * i)
    enriched = to.enrich(credits_of(SHARED), settings=settings)
    match = found_in(enriched)[SHARED]
    assert (match.how, match.confidence, match.found_id) == ("ambiguous", None, None)
    assert (match.n_rivals, match.values) == (10, {})
    assert enriched.catalog.tracks["artist_popularity"].to_list() == [None]
    assert TERMS_COLUMN not in enriched.catalog.tracks.columns


def test_an_id_or_a_title_tells_which_of_ten(world: FakeArtists, settings: ServiceSettings) -> None:
    ids = [world.add(SHARED, 10 * i) for i in range(10)]
    track_id = world.credit("Anything", ids[2])
    by_id = to.enrich(credits_of(SHARED, track_id=[track_id]), settings=settings)
    match = found_in(by_id)[SHARED]
    assert (match.how, match.found_id, match.values["artist_popularity"]) == ("id", ids[2], 20)
    world.credit("T0 - Remastered 2011", ids[3])
    world.credit("T0 and more", ids[4])
    by_title = to.enrich(credits_of(SHARED), settings=settings)
    match = found_in(by_title)[SHARED]
    assert (match.how, match.found_id, match.confidence) == ("title", ids[3], 1.0)
    world.credit("t0", ids[5])  # now two of them have it
    assert found_in(to.enrich(credits_of(SHARED), settings=settings))[SHARED].how == "ambiguous"
    gone = credits_of(SHARED, track_id=["0" * 22])  # an id of nothing proves nothing
    assert found_in(to.enrich(gone, settings=settings))[SHARED].how == "ambiguous"


def test_nearly_that_name_has_a_confidence_and_a_threshold(
    world: FakeArtists, settings: ServiceSettings
) -> None:
    world.add("Made Up Nights", 30)
    world.add("Made Up Mornings", 90)
    world.add("The Inventions & Co", 20)
    rows = credits_of("Made Up Night", "Inventions and Co", "Made Up", "Nobody At All")
    matches = found_in(to.enrich(rows, settings=settings))
    near = matches["Made Up Night"]
    assert (near.how, near.found_name) == ("fuzzy", "Made Up Nights")
    assert near.confidence == pytest.approx(1 - 1 / 12)
    assert (matches["Inventions and Co"].how, matches["Inventions and Co"].confidence) == (
        "fuzzy", 0.95,
    )  # fmt: skip
    assert matches["Made Up"].how == matches["Nobody At All"].how == "missing"
    strict = found_in(to.enrich(rows, threshold=1, settings=settings))
    assert {match.how for match in strict.values()} == {"missing"}
    world.add("Made Up Nighty", 1)
    two = found_in(to.enrich(rows, settings=settings))["Made Up Night"]
    assert (two.how, two.n_rivals) == ("ambiguous", 2)


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("Made Up", "made-up!", 1, 1),
        ("abc", "xyz", 0, 0),
        ("queenly", "queenlys", 0.87, 0.88),
        ("!!!", "???", 0, 0),
        ("наука", "науки", 0.8, 0.8),
    ],
)
def test_likeness(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(one, other) <= most
    assert likeness(one, other) == likeness(other, one)


def test_what_the_app_may_not_see_is_missing_and_said(
    world: FakeArtists, settings: ServiceSettings
) -> None:
    world.extended = False
    world.add("Alone", genres=("folk",))
    enriched = to.enrich(credits_of("Alone"), settings=settings)
    assert enriched.catalog.tracks["genres"].to_list() == [["folk"]]
    assert enriched.catalog.tracks["artist_popularity"].to_list() == [None]
    (note,) = enriched.enrichment.notes
    assert note.startswith("Spotify gave artist_popularity and artist_followers of none of 1 art")


def test_impossible_values_are_missing(world: FakeArtists, settings: ServiceSettings) -> None:
    world.add("Alone", 300)
    enriched = to.enrich(credits_of("Alone"), settings=settings)
    assert enriched.catalog.tracks["artist_popularity"].to_list() == [None]
    assert "1 impossible value of artist_popularity (300)" in enriched.enrichment.notes[0]


def test_what_the_catalog_has_stays_and_is_not_asked_for(
    world: FakeArtists, settings: ServiceSettings
) -> None:
    world.add("Known", 1)
    world.add("Unknown", 2)
    rows = credits_of(
        "Known", "Unknown",
        artist_popularity=[70, None], artist_followers=[5, 6], genres=["jazz", "jazz"],
    )  # fmt: skip
    enriched = to.enrich(rows, settings=settings)
    assert world.searches() == ['artist:"Unknown"']
    assert enriched.catalog.tracks["artist_popularity"].to_list() == [70, 2]
    assert enriched.catalog.tracks["artist_followers"].to_list() == [5, 6]
    assert enriched.catalog.tracks[TERMS_COLUMN].to_list() == [None, TERMS]


def test_the_terms_go_with_the_tracks(
    world: FakeArtists, settings: ServiceSettings, tmp_path: Path
) -> None:
    world.add("Alone")
    enriched = to.enrich(credits_of("Alone", "Nobody"), settings=settings)
    assert enriched.catalog.card.licence == f"not stated; {TERMS}"
    with pytest.raises(RightsError):
        to.train(enriched.catalog)
    enriched.catalog.tracks.write_parquet(tmp_path / "out.parquet")
    card = to.load_catalog(tmp_path / "out.parquet").card
    assert card.licence == TERMS
    assert [f.n for f in card.findings if f.code == "live_service"] == [1]


def test_a_service_that_stops_leaves_a_journal_to_go_on_from(
    world: FakeArtists, settings: ServiceSettings, tmp_path: Path, waits: list[float]
) -> None:
    names = [f"Artist {i} of many" for i in range(4)]
    for i, name in enumerate(names):
        world.add(name, i)
    rows, journal = credits_of(*names, names[2]), tmp_path / "journal"

    def third(n_done: int, n_all: int, name: str) -> None:
        if n_done == 2:
            world.odd["/v1/search"] = [Reply(429, "", {"Retry-After": "7200"})]

    with pytest.raises(ServiceBusyError, match=r"\(in 2 h 0 min\)\. 2 of 4 artists are kept"):
        to.enrich(rows, settings=settings, journal=journal, progress=third)
    with journal.open("a") as file:
        file.write('{"key": "cut')
    world.odd.clear()
    world.asked.clear()
    enriched = to.enrich(rows, settings=settings, journal=journal)
    assert len(world.searches()) == 2
    assert enriched.catalog.tracks["artist_popularity"].to_list() == [0, 1, 2, 3, 2]
    assert enriched.enrichment.matches[0].name == names[2]  # of most tracks
    again = to.enrich(rows, settings=settings, journal=journal)
    assert again.enrichment == enriched.enrichment
    assert len(world.searches()) == 2
    to.enrich(rows, settings=settings, journal=journal, threshold=0.8, most_artists=1)
    assert world.searches()[2:] == [f'artist:"{names[2]}"']


def test_short_waits_are_kept_and_passing_errors_tried_again(
    world: FakeArtists, settings: ServiceSettings, waits: list[float]
) -> None:
    world.add("Alone", 7)
    world.odd["/v1/search"] = [
        Reply(429, "", {"Retry-After": "30"}),
        Reply(503),
        Reply(200, {"artists": {"items": [world.artists[0]]}}),
    ]
    enriched = to.enrich(credits_of("Alone"), settings=settings)
    assert enriched.catalog.tracks["artist_popularity"].to_list() == [7]
    assert waits[0] == 30
    world.odd["/v1/search"] = [Reply(400, {"error": {"status": 400, "message": "bad"}})]
    assert found_in(to.enrich(credits_of("?!"), settings=settings))["?!"].how == "missing"
    world.odd["/v1/search"] = [Reply(500)]
    with pytest.raises(ServiceError, match=r"got 500\. Try again later\.$"):
        to.enrich(credits_of("Alone"), settings=settings)


def test_what_cannot_be_enriched(world: FakeArtists, settings: ServiceSettings) -> None:
    with pytest.raises(MissingColumnError, match="Map one with --map artists"):
        to.enrich([{"tempo": 120}], settings=settings)
    with pytest.raises(ConfigError, match="SPOTIFY_CLIENT_ID"):
        to.enrich(credits_of("A"), settings=replace(settings, spotify_id="", spotify_secret=""))
    for threshold in (0.2, 1.1, float("nan")):
        with pytest.raises(ConfigError, match=r"threshold: expected 0\.5 to 1"):
            to.enrich(credits_of("A"), threshold=threshold, settings=settings)
    with pytest.raises(ConfigError, match="at least 1"):
        to.enrich(credits_of("A"), most_artists=0, settings=settings)
    assert world.asked == []


def test_the_command_writes_who_said_what(
    world: FakeArtists,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")  # examples stand in one line
    for name, value in world.environment(tmp_path / "cache").items():
        monkeypatch.setenv(name, value)
    for _ in range(2):
        world.add(SHARED)
    world.add("Alone Together", 12)
    pl.DataFrame(credits_of("Alone Together", SHARED, "Alone Togethe")).write_csv("mine.csv")

    def stopped(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("trackoracle.providers.likeness.normal_forms", stopped)
        assert cli._run(["enrich", "mine.csv", "-o", "out.csv"]) == 1
    assert "Artists found so far are kept; the same command goes on" in capsys.readouterr().err
    assert Path(".out.csv.artists").exists()
    assert cli._run(["enrich", "mine.csv", "-o", "out.csv"]) == 0
    told = capsys.readouterr()
    for text in ("3 artists asked about", "Alone Togethe = Alone Together (0.92)", "Made Up (2)"):
        assert text in told.out
    assert not Path(".out.csv.artists").exists()
    facts = json.loads(Path("out.csv.artists.json").read_text())
    assert facts["counts"] == {
        "exact": 1, "id": 0, "title": 0, "fuzzy": 1, "ambiguous": 1, "missing": 0,
    }  # fmt: skip
    assert {artist["provider"] for artist in facts["artists"]} == {"Spotify"}
    assert pl.read_csv("out.csv")["artist_popularity"].to_list() == [12, None, 12]
    assert cli._run(["enrich", "out.csv", "--threshold", ".1", "-o", "x.csv"]) == 2
    assert cli._run(["enrich", "mine.csv", "-o", "mine.csv"]) == 2
    assert cli._run(["enrich", "sample", "-o", "x.csv"]) == 2
    assert (
        cli._run(["enrich", "mine.csv", "--artists", "mine.csv", "--json", "-", "-o", "x.csv"]) == 2
    )
    assert "Traceback" not in capsys.readouterr().err
