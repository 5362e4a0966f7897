"""Tracks of a live service carry its terms through any file, and training refuses them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.conftest import QUICK
from tests.providers.faking import ALBUM, name_of

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.errors import RightsError
from trackoracle.schema import LIVE_TERMS, TERMS_COLUMN, as_polars, check_rights, write_table
from trackoracle.settings import ServiceSettings

FEW = replace(QUICK, candidates=("tree",), protocols=("catalog",), n_folds=2)
STATED = "whoever trained it stated that they hold the right"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return generate_sample(100, seed=5).to_dicts()[:90]


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "jsonl"])
def test_terms_survive_every_file_and_the_cleaned_catalog(
    settings: ServiceSettings, tmp_path: Path, ending: str
) -> None:
    found = to.lookup(f"spotify:album:{ALBUM['id']}", settings=settings)
    path, clean = tmp_path / f"album.{ending}", tmp_path / f"clean.{ending}"
    write_table(as_polars(found.tracks)[0], path)
    card = to.load_catalog(path).card
    assert card.licence == f"{LIVE_TERMS['Spotify']}; {LIVE_TERMS['ReccoBeats']}"
    assert [f.n for f in card.findings if f.code == "live_service"] == [4]
    write_table(to.load_catalog(path).tracks, clean)
    with pytest.raises(RightsError, match="came from a live service"):
        to.train(clean, config=FEW)


def test_train_and_experiment_refuse_one_row_among_many(rows: list[dict[str, Any]]) -> None:
    catalog = to.load_catalog(
        [*rows, {**rows[0], "track_id": "x", TERMS_COLUMN: LIVE_TERMS["Spotify"]}],
        on_invalid="null",
    )
    message = r"frame: expected .*Spotify Web API terms.*--i-have-the-rights"
    with pytest.raises(RightsError, match=message) as caught:
        to.train(catalog, config=FEW)
    assert caught.value.to_dict()["terms"] == [LIVE_TERMS["Spotify"]]
    with pytest.raises(RightsError, match="came from a live service"):
        to.run_experiments(catalog, target=to.Hit(above=40))


def test_a_row_merged_into_another_still_tells(rows: list[dict[str, Any]]) -> None:
    twice = {**rows[0], "track_genre": "another", TERMS_COLUMN: LIVE_TERMS["Spotify"]}
    catalog = to.load_catalog([*rows, twice], on_invalid="null")
    assert catalog.tracks[TERMS_COLUMN].null_count() == len(catalog)
    assert catalog.card.licence == LIVE_TERMS["Spotify"]


def test_a_statement_is_on_the_report_and_the_card(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    table = pl.DataFrame(rows).with_columns(pl.lit(LIVE_TERMS["Spotify"]).alias(TERMS_COLUMN))
    catalog = to.load_catalog(table, on_invalid="null")
    oracle = to.train(catalog, config=FEW, i_have_the_rights=True)
    assert STATED in oracle.report.notes[0]
    assert TERMS_COLUMN not in oracle.contract.names
    oracle.save(tmp_path / "x.oracle")
    loaded = to.load_oracle(tmp_path / "x.oracle")
    assert STATED in loaded.report.notes[0]
    assert loaded.bundle.catalog.licence == LIVE_TERMS["Spotify"]


def test_catalogs_from_elsewhere_need_no_statement(rows: list[dict[str, Any]]) -> None:
    for source in ("sample", rows):
        card = to.load_catalog(source, on_invalid="null").card
        assert check_rights(card, stated=False) == ()


def test_predictions_do_not_mind_the_terms(settings: ServiceSettings, starter: to.Oracle) -> None:
    (row,) = to.lookup(name_of(1), settings=settings).tracks
    bare = {name: value for name, value in row.items() if name != TERMS_COLUMN}
    assert starter.predict([row]).equals(starter.predict([bare]))
    assert not [note for note in starter.check([row]).notes if TERMS_COLUMN in note]
