"""Whatever is asked for, a playlist keeps to it; and when nothing is left, it says why."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.neighbours.test_neighbours import GENRES, catalog_of

import trackoracle as to
from trackoracle.errors import (
    ConfigError,
    MissingColumnError,
    NoTracksError,
    SourceError,
    UnknownNameError,
)
from trackoracle.exploration import MOODS, QUADRANTS, in_mood
from trackoracle.exploration.paths import path_cost, smooth_order, step_costs
from trackoracle.rendering import playlist_m3u8, playlist_rows, playlist_uris
from trackoracle.schema import write_sheet


def _catalog(n: int, seed: int) -> to.Catalog:
    random = np.random.default_rng(seed)
    tracks = catalog_of(n, seed, missing=0.05).tracks.with_columns(
        popularity=pl.Series(random.integers(0, 101, n), dtype=pl.Float64),
        artists=pl.Series([[f"a{i}" for i in random.integers(0, 12, 1 + n % 2)] for _ in range(n)]),
    )
    return to.load_catalog(tracks)


_ENDS = st.one_of(st.none(), st.floats(0, 1))


@settings(max_examples=80)
@given(
    n=st.integers(1, 300),
    seed=st.integers(0, 9),
    wish=st.builds(
        to.PlaylistWish,
        n=st.integers(1, 40),
        mood=st.one_of(st.none(), st.sampled_from([*QUADRANTS, *MOODS])),
        genre=st.one_of(st.none(), st.sampled_from(GENRES)),
        min_popularity=st.one_of(st.none(), st.floats(0, 110)),
        ranges=st.dictionaries(
            st.sampled_from(["energy", "danceability"]), st.tuples(_ENDS, _ENDS)
        ),
        seeds=st.sampled_from([(), ("1",)]),
        most_of_artist=st.integers(1, 3),
        seed=st.one_of(st.none(), st.integers(0, 3)),
    ),
)
def test_constraints_always_hold(n: int, seed: int, wish: to.PlaylistWish) -> None:
    catalog = _catalog(n, seed)
    tracks = catalog.tracks
    met = np.ones(n, bool)
    if wish.mood:
        met &= in_mood(tracks, wish.mood)
    if wish.genre:
        met &= [wish.genre in (names or []) for names in tracks["genres"].to_list()]
    if wish.min_popularity is not None:
        met &= (tracks["popularity"] >= wish.min_popularity).fill_null(False).to_numpy()
    for column, (low, high) in wish.ranges.items():
        values = tracks[column].cast(pl.Float64)
        inside = values.is_between(low if low is not None else -1, high if high is not None else 2)
        met &= inside.fill_null(False).to_numpy()
    try:
        made = to.make_playlist(catalog, wish)
    except (UnknownNameError, ConfigError, MissingColumnError, SourceError):
        return  # nothing of the kind in these few tracks, or ends the wrong way round
    except NoTracksError:
        assert not met.any()
        return
    rows = [track.row - 1 for track in made.tracks]
    assert all(met[row] for row in rows)
    assert 1 <= len(rows) <= wish.n
    assert len(set(catalog.keys.recording[rows].tolist())) == len(rows)
    credits = [artist for track in made.tracks for artist in set(track.artists)]
    assert all(credits.count(artist) <= wish.most_of_artist for artist in credits)
    assert made.n_candidates == len(set(catalog.keys.recording[np.flatnonzero(met)].tolist()))
    assert len(rows) == wish.n or made.notes
    assert made.to_dict()["tracks"][0]["row"] == made.tracks[0].row


@settings(max_examples=40)
@given(
    tempi=st.lists(st.floats(40, 220), min_size=2, max_size=7),
    seed=st.integers(0, 20),
)
def test_the_path_is_near_the_shortest_of_all(tempi: list[float], seed: int) -> None:
    tempo = np.array(tempi)
    energy = np.random.default_rng(seed).random(len(tempi))
    costs = step_costs(tempo, energy)
    path = smooth_order(tempo, energy)
    assert sorted(path.tolist()) == list(range(len(tempi)))
    best = min(
        path_cost(costs, np.array(order)) for order in itertools.permutations(range(len(tempi)))
    )
    assert path_cost(costs, path) <= 1.25 * best + 1e-9
    assert energy[path[0]] <= energy[path[-1]]


def test_half_and_double_time_are_near_and_missing_values_cost_the_mean() -> None:
    costs = step_costs(np.array([60.0, 120.0, 180.0, np.nan]), np.full(4, 0.5))
    assert costs[0, 1] == pytest.approx(0.25)
    assert costs[1, 2] > 4
    known = costs[:3, :3]
    assert costs[0, 3] == pytest.approx(known.mean())
    assert np.isfinite(step_costs(np.full(3, np.nan), np.full(3, np.nan))).all()


def test_seed_tracks_bring_what_sounds_like_them() -> None:
    catalog = _catalog(300, 1)
    index = to.Neighbours.of(catalog)
    made = to.make_playlist(catalog, to.PlaylistWish(n=10, seeds=("id5",), most_of_artist=9))
    away = index.distances(5, np.arange(300))
    mean = np.mean([away[track.row - 1] for track in made.tracks])
    assert mean < np.quantile(away[np.isfinite(away)], 0.15)
    assert 6 in [track.row for track in made.tracks]
    with pytest.raises(SourceError, match="nobody"):
        to.make_playlist(catalog, to.PlaylistWish(seeds=("nobody",)))


def test_a_seed_track_that_does_not_meet_the_conditions_is_named() -> None:
    catalog = _catalog(200, 2)
    row = int(np.flatnonzero((catalog.tracks["popularity"] < 50).to_numpy())[0])
    wish = to.PlaylistWish(n=5, seeds=(f"id{row}",), min_popularity=50)
    made = to.make_playlist(catalog, wish)
    assert any(f"id{row}" in note for note in made.notes)


def test_chance_is_seeded_and_the_popular_come_first_without() -> None:
    catalog = _catalog(300, 3)
    drawn = [to.make_playlist(catalog, to.PlaylistWish(seed=i)).tracks for i in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    popular = to.make_playlist(catalog, to.PlaylistWish(n=3)).tracks
    assert min(t.popularity or 0 for t in popular) > 90


@pytest.mark.parametrize(
    ("wish", "blamed", "nearest"),
    [
        ({"ranges": {"tempo": (240.0, 250.0)}}, "tempo 240 to 250", "tempo 1"),
        ({"min_popularity": 101}, "popularity of 101 or more", "popularity 100"),
        (
            {"ranges": {"energy": (0.9, None)}, "mood": "calm"},
            "energy of 0.9 or more", "energy 0.4",
        ),
        (
            {"genre": "pop", "ranges": {"energy": (None, -0.5)}},
            "energy up to -0.5", "energy 0.",
        ),
    ],
)  # fmt: skip
def test_an_empty_result_names_the_condition_and_the_nearest_choice(
    wish: dict[str, object], blamed: str, nearest: str
) -> None:
    catalog = _catalog(300, 4)
    with pytest.raises(NoTracksError) as caught:
        to.make_playlist(catalog, to.PlaylistWish(**wish))  # type: ignore[arg-type]
    assert caught.value.facts["condition"] == blamed
    assert str(caught.value.facts["nearest"]).startswith(nearest)
    assert f"{blamed} leaves none" in caught.value.message


def test_the_nearest_choice_leaves_some() -> None:
    catalog = _catalog(300, 5)
    wish = to.PlaylistWish(mood="sad", ranges={"energy": (0.8, None)})
    with pytest.raises(NoTracksError) as caught:
        to.make_playlist(catalog, wish)
    column, value = str(caught.value.facts["nearest"]).split()
    again = to.PlaylistWish(mood="sad", ranges={column: (float(value), None)})
    assert to.make_playlist(catalog, again).tracks


def test_moods_and_genres_are_suggested_by_what_the_others_leave() -> None:
    rows = [
        {"track_name": f"t{i}", "genre": genre, "valence": 0.8, "energy": 0.9, "tempo": 100 + i}
        for i, genre in enumerate(["pop", "rock", "rock", "folk"])
    ]
    rows[3]["valence"] = 0.2
    catalog = to.load_catalog(rows)
    with pytest.raises(NoTracksError, match=r"mood 'happy' \(3 tracks\)"):
        to.make_playlist(catalog, to.PlaylistWish(mood="sad"))
    wish = to.PlaylistWish(mood="happy", genre="folk")
    with pytest.raises(NoTracksError, match=r"genre 'folk' leaves none .* genre 'rock' \(2 "):
        to.make_playlist(catalog, wish)


def test_a_catalog_that_does_not_tell_is_refused() -> None:
    catalog = to.load_catalog([{"track_name": f"t{i}", "tempo": 100.0 + i} for i in range(10)])
    for wish in ({"mood": "sad"}, {"genre": "pop"}, {"min_popularity": 3}):
        with pytest.raises(MissingColumnError, match="got one without any"):
            to.make_playlist(catalog, to.PlaylistWish(**wish))  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="tempo"):
        to.make_playlist(catalog, to.PlaylistWish(ranges={"temp": (1.0, 2.0)}))
    with pytest.raises(ConfigError, match="lower end"):
        to.make_playlist(catalog, to.PlaylistWish(ranges={"tempo": (200.0, 100.0)}))
    with pytest.raises(ConfigError):
        to.PlaylistWish(n=0)
    made = to.make_playlist(catalog)
    assert len(made.tracks) == 10
    assert "Only 10 of the 15" in made.notes[0]
    assert made.minutes is None


_STRANGE = ("=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "\t=7", "😀 café", "שלום עולם", "مرحبا")


def test_formulas_are_escaped_and_other_scripts_stay(tmp_path: Path) -> None:
    spotify = "0123456789abcdefghijkl"
    rows = [
        {
            "track_id": spotify if i == 0 else f"=id{i}", "track_name": name,
            "artists": f"Fine;{name}", "tempo": 100 + i, "duration_ms": 61_000,
        }
        for i, name in enumerate(_STRANGE)
    ]  # fmt: skip
    made = to.make_playlist(to.load_catalog(rows), to.PlaylistWish(most_of_artist=99))
    path = tmp_path / "list.csv"
    write_sheet(playlist_rows(made), path)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        for cell in line.replace('"', "").replace(";", ",").split(","):
            assert not cell.startswith(("=", "+", "@", "\t", "-2"))
    back = pl.read_csv(path)
    assert {name for name in _STRANGE if name[0] not in "=+-@\t"} <= set(back["track_name"])
    assert playlist_uris(made) == f"spotify:track:{spotify}\n"
    lines = playlist_m3u8(made, "a\nb").splitlines()
    assert lines[:2] == ["#EXTM3U", "#PLAYLIST:a b"]
    assert len(lines) == 2 + 2 * len(_STRANGE)
    assert f"spotify:track:{spotify}" in lines
    assert any(line.startswith("#EXTINF:61,Fine, 😀 café - 😀 café") for line in lines)


def test_a_title_cannot_smuggle_an_entry_into_a_list() -> None:
    rows = [{"track_id": "#x\nhttp://evil/", "track_name": "a\r\nhttp://evil/\u2028b", "tempo": 90}]
    lines = playlist_m3u8(to.make_playlist(to.load_catalog(rows)), "t").splitlines()
    assert lines[2:] == ["#EXTINF:-1,a http://evil/ b", "./#x http://evil/"]


def test_steps_are_told() -> None:
    rows = [
        {"track_name": "slow", "tempo": 60, "energy": 0.2},
        {"track_name": "double", "tempo": 126, "energy": 0.3},
    ]
    made = to.make_playlist(to.load_catalog(rows))
    first, second = made.tracks
    assert (first.track_name, first.tempo_step) == ("slow", None)
    assert second.tempo_step == pytest.approx(1.05)
    assert second.energy_step == pytest.approx(0.1)
    expected = math.log2(1.05) / 0.1 + 0.25 + 1
    assert made.roughness == pytest.approx(expected)
