"""The starter oracle as it ships: it answers at once, and nothing in it tells of single tracks."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.running import run, run_here
from tools.build_starter import CONFIG, LEAST, MASKED, OTHERS, traces

import trackoracle as to
from trackoracle.artifact import STARTER
from trackoracle.features import prepare
from trackoracle.schema import check_tracks, normal


@pytest.fixture(scope="module")
def starter() -> to.Oracle:
    return to.load_oracle()


@pytest.fixture(scope="module")
def catalog(tracks_114k: Path) -> to.Catalog:
    return to.load_catalog(tracks_114k)


def test_nothing_in_it_tells_of_a_track() -> None:
    assert traces(STARTER) == []


def test_it_was_built_by_the_command_as_it_stands(starter: to.Oracle) -> None:
    plain = json.loads(json.dumps(CONFIG.to_dict()))
    assert starter.bundle.config == plain
    assert {column.group for column in starter.contract.columns}.isdisjoint(MASKED)


def test_it_answers_from_the_command_line(starter: to.Oracle, tmp_path: Path) -> None:
    rows = [{"genre": "pop", "tempo": 120}, {"artists": "Somebody", "energy": 0.9}]
    expected = starter.predict(rows)
    lines = "\n".join(map(json.dumps, rows))
    done = run("predict", "-", "--json", "-", stdin=lines)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected.to_dicts()
    assert "Not used by this oracle: artists." in done.stderr
    (tmp_path / "tracks.jsonl").write_text(lines)
    done = run_here("predict", tmp_path / "tracks.jsonl", "--json", "-")
    assert json.loads(done.stdout) == expected.to_dicts()
    low, high = expected["popularity_low"], expected["popularity_high"]
    assert ((low < expected["popularity"]) & (expected["popularity"] < high)).all()


def test_its_card_says_what_it_stands_on(starter: to.Oracle) -> None:
    shown = run_here("info").stdout
    for said in ("maharshipandya", "bsd", "2022-10", "new_artist", "artist and release", "seen"):
        assert said in starter.card
        assert said in shown
    audio = next(q for q in starter.report.quality["new_artist"] if q.inputs == "audio")
    assert audio.scores["r2"].low > 0
    assert f"| new_artist | audio | {audio.scores['r2'].value:.3f} (" in starter.card
    assert starter.card.count("- Elsewhere: ") == len(OTHERS)


def test_its_texts_name_no_artist_and_no_title(
    starter: to.Oracle, small_bundle: Path, catalog: to.Catalog
) -> None:
    """What an oracle of the made-up sample says too, and names of genres, are no names of these."""
    levels = {level for column in starter.contract.columns for level in column.levels}
    own = _texts(small_bundle) | levels | set(starter.bundle.recipe.names) | {"class_of", "share"}
    texts = pl.Series(sorted(_texts(STARTER) - own))
    tracks = catalog.tracks
    names = pl.concat([tracks["artists"].explode(), tracks["album_name"], tracks["track_name"]])
    is_name = normal(texts).is_in(normal(names).implode())
    assert texts.filter(is_name).to_list() == []
    prose = "\n".join([*_texts(STARTER), starter.card])
    full_names = tracks["artists"].explode().drop_nulls().unique()
    assert [name for name in full_names if " " in name and name in prose] == []


def test_every_name_and_phrase_in_it_is_of_many_artists(
    starter: to.Oracle, catalog: to.Catalog
) -> None:
    contract = starter.contract
    lists = prepare(check_tracks(catalog.tracks, contract).tracks, contract).lists
    facts, arrays = starter.bundle.recipe.state()
    looked_at = []
    for i, fact in enumerate(facts):
        if f"{i}_hashes" not in arrays:
            continue
        names = lists[fact["column"]]
        used = pl.DataFrame({"name": names.values, "artist": catalog.keys.first_artist[names.rows]})
        counts = used.group_by("name").agg(pl.col("artist").n_unique())
        kept = counts.filter(pl.col("name").is_in(pl.Series(arrays[f"{i}_hashes"]).implode()))
        assert len(kept) == len(arrays[f"{i}_hashes"]) > 0
        assert kept["artist"].min() >= LEAST
        looked_at.append((fact["block"], fact["column"]))
    assert looked_at == [
        ("HistoryBlock", "genres"),
        ("HistoryBlock", "title"),
        ("HistoryBlock", "title_words"),
        ("PhraseBlock", "title_words"),
    ]


def _texts(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if name.endswith(".json")]
        return {text for name in members for text in _within(json.loads(archive.read(name)))}


def _within(facts: object) -> list[str]:
    if isinstance(facts, dict):
        return [text for pair in facts.items() for part in pair for text in _within(part)]
    if isinstance(facts, list):
        return [text for part in facts for text in _within(part)]
    return [facts] if isinstance(facts, str) else []
