"""What the services know is put together, and every value says who gave it and when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.providers.faking import ALBUM, GONE, FakeServices, Reply, features, name_of, track

import trackoracle as to
from trackoracle.errors import ConfigError, LinkError, ServiceAccessError, ServiceError
from trackoracle.providers import LiveServices
from trackoracle.schema import LIVE_TERMS
from trackoracle.settings import ServiceSettings

LINK = f"https://open.spotify.com/track/{name_of(2)}?si=1"
ALBUM_LINK = f"spotify:album:{ALBUM['id']}"


def test_a_track_has_a_provider_and_a_time_for_every_value(settings: ServiceSettings) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    found = to.lookup(LINK, settings=settings)
    (row,) = found.tracks
    expected = {
        "track_id": name_of(2),
        "isrc": "XX0000000002",
        "album_id": ALBUM["id"],
        "track_name": "Title 2",
        "artists": ["The Inventions", "Guest"],
        "album_name": "Made Up Nights",
        "genres": ["rock"],
        "release_date": "2019-05",
        "year": 2019,
        "explicit": 1,
        "duration_ms": 200_002,
        **{k: v for k, v in features(name_of(2)).items() if k not in ("id", "href", "isrc")},
        "provider_terms": f"{LIVE_TERMS['Spotify']}; {LIVE_TERMS['ReccoBeats']}",
    }
    assert row == expected
    assert found.missing == ("artist_popularity", "artist_followers", "popularity")
    assert found.notes == ()
    (facts,) = found.to_dict()["tracks"]
    assert facts["energy"]["provider"] == "ReccoBeats"
    assert facts["isrc"]["provider"] == "Spotify"
    for value in facts.values():
        assert before <= datetime.fromisoformat(value["fetched"]) <= datetime.now(UTC)
    assert dict(found.order)["isrc, track_name, artists, duration_ms, popularity"] == (
        "Spotify",
        "ReccoBeats",
    )


def test_what_is_gone_is_never_asked_for(services: FakeServices, settings: ServiceSettings) -> None:
    to.lookup(LINK, settings=settings)
    to.lookup(ALBUM_LINK, settings=settings)
    to.lookup(f"spotify:artist:{name_of(1, 'R')}", settings=settings)
    asked = [asked for asked in services.asked if asked.path.startswith("/v1/")]
    assert asked
    assert not [a.path for a in asked if any(gone in a.path for gone in GONE)]
    assert not [a for a in asked if "ids" in a.query]


def test_extended_quota_gives_popularity_and_followers(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.tracks[name_of(2)]["popularity"] = 61
    artist = {"name": "The Inventions", "popularity": 70, "followers": {"total": 12_345}}
    services.odd[f"/v1/artists/{name_of(1, 'R')}"] = [Reply(body=artist)]
    guest = {"name": "Guest", "popularity": 80, "genres": ["soul"], "followers": {"total": 5}}
    services.odd[f"/v1/artists/{name_of(2, 'R')}"] = [Reply(body=guest)]
    (row,) = to.lookup(LINK, settings=settings).tracks
    assert row["popularity"] == 61
    assert (row["artist_popularity"], row["artist_followers"]) == (80, 12_345)
    assert row["genres"] == ["soul"]


def test_an_album_gives_its_tracks_in_order_page_after_page(
    services: FakeServices, settings: ServiceSettings
) -> None:
    found = to.lookup(ALBUM_LINK, settings=settings)
    assert found.name == "Made Up Nights"
    assert [row["track_name"] for row in found.tracks] == [f"Title {i}" for i in range(1, 5)]
    assert [row["tempo"] for row in found.tracks] == [101, 102, 103, 104]
    assert {row["album_name"] for row in found.tracks} == {"Made Up Nights"}
    # The tracks of an album come without ISRC; the other service has one.
    assert [row["isrc"][:2] for row in found.tracks] == ["YY"] * 4
    assert services.paths().count(f"/v1/artists/{name_of(1, 'R')}") == 1


def test_features_are_matched_by_address_and_what_is_left_out_is_missing(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.unknown_features = {name_of(2), name_of(4)}
    rows = to.lookup(ALBUM_LINK, settings=settings).tracks
    assert [row.get("tempo") for row in rows] == [101, None, 103, None]


def test_at_most_forty_ids_are_asked_at_once(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.page_size = 50
    services.tracks = {name_of(i): track(i % 10 or 1) | {"id": name_of(i)} for i in range(1, 96)}
    found = to.lookup(ALBUM_LINK, settings=settings)
    assert [row["tempo"] for row in found.tracks] == [100 + i for i in range(1, 96)]
    asked = [a.query["ids"] for a in services.asked if a.path == "/recco/audio-features"]
    assert [len(ids.split(",")) for ids in asked] == [40, 40, 15]


def test_one_batch_that_fails_leaves_the_others(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.page_size = 50
    services.tracks = {name_of(i): track(1) | {"id": name_of(i)} for i in range(1, 51)}
    good = [features(name_of(i)) for i in range(41, 51)]
    services.odd["/recco/audio-features"] = [Reply(400, "bad"), Reply(body={"content": good})]
    services.odd["/recco/audio-features"][0] = Reply(403, "no")
    found = to.lookup(ALBUM_LINK, settings=settings)
    assert sum("tempo" in row for row in found.tracks) == 10
    assert "403 (no)" in found.notes[0]


def test_a_playlist_leaves_out_what_is_no_track(settings: ServiceSettings) -> None:
    found = to.lookup(f"spotify:playlist:{name_of(1, 'P')}", settings=settings)
    assert [row["track_name"] for row in found.tracks] == ["Title 1", "Title 2"]
    assert "3 of 5 entries of the playlist are episodes, local files or gone" in found.notes[0]


def test_a_playlist_without_rights_says_so(
    services: FakeServices, settings: ServiceSettings
) -> None:
    services.odd[f"/v1/playlists/{name_of(1, 'P')}/items"] = [
        Reply(403, {"error": {"status": 403, "message": "Forbidden"}})
    ]
    with pytest.raises(ServiceAccessError, match="owner and collaborators only") as caught:
        to.lookup(f"spotify:playlist:{name_of(1, 'P')}", settings=settings)
    assert "403 (Forbidden)" in str(caught.value)


def test_tracks_of_an_artist_are_those_that_a_search_finds(settings: ServiceSettings) -> None:
    found = to.lookup(f"spotify:artist:{name_of(1, 'R')}", settings=settings)
    assert found.name == "The Inventions"
    assert [row["track_id"] for row in found.tracks] == [name_of(1)]
    assert "a search finds" in found.notes[0]


def test_offline_what_failed_is_told_first(tmp_path: Path) -> None:
    nobody = ServiceSettings(
        reccobeats="http://127.0.0.1:9", cache=tmp_path, spotify_id="x", spotify_secret=""
    )
    with pytest.raises(ServiceError) as caught:
        to.lookup(LINK, settings=nobody)
    assert str(caught.value).startswith(
        "ReccoBeats: expected an answer from 127.0.0.1:9, got no connection ("
    )
    assert str(caught.value).endswith(
        "not asked, for want of SPOTIFY_CLIENT_SECRET: optional for a single track."
    )
    with pytest.raises(ConfigError, match=r"got no SPOTIFY_CLIENT_SECRET\. Set it too"):
        to.lookup(f"spotify:album:{name_of(2)}", settings=nobody)


def test_without_credentials_the_other_service_answers(
    services: FakeServices, tmp_path: Path
) -> None:
    found = to.lookup(LINK, settings=services.settings(tmp_path, spotify_id=""))
    (row,) = found.tracks
    assert row["track_name"] == "Other title 2"
    assert row["popularity"] == 33
    assert row["tempo"] == 102
    assert row["provider_terms"] == LIVE_TERMS["ReccoBeats"]
    assert "album_name" in found.missing
    assert "SPOTIFY_CLIENT_ID" in found.notes[0]
    assert not [path for path in services.paths() if not path.startswith("/recco/")]
    with pytest.raises(ConfigError, match="SPOTIFY_CLIENT_SECRET"):
        to.lookup(ALBUM_LINK, settings=services.settings(tmp_path, spotify_id=""))


def test_a_dead_link(services: FakeServices, settings: ServiceSettings) -> None:
    with pytest.raises(LinkError, match="expected an album that Spotify knows, got none"):
        to.lookup(f"spotify:album:{name_of(5, 'A')}", settings=settings)
    services.unknown_features = {name_of(77)}
    with pytest.raises(LinkError, match=r"bare id .* ReccoBeats does not know it either"):
        to.lookup(name_of(77), settings=settings)


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({"name": None}, "track_name"),
        ({"name": ["a"]}, "track_name"),
        ({"duration_ms": "long"}, "duration_ms"),
        ({"duration_ms": True}, "duration_ms"),
        ({"duration_ms": -5}, "duration_ms"),
        ({"duration_ms": 10**400}, "duration_ms"),
        ({"explicit": "yes"}, "explicit"),
        ({"artists": None}, "artists"),
        ({"artists": [None, {"name": 3}]}, "artists"),
        ({"album": None}, "album_name"),
        ({"album": {**ALBUM, "release_date": "0000"}}, "release_date"),
        ({"album": {**ALBUM, "release_date": "someday"}}, "release_date"),
    ],
)
def test_fields_that_are_absent_or_odd_are_missing(
    services: FakeServices,
    settings: ServiceSettings,
    starter: to.Oracle,
    facts: dict[str, Any],
    missing: str,
) -> None:
    services.tracks[name_of(2)] |= facts
    services.odd["/recco/audio-features"] = [Reply(body={"content": [{"href": 5}, None, 7]})]
    (row,) = to.lookup(LINK, settings=settings).tracks
    assert missing not in row
    assert row["track_id"] == name_of(2)
    assert len(starter.predict([row])) == 1


def test_impossible_values_are_missing_and_noted(
    services: FakeServices, settings: ServiceSettings
) -> None:
    odd = {"tempo": 0, "energy": 1.7, "loudness": "loud", "key": -1, "valence": float("nan")}
    services.features_of = lambda track_id: features(track_id) | odd
    found = to.lookup(LINK, settings=settings)
    (row,) = found.tracks
    assert row["key"] == -1
    assert not {"tempo", "energy", "loudness", "valence"} & set(row)
    assert "ReccoBeats: 1 impossible value of energy (1.7), taken as missing." in found.notes
    assert {"tempo", "energy"} <= set(found.missing)


def test_a_prediction_is_less_sure_with_less(
    services: FakeServices, settings: ServiceSettings, starter: to.Oracle
) -> None:
    services.genres = list(starter.contract["genres"].levels[:1])
    whole = to.lookup(LINK, settings=settings).tracks
    services.unknown_features = {name_of(2)}
    services.odd[f"/v1/artists/{name_of(1, 'R')}"] = [Reply(404, {})]
    less = to.lookup(LINK, settings=settings, refresh=True).tracks
    more, fewer = (starter.predict(rows).to_dicts()[0] for rows in (whole, less))
    assert more["known"] == "audio;genre;metadata"
    assert fewer["known"] == "audio;metadata"  # its length is audio, too
    widths = [row["popularity_high"] - row["popularity_low"] for row in (more, fewer)]
    assert widths[0] < widths[1]


def test_one_connection_answers_several_lookups(
    services: FakeServices, settings: ServiceSettings
) -> None:
    with LiveServices(settings) as live:
        for i in range(1, 5):
            assert live.lookup(name_of(i)).name == f"Title {i}"
    assert services.n_tokens == 1


def test_the_secret_is_in_no_representation() -> None:
    assert "hush" not in repr(ServiceSettings(spotify_secret="hush", kaggle_key="hush"))


@pytest.mark.parametrize(
    "address", ["http://api.example.com", "ftp://api.example.com", "api.example.com", "http://["]
)
def test_secrets_go_to_no_plain_address(address: str) -> None:
    with pytest.raises(ConfigError, match="expected https"):
        ServiceSettings(spotify_accounts=address)
