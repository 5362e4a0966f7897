"""The tables of the reference tell all that there is, and what they say is so."""

from __future__ import annotations

import dataclasses
import gzip
import re
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.audio.sounds import chord
from tests.docs.pages import ROOT
from tools.docs import cards, columns, training_settings, written
from tools.docs.written_tables import WRITTEN_TABLES

import trackoracle as to
from trackoracle.catalogs.delimited import DELIMITERS
from trackoracle.catalogs.sample import generate_sample
from trackoracle.errors import InvalidValuesError, SourceError
from trackoracle.exploration import playlist_of
from trackoracle.interfaces.rest.answers import prediction_model
from trackoracle.models import CANDIDATES
from trackoracle.rendering import (
    METRICS_EXPLAINED,
    playlist_rows,
    ranking_rows,
    similar_rows,
    triage_rows,
)
from trackoracle.schema import (
    CODE_NAMES,
    HEARD_COLUMNS,
    NULL_WORDS,
    NUMBER_WORDS,
    TRACK_COLUMNS,
    answer_columns,
    bounds,
    heard_rows,
)
from trackoracle.training import load_config

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")


def _section(page: str, title: str) -> str:
    return re.split(r"\n#+ ", page.split(f" {title}\n", 1)[1])[0]


# Columns and files


def test_every_column_is_told_with_its_range_unit_and_synonyms() -> None:
    page = columns.page()
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert {*TRACK_COLUMNS} <= {*rows}
    for column in TRACK_COLUMNS.values():
        row = rows[column.name]
        if column.name in CODE_NAMES:
            row = next(line for line in page.splitlines() if f"#column-{column.name} " in line)
        assert all(f"`{name}`" in row for name in column.synonyms), column.name
        assert f" | {columns.possible(column)} |" in row, column.name
        assert column.unit in row, column.name


def test_each_column_stands_once() -> None:
    told = [column for section in columns.by_section().values() for column in section]
    assert sorted(told, key=lambda c: c.name) == sorted(
        TRACK_COLUMNS.values(), key=lambda c: c.name
    )
    assert all(columns.by_section().values())


def test_a_bound_tells_of_its_feature() -> None:
    low, high = (TRACK_COLUMNS[name].meaning for name in bounds("energy"))
    assert low.startswith("Least that energy may be")
    assert high.startswith("Most that energy may be")


def test_codes_are_all_named() -> None:
    for name in ("key", "mode"):
        column = TRACK_COLUMNS[name]
        assert column.low is not None
        assert column.high is not None
        assert [*CODE_NAMES[name]] == [*range(int(column.low), int(column.high) + 1)]


def test_the_example_is_read_as_it_says(tmp_path: Path) -> None:
    file = tmp_path / "tracks.csv"
    file.write_text(columns.EXAMPLE, encoding="utf-8")
    assert columns.EXAMPLE in columns.page()
    first, second = to.load_tracks(file).to_dicts()
    assert first["artists"] == ["First Artist", "Second Artist"]
    assert first["genres"] == ["indie-pop", "rock"]
    assert second["track_name"] == "A title, with a comma"
    assert second["tempo"] is None
    assert to.load_catalog(file).card.n_tracks == 2


@pytest.mark.parametrize("sign", DELIMITERS)
def test_each_separator_that_is_told_is_found(sign: str, tmp_path: Path) -> None:
    told = _section(columns.page(), "CSV format, and other files that are read")
    assert ("tab" if sign == "\t" else f"`{sign}`") in told
    file = tmp_path / "tracks.csv"
    file.write_text(f'genre{sign}tempo\n"pop;rock"{sign}120\n', encoding="utf-8")
    assert to.load_tracks(file).rows() == [(["pop", "rock"], 120.0)]


def test_files_are_read_as_the_page_says(tmp_path: Path) -> None:
    text = "Track-Genre;BPM;energy\npop;120,5;NA\n"
    plain, packed, zipped = (tmp_path / f"tracks.{end}" for end in ("txt", "csv.gz", "zip"))
    plain.write_text(text, encoding="utf-16")
    packed.write_bytes(gzip.compress(text.encode()))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("tracks.csv", text)
    for file in (plain, packed, zipped):
        assert to.load_tracks(file).to_dicts() == [
            {"genres": ["pop"], "tempo": 120.5, "energy": None}
        ]


