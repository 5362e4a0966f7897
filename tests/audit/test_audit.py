"""How the audit behaves: poor catalogs, counts, what it could not check, real files."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.audit.worlds import STYLES, genre_file, hit_file, playlist_file, release_log

import trackoracle as to
from trackoracle.errors import ConfigError, TargetError, TrackOracleError
from trackoracle.schema import AuditFinding, AuditReport


def audit(rows: Any, **options: Any) -> AuditReport:
    return to.audit_catalog(rows, protocols=False, **options)


def finding(report: AuditReport, code: str) -> AuditFinding:
    found = [f for f in report.findings if f.code == code]
    assert found, f"no {code} among {[f.code for f in report.findings]}"
    return found[0]


def codes(report: AuditReport) -> set[str]:
    return {f.code for f in report.findings}


# Catalogs that lack something


def test_without_a_target_rows_are_still_compared() -> None:
    rows = genre_file(300, 1).drop("popularity")
    report = audit(pl.concat([rows, rows[:30]]))
    assert report.target is None
    assert report.gap is None
    assert finding(report, "exact_duplicates").n == 30
    assert any("no values of popularity or hit" in sentence for sentence in report.unchecked)


@pytest.mark.parametrize(
    ("dropped", "word"),
    [
        (("artists",), "artist"),
        (("track_name",), "titles"),
        (("track_id",), "ids"),
        (("track_id", "artists", "track_name", "album_name"), "artist"),
    ],
)
def test_what_is_absent_is_named_as_unchecked(dropped: tuple[str, ...], word: str) -> None:
    report = audit(genre_file(300, 1).drop(dropped))
    assert any(word in sentence for sentence in report.unchecked), report.unchecked
    assert report.count("error") == 0


def test_a_complete_catalog_leaves_nothing_unchecked() -> None:
    assert audit(release_log(300, 1)).unchecked == ()


def test_protocols_that_cannot_be_run_are_named() -> None:
    report = to.audit_catalog(STYLES["anonymous"](300, 1))
    for protocol in ("known_artist", "new_artist", "future"):
        assert any(protocol in sentence for sentence in report.unchecked), report.unchecked


@pytest.mark.parametrize("n", [1, 2, 5, 19])
def test_few_rows_are_audited_and_the_target_is_left_alone(n: int) -> None:
    report = to.audit_catalog(genre_file(300, 1)[:n])
    assert report.n_rows == n
    assert report.gap is None
    assert report.count("error") == 0
    assert any(f"of {n} rows only" in sentence for sentence in report.unchecked), report.unchecked


@pytest.mark.parametrize("value", [0, 50])
def test_a_constant_target_answers_nothing(value: int) -> None:
    report = to.audit_catalog(genre_file(300, 1).with_columns(pl.lit(value).alias("popularity")))
    assert report.gap is None
    assert any(f"{value} everywhere" in sentence for sentence in report.unchecked)


def test_hits_only() -> None:
    report = to.audit_catalog(hit_file(300, 1).with_columns(pl.lit(1).alias("target")))
    assert report.target == "hit"
    assert report.gap is None
    assert any("everywhere" in sentence for sentence in report.unchecked)


def test_a_target_without_values_is_no_target() -> None:
    empty = pl.lit(None, dtype=pl.Int64).alias("popularity")
    report = to.audit_catalog(genre_file(300, 1).with_columns(empty))
    assert report.target is None
    assert report.unchecked


def test_rows_without_a_target_are_not_judged() -> None:
    rows = genre_file(600, 1)
    known = pl.int_range(pl.len()) % 3 > 0
    report = audit(rows.with_columns(pl.when(known).then(pl.col("popularity"))))
    assert report.n_rows == 600
    assert report.count("error") == 0
    assert "target_copy" not in codes(report)


def test_columns_without_values_or_with_one_value_accuse_nobody() -> None:
    rows = playlist_file(400, 1).with_columns(
        pl.lit(None).alias("nothing"),
        pl.lit(None, dtype=pl.String).alias("no words"),
        pl.lit("same").alias("one word"),
        pl.lit(float("nan")).alias("no number"),
        pl.lit(7).alias("seven"),
    )
    assert codes(audit(rows)) == codes(audit(playlist_file(400, 1)))


@pytest.mark.parametrize("name", ["", " ", "ü ñ", "a,b", "x" * 300, "[red]", "__index__", "%s {0}"])
def test_odd_column_names(name: str) -> None:
    rows = genre_file(300, 1)
    report = audit(rows.with_columns((pl.col("popularity") * 2 + 1).alias(name or "\u200b")))
    proxy = finding(report, "target_copy")
    assert proxy.severity == "error"
    assert proxy.n == 1


def test_an_empty_source_is_refused_with_a_sentence() -> None:
    with pytest.raises(TrackOracleError, match="expected"):
        to.audit_catalog(genre_file(300, 1)[:0])


def test_a_named_target_that_is_absent_is_refused() -> None:
    with pytest.raises(TargetError, match="expected"):
        audit(genre_file(300, 1), target=to.Hit())


@pytest.mark.parametrize("rate", [0, 1, -0.1, 3])
def test_an_impossible_base_rate_is_refused(rate: float) -> None:
    with pytest.raises(ConfigError, match="base_rate: expected above 0"):
        audit(hit_file(300, 1), base_rate=rate)


# Shapes of files


def test_column_map_and_file_shapes_change_no_finding(tmp_path: Path) -> None:
    rows = pl.concat([genre_file(400, 1), genre_file(400, 1)[:40]])
    wanted = [(f.code, f.severity, f.n) for f in audit(rows).findings]
    rows.write_csv(tmp_path / "comma.csv")
    rows.write_csv(tmp_path / "semicolon.csv", separator=";", include_bom=True)
    rows.write_parquet(tmp_path / "table.parquet")
    for path in tmp_path.iterdir():
        assert [(f.code, f.severity, f.n) for f in audit(path).findings] == wanted, path.name
    theirs = rows.rename({"popularity": "Score", "artists": "Who"})
    report = audit(theirs, columns={"popularity": "Score", "artists": "Who"})
    assert [(f.code, f.severity, f.n) for f in report.findings] == wanted


def test_the_order_of_rows_changes_only_what_order_tells() -> None:
    rows = pl.concat([playlist_file(600, 2), playlist_file(600, 2)[100:160]])
    shuffled = audit(rows.sample(fraction=1, shuffle=True, seed=5))
    ordered = audit(rows)
    for code in ("exact_duplicates", "repeated_ids"):
        assert finding(shuffled, code).n == finding(ordered, code).n


def test_the_same_source_is_audited_the_same_twice() -> None:
    rows = hit_file(400, 3)
    assert to.audit_catalog(rows, seed=4) == to.audit_catalog(rows, seed=4)


def test_a_loaded_catalog_is_audited_after_its_repairs() -> None:
    rows = pl.concat([genre_file(400, 1), genre_file(400, 1)[:40]])
    assert "exact_duplicates" in codes(audit(rows))
    assert "exact_duplicates" not in codes(audit(to.load_catalog(rows, on_invalid="null")))


# The report


@pytest.mark.parametrize("style", ["release log", "hit file", "anonymous"])
def test_the_report_is_plain_and_survives_json(style: str) -> None:
    report = to.audit_catalog(STYLES[style](300, 1))
    facts = report.to_dict()
    again = json.loads(json.dumps(facts, allow_nan=False))
    assert again["n_rows"] == report.n_rows
    assert again["name"] == report.name
    assert [f["code"] for f in again["findings"]] == [f.code for f in report.findings]
    assert len(again["unchecked"]) == len(report.unchecked)


def test_findings_stand_worst_first_and_say_what_to_do() -> None:
    rows = hit_file(600, 1)
    spoiled = pl.concat([rows, rows[:90]]).with_columns(pl.col("target").alias("copy"))
    report = audit(spoiled)
    rank = {"error": 0, "warning": 1, "note": 2}
    ranks = [rank[f.severity] for f in report.findings]
    assert ranks == sorted(ranks)
    assert report.count("error") == ranks.count(0) >= 2
    for found in report.findings:
        assert found.what
        assert found.evidence
        assert len(found.examples) <= 3
        if found.severity != "note":
            assert found.fix.endswith("."), found.code


# Counts equal an independent count


def test_counts_of_planted_rows_are_exact() -> None:
    rows = genre_file(500, 4)
    other = rows[50:75].with_columns((100 - pl.col("popularity")).alias("popularity"))
    other = other.filter(pl.col("popularity") != 50)
    report = audit(pl.concat([rows, rows[:20], other]))
    assert finding(report, "exact_duplicates").n == 20
    assert finding(report, "repeated_ids").n == 20 + len(other)
    assert finding(report, "ids_with_several_popularity_values").n == len(other)


def test_zeros_are_counted() -> None:
    rows = genre_file(500, 4)
    zero = np.arange(500) % 3 == 0
    points = np.where(zero, 0, rows["popularity"].to_numpy().clip(1))
    report = audit(rows.with_columns(pl.Series("popularity", points)))
    assert finding(report, "popularity_zeros").n == zero.sum()


# Real files


def lines_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def audit_114k(tracks_114k: Path) -> AuditReport:
    return to.audit_catalog(tracks_114k, protocols=False)


@pytest.mark.real
def test_counts_on_the_114k_file(tracks_114k: Path, audit_114k: AuditReport) -> None:
    values: dict[str, set[str]] = defaultdict(set)
    rows: Counter[str] = Counter()
    whole: Counter[tuple[str, ...]] = Counter()
    zeros = tempos = 0
    for line in lines_of(tracks_114k):
        track_id = line["track_id"]
        rows[track_id] += 1
        values[track_id].add(line["popularity"])
        whole[tuple(value for name, value in line.items() if name)] += 1
        zeros += line["popularity"] == "0"
        tempos += float(line["tempo"]) == 0
    several = sum(len(popularities) > 1 for popularities in values.values())
    repeated = sum(n > 1 for n in rows.values())
    copies = sum(n - 1 for n in whole.values())
    assert (len(rows), several, zeros, copies) == (71_335, 576, 12_821, 364)

    assert audit_114k.n_rows == rows.total()
    ids = finding(audit_114k, "repeated_ids")
    assert ids.n == repeated
    assert f"of {len(rows):,} ids" in ids.evidence
    assert finding(audit_114k, "ids_with_several_popularity_values").n == several
    assert finding(audit_114k, "popularity_zeros").n == zeros
    assert finding(audit_114k, "exact_duplicates").n == copies
    assert finding(audit_114k, "not_measured_tempo").n == tempos > 0


@pytest.mark.real
def test_repeated_ids_of_the_114k_file_are_an_error(audit_114k: AuditReport) -> None:
    assert finding(audit_114k, "repeated_ids").severity == "error"
    assert {"same_title_and_credits", "identical_audio"} <= codes(audit_114k)
    assert audit_114k.target == "popularity"


@pytest.fixture(scope="module")
def audit_hits(hit_predictor: Path) -> AuditReport:
    return to.audit_catalog(hit_predictor, protocols=False)


@pytest.mark.real
def test_counts_on_the_hit_predictor(hit_predictor: Path, audit_hits: AuditReport) -> None:
    labels: dict[str, set[str]] = defaultdict(set)
    rows: Counter[str] = Counter()
    for path in hit_predictor.glob("*.csv"):
        for line in lines_of(path):
            rows[line["uri"]] += 1
            labels[line["uri"]].add(line["target"])
    assert audit_hits.n_rows == rows.total()
    ids = finding(audit_hits, "repeated_ids")
    assert ids.n == sum(n > 1 for n in rows.values())
    assert f"of {len(rows):,} ids" in ids.evidence
    both = sum(len(of_id) == 2 for of_id in labels.values())
    assert finding(audit_hits, "ids_with_several_hit_values").n == both > 0


@pytest.mark.real
def test_artists_of_the_hit_predictor_have_one_label(audit_hits: AuditReport) -> None:
    assert finding(audit_hits, "artist_settles_label").severity == "error"
    assert finding(audit_hits, "balanced_by_hand").severity != "note"


@pytest.mark.real
def test_the_instrumentalness_rule_is_named(audit_hits: AuditReport) -> None:
    golden = [f for f in audit_hits.findings if f.code == "golden_feature"]
    rules = [f for f in golden if "instrumentalness <" in f.evidence]
    assert len(rules) == 1
    assert "is right for" in rules[0].evidence


def test_a_split_of_frames_with_lists_is_compared_with_one_of_a_file(tmp_path: Path) -> None:
    tracks = to.load_catalog("sample").tracks
    train, test = tracks.head(4_000), tracks[3_900:]
    train.write_ndjson(tmp_path / "train.jsonl")
    for part in (train, tmp_path / "train.jsonl"):
        found = {f.code: f.n for f in to.audit_split(part, test).findings}
        assert found["shared_ids"] == 100


def test_a_test_part_without_labels_is_compared_all_the_same() -> None:
    tracks = to.load_catalog("sample").tracks
    report = to.audit_split(tracks.head(1_000), tracks[900:1_500].drop("popularity"))
    assert {f.code: f.n for f in report.findings}["shared_ids"] == 100
    assert any(sentence.startswith("Targets of frame") for sentence in report.unchecked)


def test_another_name_of_the_artist_is_no_second_finding() -> None:
    rng = np.random.default_rng(0)
    artist = rng.integers(0, 120, 1_500)
    points = np.clip(rng.uniform(0, 90, 120)[artist] + rng.normal(0, 4, 1_500), 0, 100)
    rows = pl.DataFrame({"artists": [f"Artist {a}" for a in artist], "popularity": points})
    rows = rows.with_columns(
        pl.format("https://i.org/{}.jpg", "artists").alias("picture"),
        pl.format("Song {}", pl.int_range(pl.len())).alias("track_name"),
    )
    found = {f.code: f.severity for f in to.audit_catalog(rows, protocols=False).findings}
    assert found["artist_predicts_target"] == "warning"
    assert "golden_feature" not in found


def test_names_cannot_command_a_terminal() -> None:
    rows = pl.DataFrame({"popularity": range(100), "x\x1b[31m": range(100)})
    report = to.audit_catalog(rows, protocols=False)
    assert [f.code for f in report.findings if f.severity == "error"]
    assert "\x1b" not in json.dumps(report.to_dict(), ensure_ascii=False)


def test_numbers_of_folds_are_no_split() -> None:
    rows = pl.DataFrame({"popularity": range(100), "fold": [i % 5 for i in range(100)]})
    with pytest.raises(to.TrackOracleError, match="expected training rows and rows named one of"):
        to.audit_split(rows, split_column="fold")
