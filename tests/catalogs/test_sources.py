"""The published sources: what they hold equals a count by the csv module; parts are joined."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from tests.conftest import real_file

import trackoracle as to
from trackoracle.errors import SourceError

Line = dict[str, str]


def lines(path: Path) -> list[Line]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def findings(catalog: to.Catalog) -> dict[str, int]:
    return {finding.code: finding.n for finding in catalog.card.findings}


def message(source: Path) -> str:
    with pytest.raises(SourceError) as caught:
        to.load_catalog(source)
    return str(caught.value).replace(str(source), "{path}")


# TidyTuesday


@pytest.fixture(scope="module")
def tidytuesday() -> Path:
    return real_file("tidytuesday/spotify_songs.csv")


@pytest.fixture(scope="module")
def playlists(tidytuesday: Path) -> to.Catalog:
    return to.load_catalog(tidytuesday)


@pytest.fixture(scope="module")
def read(tidytuesday: Path) -> dict[str, list[Line]]:
    by_id = defaultdict(list)
    for line in lines(tidytuesday):
        by_id[line["track_id"]].append(line)
    return by_id


@pytest.mark.real
class TestRealTidyTuesday:
    def test_counts(self, playlists: to.Catalog, read: dict[str, list[Line]]) -> None:
        catalog = playlists
        names = ("track_name", "track_artist", "track_album_name")
        gone = {i for i, own in read.items() if all(own[0][name] == "NA" for name in names)}
        found = findings(catalog)
        assert gone
        assert catalog.card.adapter == "tidytuesday"
        assert catalog.card.n_rows_read == sum(map(len, read.values()))
        assert found["nameless"] == sum(len(read[i]) for i in gone)
        assert len(catalog) == len(read) - len(gone)
        kept = [own for i, own in read.items() if i not in gone]
        assert found["ids_in_several_rows"] == sum(len(own) > 1 for own in kept)
        assert found["popularity_zero"] == sum(own[0]["track_popularity"] == "0" for own in kept)
        several = sum(len({line["track_popularity"] for line in own}) > 1 for own in kept)
        assert found.get("ids_with_several_popularity_values", 0) == several

    def test_values(self, playlists: to.Catalog, read: dict[str, list[Line]]) -> None:
        catalog = playlists
        for row in catalog.tracks.gather_every(97).iter_rows(named=True):
            own = read[row["track_id"]]
            both = [line[name] for line in own for name in ("playlist_genre", "playlist_subgenre")]
            assert row["genres"] == list(dict.fromkeys(both))
            assert row["popularity"] == float(own[0]["track_popularity"])
            assert str(row["release_date"]).startswith(own[0]["track_album_release_date"])
        assert catalog.keys.has_dates
        assert catalog.tracks["release_date"].null_count() == 0


def test_tidytuesday_joins_the_genres_of_a_track(tmp_path: Path) -> None:
    header = "track_id,track_name,track_artist,track_popularity,track_album_name,"
    header += "track_album_release_date,playlist_genre,playlist_subgenre\n"
    table = (
        header
        + "a,One,X,50,Album,2019-06-14,pop,dance pop\n"
        + "a,One,X,50,Album,2019-06-14,edm,dance pop\n"
        + "b,NA,X,40,Album,2012,rock,\n"
        + "c,NA,NA,0,NA,2012,rock,hard rock\n"
    )
    path = tmp_path / "spotify.csv"
    path.write_text(table)
    catalog = to.load_catalog(path)
    assert catalog.card.adapter == "tidytuesday"
    assert catalog.tracks["genres"].to_list() == [["pop", "dance pop", "edm"], ["rock"]]
    assert catalog.tracks["track_name"].to_list() == ["One", "NA"]
    assert findings(catalog)["nameless"] == 1


# Tracks of 2021: four files


@pytest.fixture(scope="module")
def real_folder() -> Path:
    return real_file("tracks-2021")


@pytest.fixture(scope="module")
def catalog(real_folder: Path) -> to.Catalog:
    return to.load_catalog(real_folder)


@pytest.mark.real
class TestRealTracks2021:
    def test_counts(self, real_folder: Path, catalog: to.Catalog) -> None:
        folder = real_folder
        tracks = lines(folder / "track.csv")
        audio = {line["track_id"] for line in lines(folder / "audio.csv")}
        albums = {line["album_id"]: line for line in lines(folder / "album.csv")}
        artists = {line["artist_id"]: line for line in lines(folder / "artist.csv")}
        found = findings(catalog)
        assert catalog.card.adapter == "tracks_2021"
        assert len(catalog) == catalog.card.n_rows_read == len(tracks)
        without = Counter(
            {
                "tracks_without_audio": sum(line["track_id"] not in audio for line in tracks),
                "tracks_without_album": sum(
                    line["track_album_id"] not in albums for line in tracks
                ),
                "tracks_without_artist": sum(
                    line["track_artist_id"] not in artists for line in tracks
                ),
            }
        )
        assert {c: n for c, n in found.items() if c.startswith("tracks_w")} == dict(+without)
        assert found["missing_artists"] == without["tracks_without_artist"]
        no_genre = sum(
            artists.get(line["track_artist_id"], {"artist_genre": "[]"})["artist_genre"] == "[]"
            for line in tracks
        )
        assert found["missing_genres"] == no_genre

    def test_values(self, real_folder: Path, catalog: to.Catalog) -> None:
        folder = real_folder
        tracks = {line["track_id"]: line for line in lines(folder / "track.csv")}
        albums = {line["album_id"]: line for line in lines(folder / "album.csv")}
        artists = {line["artist_id"]: line for line in lines(folder / "artist.csv")}
        for row in catalog.tracks.gather_every(61).iter_rows(named=True):
            line = tracks[row["track_id"]]
            date = albums[line["track_album_id"]]["album_release_date"]
            assert str(row["release_date"]).startswith(date)
            assert row["popularity"] == float(line["track_popularity"])
            artist = artists.get(line["track_artist_id"])
            if artist:
                assert row["artists"] == artist["artist_name"].split(";")
                genres = artist["artist_genre"].strip("[]").replace("'", "").split(", ")
                assert (row["genres"] or [""]) == genres
                assert row["artist_followers"] == float(artist["artist_followers"])

    @pytest.mark.parametrize("part", ["track", "audio", "album", "artist"])
    def test_one_file_alone_names_the_folder(self, real_folder: Path, part: str) -> None:
        assert message(real_folder / f"{part}.csv") == (
            "{path}: expected all of track, audio, album and artist (tracks_2021), got "
            f"{part} alone. Name the folder that holds them: {real_folder}."
        )


AUDIO = "danceability,energy,loudness,speechiness,acousticness,instrumentalness,liveness,valence"
FILES = {
    "track.csv": "track_id,track_name,track_artist_id,track_album_id,track_number,"
    "track_popularity,track_explicit,track_homepage\n"
    "t1,One,x,a,1,63,True,h\nt2,Two,y,b,2,20,False,h\nt3,Three,,a,3,5,False,h\n",
    "audio.csv": f"track_id,track_duration,{AUDIO},tempo,key,mode,time_signature\n"
    f"t1,157710{',0.5' * 8},127.7,0,1,4\nt3,100000{',0.4' * 8},90,5,0,4\n"
    f"t3,999{',0.1' * 8},90,5,0,4\n",
    "album.csv": "album_id,album_name,album_release_date,album_total_tracks,album_artist_id,"
    "album_image,album_homepage\na,First,2021-02-19,19,x,i,h\n",
    "artist.csv": "artist_id,artist_name,artist_genre,artist_popularity,artist_followers,"
    "artist_image,artist_homepage\n"
    "x,X,\"['pop', \"\"children's music\"\", 'rock \\'n\\' roll']\",97,100,i,h\n"
    "y,Y,[],50,10,i,h\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8-sig")
    return tmp_path


def test_parts_are_joined_and_what_finds_nothing_is_kept(folder: Path) -> None:
    catalog = to.load_catalog(folder)
    tracks = catalog.tracks
    assert catalog.card.adapter == "tracks_2021"
    assert tracks["track_id"].to_list() == ["t1", "t2", "t3"]
    assert tracks["artists"].to_list() == [["X"], ["Y"], None]
    assert tracks["genres"].to_list() == [["pop", "children's music", "rock 'n' roll"], None, None]
    assert tracks["duration_ms"].to_list() == [157710, None, 100000]
    assert tracks["album_name"].to_list() == ["First", None, "First"]
    assert tracks["artist_popularity"].to_list() == [97, 50, None]
    found = {f.code: (f.n, f.action, f.examples) for f in catalog.card.findings}
    assert found["audio_rows_repeated"] == (1, "merged", ())
    assert found["tracks_without_audio"] == (1, "kept", ("t2",))
    assert found["tracks_without_album"] == (1, "kept", ("b",))
    assert found["tracks_without_artist"] == (1, "kept", ())


def test_a_part_that_is_missing_is_named(folder: Path) -> None:
    (folder / "album.csv").unlink()
    (folder / "artist.csv").unlink()
    assert message(folder) == (
        "{path}: expected one each of track, audio, album and artist (tracks_2021), got no album "
        "and no artist. Fetch what is missing, or remove what is too many."
    )


def test_a_part_that_is_there_twice_is_named(folder: Path) -> None:
    (folder / "old album.csv").write_text(FILES["album.csv"])
    assert message(folder) == (
        "{path}: expected one each of track, audio, album and artist (tracks_2021), got several "
        "(album.csv, old album.csv). Fetch what is missing, or remove what is too many."
    )


def test_parts_may_be_packed(folder: Path) -> None:
    import zstandard

    plain = to.load_catalog(folder)
    (folder / "audio.csv").unlink()
    (folder / "audio.csv.zst").write_bytes(zstandard.compress(FILES["audio.csv"].encode()))
    assert to.load_catalog(folder).tracks.equals(plain.tracks)


def test_the_join_as_one_file_is_known_too(folder: Path, tmp_path: Path) -> None:
    rows = "track_id,track_name,track_popularity,artist_name,artist_genre,artist_popularity,"
    rows += "artist_followers,album_name,album_release_date\n"
    path = tmp_path / "joined" / "all.csv"
    path.parent.mkdir()
    path.write_text(rows + "t1,One,63,X,\"['pop', 'rock']\",97,100,First,2021-02-19\n")
    catalog = to.load_catalog(path)
    assert catalog.card.adapter == "tracks_2021"
    assert catalog.tracks["genres"].to_list() == [["pop", "rock"]]


def test_audio_of_ones_own_is_no_part(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("track_id,popularity,danceability,energy\na,5,0.5,0.5\n")
    assert to.load_catalog(path).card.adapter == "generic"