@pytest.mark.parametrize("ending", ["xlsx", "ods", "json"])
def test_what_is_told_not_to_be_read_is_refused(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"tracks.{ending}"
    file.write_text('[{"tempo": 120}]', encoding="utf-8")
    with pytest.raises(SourceError, match=f"got '.{ending}'"):
        to.load_tracks(file)


def test_a_tsv_is_parted_by_tabs_whatever_else_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "tracks.tsv"
    file.write_text("title\ttempo\nOne, two, three\t120\n", encoding="utf-8")
    assert to.load_tracks(file).rows() == [("One, two, three", 120.0)]


def test_missing_numbers_and_words_for_numbers_are_as_told(tmp_path: Path) -> None:
    told = _section(columns.page(), "How values are read")
    for word in filter(None, NULL_WORDS):
        assert f"`{word}`" in told
        assert _value("tempo", word.upper(), tmp_path) is None
    for word, number in NUMBER_WORDS.items():
        assert f"`{word}` is {number}" in told
        assert _value("explicit", word, tmp_path) == float(number)
    with pytest.raises(InvalidValuesError, match="'0'"):
        _value("tempo", "0", tmp_path)


def test_a_duration_is_milliseconds(tmp_path: Path) -> None:
    told = _section(columns.page(), "Durations are milliseconds")
    assert _value("duration", "215", tmp_path) == 215.0
    starter = to.load_oracle()
    assert starter.predict([{"duration": 215_000}])["warning"][0] == ""
    assert (
        "215.0 ms is outside the range seen" in starter.predict([{"duration": 215}])["warning"][0]
    )
    with pytest.raises(InvalidValuesError, match="3:35"):
        _value("duration", "3:35", tmp_path)
    assert all(text in told for text in ("215000", "0.2 seconds", "`3:35`"))


def _value(column: str, text: str, folder: Path) -> Any:
    file = folder / "one.csv"
    file.write_text(f"genre,{column}\npop,{text}\n", encoding="utf-8")
    return to.load_tracks(file).row(0)[1]


# What is written


@pytest.mark.parametrize(
    ("title", "target"),
    [
        ("Of an oracle of popularity", to.Popularity()),
        ("Of an oracle of hits", to.Hit()),
        ("Of an oracle of tiers", to.Tier()),
    ],
)
def test_every_predicted_column_is_told(title: str, target: Any) -> None:
    section = _section(written.page(), title)
    rows = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}
    told = answer_columns(target)
    assert [*rows] == [column.name for column in told]
    assert all(column.meaning in rows[column.name] for column in told)
    if title.endswith("popularity"):
        assert [*rows] == to.load_oracle().predict([{"tempo": 120}]).columns
        assert "above 25 to 50 points" in rows["p_tier_1"]


def test_what_a_target_is_set_to_is_told() -> None:
    tiers = {column.name: column.meaning for column in answer_columns(to.Tier((20.0, 40.0)))}
    assert tiers["p_tier_1"] == "Probability of tier 1: above 20 to 40 points."
    points = {column.name: column for column in answer_columns(to.Popularity(hit_above=60))}
    assert points["p_hit"].meaning == "Probability of a hit, above 60 points."
    assert len(answer_columns(to.Popularity(tiers=()))) == len(points) - 3


@pytest.mark.parametrize("target", [to.Popularity(), to.Hit(), to.Tier()], ids=lambda t: t.name)
def test_http_says_the_same_of_each_column(target: Any) -> None:
    schema = prediction_model(target, "Prediction").model_json_schema()["properties"]
    told = {column.name: column.meaning for column in answer_columns(target)}
    assert {name: field["description"] for name, field in schema.items()} == told


def test_every_column_of_listen_is_told(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "one.wav", chord(4.0), 22_050)
    heard = to.listen(tmp_path / "one.wav")
    assert (*heard.row(),) == HEARD_COLUMNS
    assert tuple(heard_rows([heard]).columns) == HEARD_COLUMNS
    told = _section(written.page(), "Columns of listen")
    assert [name for name in HEARD_COLUMNS if f"| `{name}` |" not in told] == []


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    """What each command writes."""
    starter = to.load_oracle()
    catalog = to.load_catalog(generate_sample(300, seed=5).to_dicts(), on_invalid="null")
    tracks = catalog.tracks
    listed = [
        to.triage(starter, catalog, by=by, references=references, n=3)
        for by, references in (("gems", None), ("novelty", None), ("likeness", tracks[:1]))
    ]
    return {
        "explain": starter.explain_all(tracks[:2]),
        "rank": ranking_rows(starter.rank(tracks[:2])),
        "similar": similar_rows([to.similar(catalog, tracks[:1], k=2)]),
        "triage": pl.concat([triage_rows(one) for one in listed], how="diagonal"),
        "playlist": playlist_rows(playlist_of(catalog, [0, 1])),
    }


