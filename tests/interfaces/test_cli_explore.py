"""`similar`, `playlist` and `triage` on the command line: the answers are Python's."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.running import run, run_here

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.interfaces import cli


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explore") / "tracks.parquet"
    rows = to.load_catalog(generate_sample(500, seed=77).to_dicts(), on_invalid="null").tracks
    rows = rows.with_columns(
        pl.when(pl.int_range(pl.len()) < 400).then("=" + pl.col("track_name"))
        .otherwise("track_name").alias("track_name")
    )  # fmt: skip
    rows.write_parquet(path)
    return path


def test_similar_answers_as_python_does(catalog: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "told.json", tmp_path / "told.csv"
    done = run("similar", catalog, "--track", 5, "-k", 4, "--era-weight", "0.5", "--json", out,
               "-o", table)  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = to.similar(catalog, "5", k=4, era_weight=0.5)
    assert json.loads(out.read_text()) == json.loads(json.dumps(expected.to_dict()))
    assert "Each decade apart counts 0.5" in done.stdout
    assert (expected.tracks[0].track_name or "")[:20] in done.stdout
    rows = pl.read_csv(table)
    assert rows["rank"].to_list() == [1, 2, 3, 4]
    assert all(not name.startswith("=") for name in rows["track_name"])


def test_similar_reads_standard_input_and_files(catalog: Path, tmp_path: Path) -> None:
    lines = '{"energy": 0.9, "bpm": 174}\n{"energy": 0.1, "track_id": "b"}\n'
    done = run_here("similar", catalog, "-", "-k", 2, "--json", "-", "--quiet", stdin=lines)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [each["track"] for each in told] == ["1", "b"]
    asked = tmp_path / "asked.csv"
    asked.write_text("tempo,energy,genre\n120,0.5,techno\n90,0.2,latin\n")
    done = run_here("similar", catalog, asked, "--track", 2, "-k", 3, "--within-genre")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Most like") == 1
    assert done.stdout.count("latin") >= 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("similar", "CATALOG"), "expected INPUT, or --track ID"),
        (("similar", "CATALOG", "--track", "nobody"), "expected an id of the catalog"),
        (("similar", "CATALOG", "--track", "1", "-k", "0"), "k: expected 1 to"),
        (("similar", "CATALOG", "--track", "1", "-o", "x.doc"), "expected one of .csv"),
        (("playlist", "CATALOG", "--mood", "hapy"), "Did you mean 'happy'?"),
        (("playlist", "CATALOG", "--range", "tempo=300:"), "leaves none"),
        (("playlist", "CATALOG", "--range", "tempo"), "COLUMN=LOW:HIGH"),
        (("playlist", "CATALOG", "--range", "tempo=1:", "--range", "tempo=:9"), "column once"),
        (("triage", "CATALOG", "--by", "likeness"), "--reference"),
        (("triage", "CATALOG", "-n", "0"), "n: expected"),
    ],
)
def test_bad_use_exits_with_2_and_a_sentence(
    catalog: Path, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli._run([str(catalog) if word == "CATALOG" else word for word in arguments])
    told = capsys.readouterr().err
    assert code == 2
    assert said in told
    assert "Traceback" not in told


def test_a_playlist_is_written_in_three_forms(catalog: Path, tmp_path: Path) -> None:
    asked = ("playlist", catalog, "--min-popularity", 20, "--range", "energy=0.3:", "-n", 6)
    wish = to.PlaylistWish(n=6, min_popularity=20, ranges={"energy": (0.3, None)})
    expected = to.make_playlist(catalog, wish)
    ids = [track.track for track in expected.tracks]
    done = run(*asked, "--json", "-", "-o", tmp_path / "list.csv")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps(expected.to_dict()))
    assert pl.read_csv(tmp_path / "list.csv")["track_id"].to_list() == ids
    done = run_here(*asked, "-o", tmp_path / "list.m3u8")
    lines = (tmp_path / "list.m3u8").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["#EXTM3U", "#PLAYLIST:list"]
    assert len(lines) == 14
    assert "Mean step" in " ".join(done.stdout.split())
    assert cli._run([*map(str, asked), "-o", str(tmp_path / "list.txt"), "--quiet"]) == 0
    uris = [track.spotify_uri for track in expected.tracks if track.spotify_uri]
    assert (tmp_path / "list.txt").read_text().split() == uris


def test_seed_tracks_and_moods(catalog: Path) -> None:
    seeds = ("--seed-track", 3, "--seed-track", 9)
    done = run_here("playlist", catalog, *seeds, "-n", 5, "--json", "-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["seeds"] == ["3", "9"]


def test_a_mood_is_named_with_a_hyphen(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["playlist", str(catalog), "--mood", "very-dark", "-n", "3", "--seed", "1"]
    assert cli._run(asked) == 0
    assert "mood 'very-dark'" in capsys.readouterr().out


def test_triage_answers_as_python_does(
    small_oracle: to.Oracle, small_bundle: Path, catalog: Path, tmp_path: Path
) -> None:
    out, table = tmp_path / "listed.json", tmp_path / "listed.csv"
    done = run("triage", small_bundle, catalog, "-n", 8, "--json", out, "-o", table)
    assert done.returncode == 0, done.stderr
    expected = to.triage(small_oracle, catalog, n=8)
    assert json.loads(out.read_text()) == json.loads(json.dumps(expected.to_dict()))
    assert "What such a list is worth" in done.stdout
    rows = pl.read_csv(table)
    assert rows["gap"].to_list() == pytest.approx([track.value for track in expected.tracks])
    assert all(not name.startswith("=") for name in rows["track_name"])


def test_triage_by_likeness_and_novelty_with_the_starter_oracle(
    catalog: Path, tmp_path: Path
) -> None:
    references = tmp_path / "references.csv"
    references.write_text("track_name,tempo,energy\n😀,128,0.9\nשיר,70,0.1\n", encoding="utf-8")
    done = run_here("triage", catalog, "--by", "likeness", "--reference", references, "-n", 4,
                    "--json", "-")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {t["reference"] for t in json.loads(done.stdout)["tracks"]} <= {"😀", "שיר"}
    done = run_here("triage", catalog, "--by", "novelty", "-n", 4)
    assert done.returncode == 0, done.stderr
    assert "Novelty is no merit" in done.stdout
