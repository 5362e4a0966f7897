"""What makes an oracle fit to ship: nothing in it tells of single tracks, artists or albums."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from tests.conftest import QUICK
from tools.build_starter import MASKED, build, traces, without_rare_words

import trackoracle as to
from trackoracle.artifact import save_bundle
from trackoracle.catalogs.sample import generate_sample
from trackoracle.oracle import SEEN_UNKNOWN

STARTING = dataclasses.replace(
    QUICK, candidates=("lightgbm",), protocols=("new_artist",), without=MASKED
)


@pytest.fixture(scope="module")
def sample() -> to.Catalog:
    return to.load_catalog("sample")


@pytest.fixture(scope="module")
def built(sample: to.Catalog) -> to.Oracle:
    other = to.load_catalog(generate_sample(400, seed=9), on_invalid="null")
    return to.oracle.Oracle(build(sample, STARTING, [other]))


def test_what_is_built_tells_of_no_track(built: to.Oracle, tmp_path: Path) -> None:
    built.save(tmp_path / "x.oracle")
    assert traces(tmp_path / "x.oracle") == []


def test_an_ordinary_oracle_is_refused(small_bundle: Path) -> None:
    said = "; ".join(traces(small_bundle))
    for what in (
        "marks of tracks",
        "inputs of artist and release: artists, album_name",
        "history of artists over fewer than 20",
        "nearly as many values as recordings: seen.npy",
        "nearly as many values as recordings: recipe/",
    ):
        assert what in said
    assert "id: " not in said


def test_ids_and_small_leaves_are_found(built: to.Oracle, tmp_path: Path, sample) -> None:
    report = dataclasses.replace(built.report, notes=("see 5SuOikwiRyPMVoIQDJUgSV",))
    save_bundle(tmp_path / "x.oracle", dataclasses.replace(built.bundle, report=report))
    found = traces(tmp_path / "x.oracle")
    assert found == [f"what looks like an id: {name}" for name in ("card.md", "scores.json")]
    few = dataclasses.replace(STARTING, params={"lightgbm": {"n_trees": 3, "min_data_in_leaf": 5}})
    save_bundle(tmp_path / "x.oracle", build(sample, few))
    assert traces(tmp_path / "x.oracle") == ["leaves of fewer than 20 tracks: model/lightgbm.txt"]


def test_words_of_few_artists_leave_the_titles() -> None:
    rows = [
        {"track_name": f"{word} live", "artists": artist, "tempo": 60 + i, "popularity": i}
        for i in range(30)
        for word, artist in (("Verdi's", "one"), ("Live", f"several {i}"))
    ]
    titles = without_rare_words(to.load_catalog(rows)).tracks["track_name"]
    assert set(titles) == {"' live", "Live live"}


def test_it_says_what_it_does_not_know(built: to.Oracle, small_oracle: to.Oracle, sample) -> None:
    said = " ".join(built.bundle.limits)
    assert "Nothing is known of artist and release, whatever the input says." in said
    assert "Which tracks were seen is not kept" in built.card
    assert "Nothing is known of" not in small_oracle.card
    assert "Seen tracks are kept as hashes" in small_oracle.card
    assert built.report.notes[-1].startswith("Elsewhere: ")
    assert "; without their genres R2 " in built.card
    assert SEEN_UNKNOWN in built.evaluate(sample, n_bootstrap=20).notes