@pytest.mark.parametrize("command", WRITTEN_TABLES)
def test_every_column_of_a_table_is_told(command: str, tables: dict[str, pl.DataFrame]) -> None:
    section = _section(written.page(), f"Columns of {command}")
    told = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert told == [name for name, _, _ in WRITTEN_TABLES[command][1]]
    found = tables[command].columns
    of_features = {"explain": found[3:-1], "similar": [n for n in found if n.startswith("gap_")]}
    each = of_features.get(command, [])
    assert len(each) > 5 or command not in of_features
    predicted = [c.name for c in answer_columns(to.Popularity())] if command == "triage" else []
    named = {name for name in told if "FEATURE" not in name}
    assert named | {*each} <= {*found}
    assert {*found} - named - {*each} <= {*predicted}


def test_nothing_heard_is_a_table_of_the_same_columns() -> None:
    assert heard_rows([]).schema == heard_rows([]).head(0).schema
    assert tuple(heard_rows([]).columns) == HEARD_COLUMNS


# Genres of the starter


def test_every_genre_of_the_starter_is_told() -> None:
    levels = to.load_oracle().contract["genres"].levels
    page = cards.starter()
    told = page.split("## Genres { #genres }")[1]
    assert [level for level in levels if f"`{level}`" not in told] == []
    assert f"[{len(levels)} genres](#genres)" in page


def test_other_spellings_and_other_genres_are_taken_as_told() -> None:
    starter = to.load_oracle()
    spelled = starter.predict([{"genre": g} for g in ("Indie Pop", "indie-pop", "R&B", "r-n-b")])
    assert spelled["warning"].to_list() == [""] * 4
    assert spelled["popularity"][0] == spelled["popularity"][1]
    assert spelled["popularity"][2] == spelled["popularity"][3]
    both, alone, none = starter.predict(
        [{"genre": "pop;klezmer"}, {"genre": "pop"}, {"genre": "klezmer"}]
    ).to_dicts()
    assert both["popularity"] == alone["popularity"]
    assert "klezmer was not seen in training" in both["warning"]
    assert none["known"] == ""
    assert "taken as missing" in none["warning"]


# Settings


def test_every_setting_is_told() -> None:
    page = training_settings.page()
    for settings, prefix in (
        (to.TrainingConfig(), ""),
        (to.RecipeSettings(), "recipe."),
        (to.SearchSettings(), "search."),
    ):
        for field in dataclasses.fields(settings):
            if field.name not in ("recipe", "params", "search"):
                assert f"`{prefix}{field.name}`" in page, field.name
    for name, candidate in CANDIDATES.items():
        if candidate.is_baseline:
            continue
        section = _section(page, name)
        for profile in ("fast", "full"):
            for setting, value in candidate.params[profile].items():  # type: ignore[index]
                row = next(line for line in section.splitlines() if f"| `{setting}` |" in line)
                assert training_settings.value_text(value) in row, (name, setting)


def test_the_example_of_settings_is_one(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(training_settings.EXAMPLE, encoding="utf-8")
    config = load_config(file)
    assert config.recipe == to.RecipeSettings(masked_share=0.3)
    assert config.params_of("lightgbm_bins")["n_trees"] == 120
    assert config.search.seconds == 600
    assert config.names[-2:] == ("lightgbm_bins", "lightgbm")


def test_a_setting_without_a_meaning_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**training_settings._MEANINGS}
    del known["num_leaves"]
    monkeypatch.setattr(training_settings, "_MEANINGS", known)
    with pytest.raises(ValueError, match="num_leaves"):
        training_settings.page()


# Glossary

WORDS = (
    "popularity", "protocol", "candidate", "oracle", "contract", "baseline", "purged",
    "recording", "hit", "tier", "R2", "MAE", "ROC-AUC", "PR-AUC", "RPS skill", "calibration",
    "interval", "counterfactual", "contribution", "leak", "bundle", "starter", "known groups",
)  # fmt: skip


def test_the_glossary_has_the_first_words_each_with_a_page() -> None:
    rows = {
        line.split("**")[1]: line for line in GLOSSARY.splitlines() if line.startswith("| <a id=")
    }
    assert [word for word in WORDS if word not in rows] == []
    assert [*rows] == sorted(rows, key=str.lower)
    assert [word for word, row in rows.items() if not re.search(r"\| \[[^]]+\]\(\S+\)", row)] == []


def test_the_glossary_agrees_with_the_code() -> None:
    starter, target = to.load_oracle(), to.Popularity()
    assert starter.bundle.catalog.snapshot == "2022-10"
    assert "of October 2022" in GLOSSARY
    assert f"{target.hit_above:g} points unless" in GLOSSARY
    first, *others = (f"{edge:g}" for edge in target.tiers)
    assert f"up to {first} points, to {', to '.join(others)}, and above" in GLOSSARY
    for sentence in METRICS_EXPLAINED.values():
        assert sentence.partition(" is ")[2].rstrip(".") in GLOSSARY
