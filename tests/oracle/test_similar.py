"""The facade of similar tracks: in which forms it is asked, and the index that is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.neighbours.test_neighbours import catalog_of

import trackoracle as to
from trackoracle import Neighbours
from trackoracle.errors import ConfigError, IndexFileError, SourceError
from trackoracle.neighbours import index_path
from trackoracle.oracle import likeness, open_index, similar_each


@pytest.fixture
def kept_from_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "LEAST_KEPT", 100)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tracks.parquet"
    catalog_of(300, 21).tracks.write_parquet(path)
    return path


def test_all_forms_of_a_catalog_and_of_a_track_answer_alike(file: Path) -> None:
    catalog = to.load_catalog(file)
    forms = [file, str(file), catalog, catalog.tracks, Neighbours.of(catalog)]
    answers = [to.similar(form, "id7", k=5) for form in forms]
    assert all(answer == answers[0] for answer in answers)
    assert to.similar(catalog, "8", k=5).tracks == answers[0].tracks
    row = catalog.tracks[7]
    ways = [row, row.to_dicts()[0], row.to_dicts(), row.to_pandas()]
    for way in ways:
        assert to.similar(catalog, way, k=5).tracks == answers[0].tracks


def test_names_are_mapped_and_several_tracks_are_refused() -> None:
    told = to.similar("sample", {"BPM": 120, "track_genre": "techno"}, k=3, within_genre=True)
    assert {gap.feature for track in told.tracks for gap in track.gaps} == {"tempo"}
    assert all(track.same_genre for track in told.tracks)
    with pytest.raises(SourceError, match="expected one, got 2"):
        to.similar("sample", [{"tempo": 100}, {"tempo": 120}])
    with pytest.raises(ConfigError, match="k: expected"):
        to.similar("sample", "1", k=0)


def test_several_tracks_are_answered_in_their_order(file: Path) -> None:
    rows = [{"energy": 0.1, "track_id": "a"}, {"energy": 0.9}, {"energy": 0.5, "track_id": "2"}]
    told = similar_each(file, rows, k=2)
    assert [each.track for each in told] == ["a", "2", "2"]
    (named,) = similar_each(file, rows, k=2, named="2")
    assert named == told[2]
    (numbered,) = similar_each(file, rows, k=2, named="1")
    assert numbered == told[0]
    with pytest.raises(SourceError, match="row from 1 to 3"):
        similar_each(file, rows, named="z")


def test_an_oracle_puts_its_predictions_beside(
    small_oracle: to.Oracle, small_catalog: to.Catalog
) -> None:
    told = small_oracle.similar("5", catalog=small_catalog, k=4)
    plain = to.similar(small_catalog, "5", k=4)
    assert [track.row for track in told.tracks] == [track.row for track in plain.tracks]
    predicted = small_oracle.predict(small_catalog)["popularity"].to_list()
    for track in told.tracks:
        assert track.prediction is not None
        assert track.prediction["popularity"] == pytest.approx(predicted[track.row - 1])
    assert told.prediction is not None
    assert told.prediction["popularity"] == pytest.approx(predicted[4])
    elsewhere = small_oracle.similar({"energy": 0.4, "genre": "pop"}, catalog="sample", k=1)
    assert elsewhere.prediction is not None


@pytest.mark.usefixtures("kept_from_few")
def test_an_index_is_kept_beside_the_catalog_and_used(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    first = open_index(file, note=said.append)
    assert said == [f"wrote {index_path(file)}"]
    with monkeypatch.context() as patched:
        patched.setattr(likeness, "load_catalog", lambda *_: pytest.fail("read anew"))
        again = open_index(file, note=said.append)
    assert len(said) == 1
    assert to.similar(again, "id3") == to.similar(first, "id3")


@pytest.mark.usefixtures("kept_from_few")
def test_a_stale_index_is_built_anew(file: Path) -> None:
    said: list[str] = []
    open_index(file)
    catalog_of(250, 22).tracks.write_parquet(file)
    assert len(open_index(file, note=said.append)) == 250
    assert "another state of the catalog" in said[0]
    open_index(file, note=said.append, columns={"mood_of_mine": "energy"})
    assert "another state" in said[2]


@pytest.mark.usefixtures("kept_from_few")
def test_a_damaged_index_is_built_anew_and_another_file_is_left(file: Path) -> None:
    said: list[str] = []
    open_index(file)
    path = index_path(file)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    open_index(file, note=said.append)
    assert "expected a whole index" in said[0]
    assert path.read_bytes() == whole
    path.write_text("my own notes")
    with pytest.raises(IndexFileError, match="another kind of file"):
        open_index(file)
    assert path.read_text() == "my own notes"
    assert len(open_index(file, keep=False)) == 300


@pytest.mark.usefixtures("kept_from_few")
def test_a_folder_that_cannot_be_written_is_no_hindrance(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(likeness, "save_index", full)
    said: list[str] = []
    assert len(open_index(file, note=said.append)) == 300
    assert said == ["The index is not kept: No space left on device"]


def test_a_small_catalog_leaves_no_file(file: Path) -> None:
    open_index(file)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_checksum_of_a_source_is_that_of_its_card(file: Path, tmp_path: Path) -> None:
    from trackoracle.catalogs import source_checksum

    assert source_checksum(file) == to.load_catalog(file).card.checksum
    folder = tmp_path / "folder"
    folder.mkdir()
    header = "track,artist,uri,danceability,energy,key,loudness,mode,speechiness,acousticness,"
    header += "instrumentalness,liveness,valence,tempo,duration_ms,time_signature,chorus_hit,"
    header += "sections,target\n"
    values = "t{0},a,spotify:track:{0},0.5,0.5,1,-5,1,0.1,0.1,0,0.1,0.5,120,200000,4,30,8,1\n"
    for decade in ("60s", "70s"):
        (folder / f"dataset-of-{decade}.csv").write_text(header + values.format(decade))
    assert source_checksum(folder) == to.load_catalog(folder).card.checksum


def test_emoji_and_right_to_left_titles_stay(tmp_path: Path) -> None:
    names = ["😀 café", "שלום עולם", "=1+1", "[bold]x[/]"]
    rows = [{"track_name": n, "energy": 0.1 * i, "tempo": 100 + i} for i, n in enumerate(names)]
    told = to.similar(to.load_catalog(rows), "1", k=3)
    assert {track.track_name for track in told.tracks} == set(names[1:])


def test_the_real_file_shares_genres_far_more_than_chance(tracks_114k: Path) -> None:
    index = Neighbours.of(to.load_catalog(tracks_114k))
    shared = [
        track.same_genre
        for row in range(1, 70_000, 1_000)
        for track in to.similar(index, str(row)).tracks
    ]
    # By lot: 1 in 114, some more for tracks of several genres.
    assert 0.1 < sum(map(bool, shared)) / len(shared) < 0.25
