"""A file is predicted batch after batch as a frame is at once, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.running import run_here

import trackoracle as to
from trackoracle.errors import InvalidValuesError, OutputError, SourceError
from trackoracle.oracle import streaming


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "CHUNK", 64)
    monkeypatch.setenv("TRACKORACLE_JOBS", "1")


@pytest.fixture
def tracks(small_catalog: to.Catalog) -> pl.DataFrame:
    return small_catalog.tracks.drop("popularity").head(150)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("ending", [".parquet", ".csv", ".tsv", ".jsonl"])
def test_batches_answer_as_one_frame(
    small_oracle: to.Oracle, tracks: pl.DataFrame, tmp_path: Path, ending: str
) -> None:
    source, output = tmp_path / "tracks.parquet", tmp_path / f"answers{ending}"
    tracks.drop("track_id").write_parquet(source)
    moved: list[tuple[int, int]] = []
    n = small_oracle.predict_file(
        source, output, level=0.8, progress=lambda done, n_all, _: moved.append((done, n_all))
    )
    read = {
        ".parquet": pl.read_parquet,
        ".csv": pl.read_csv,
        ".tsv": lambda path: pl.read_csv(path, separator="\t"),
        ".jsonl": pl.read_ndjson,
    }[ending]
    expected = small_oracle.predict(tracks.drop("track_id"), level=0.8)
    found = read(output)
    assert n == len(found) == 150
    assert len(moved) > 1
    assert moved[-1] == (150, 150)
    assert found["track_id"].cast(pl.String).to_list() == [str(i + 1) for i in range(150)]
    assert found["popularity"].to_list() == pytest.approx(expected["popularity"].to_list())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, output.name])


@pytest.mark.usefixtures("small_batches")
def test_a_flaw_in_a_late_batch_leaves_nothing_behind(
    small_oracle: to.Oracle, tracks: pl.DataFrame, tmp_path: Path
) -> None:
    source, output = tmp_path / "tracks.parquet", tmp_path / "answers.parquet"
    output.write_text("what stood here")
    tempo = tracks["tempo"].to_list()
    tempo[130] = 9_000.0
    tracks.with_columns(tempo=pl.Series(tempo)).write_parquet(source)
    with pytest.raises(InvalidValuesError, match=r"rows counted from row 129: tempo: .*row 3"):
        small_oracle.predict_file(source, output, on_invalid="error")
    assert output.read_text() == "what stood here"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.parquet", "tracks.parquet"]


def test_nothing_asked_is_nothing_answered(small_oracle: to.Oracle, tracks: pl.DataFrame) -> None:
    whole, none = small_oracle.predict(tracks), small_oracle.predict(tracks.head(0))
    assert none.columns == whole.columns
    assert len(none) == 0


def test_the_input_is_never_the_output(
    small_bundle: Path, tracks: pl.DataFrame, tmp_path: Path
) -> None:
    for name, write in (("a.parquet", tracks.write_parquet), ("a.jsonl", tracks.write_ndjson)):
        path = tmp_path / name
        write(path)
        before = path.read_bytes()
        done = run_here("predict", small_bundle, path, "-o", path)
        assert done.returncode == 2
        assert "expected another file than the input" in done.stderr
        assert path.read_bytes() == before


def test_files_that_cannot_be_predicted(
    small_oracle: to.Oracle, tracks: pl.DataFrame, tmp_path: Path
) -> None:
    whole, cut, empty = (tmp_path / f"{name}.parquet" for name in ("whole", "cut", "empty"))
    tracks.write_parquet(whole)
    cut.write_bytes(whole.read_bytes()[:2000])
    tracks.head(0).write_parquet(empty)
    with pytest.raises(OutputError, match="Rename the output"):
        small_oracle.predict_file(whole, tmp_path / "answers.xlsx")
    for path, said in (
        (cut, "whole Parquet file"),
        (empty, "at least one row"),
        (tmp_path / "none.parquet", "Check the path"),
    ):
        with pytest.raises(SourceError, match=said):
            small_oracle.predict_file(path, tmp_path / "answers.csv")
    assert not (tmp_path / "answers.csv").exists()
