"""Rebuild the starter oracle that ships with the package, from the real 114k file.

It knows nothing of artists and releases, keeps no list of the tracks it was
trained on, and of title words only those that many artists use. Run it from the
repository root:

    TRACKORACLE_DATA=/path/to/data python tools/build_starter.py
"""

from __future__ import annotations

import argparse
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

import trackoracle as to
from trackoracle.artifact import STARTER, Bundle, Seen, load_bundle, save_bundle
from trackoracle.settings import Settings

MASKED = ("artist", "release")
CONFIG = to.TrainingConfig(
    candidates=("lightgbm",),
    without=MASKED,
    # More trees or leaves gain nothing here; the least sum of weights bounds what a leaf tells.
    params={"lightgbm": {"n_trees": 1000, "learning_rate": 0.025, "min_sum_hessian_in_leaf": 20.0}},
)
OTHERS = ("tidytuesday/spotify_songs.csv", "tracks-2021", "million-sample/spotify_data.csv")
MOST_BYTES = 4_000_000
LEAST_TRACKS, LEAST_ARTISTS = 20, 20
"""What is kept of a word, a genre or a leaf is a mean over as many tracks; words, artists."""
_ID = re.compile(rb"(?<![0-9A-Za-z])(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]{22}(?![0-9A-Za-z])")
_LEAF_COUNTS = re.compile(rb"^leaf_count=(.*)$", re.MULTILINE)


def main() -> None:
    """Read the arguments, train, check what came out, and put it in its place."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output", type=Path, nargs="?", default=STARTER, help="where to write it")
    output = parser.parse_args().output
    data = Settings.from_environment().data_folder
    if data is None:
        parser.error("set TRACKORACLE_DATA to the folder of the real files, see CONTRIBUTING")
    catalog = to.load_catalog(data / "tracks-114k" / "dataset.csv")
    others = [to.load_catalog(data / name) for name in OTHERS]
    bundle = build(catalog, CONFIG, others)
    with TemporaryDirectory() as folder:
        made = Path(folder) / "starter.oracle"
        save_bundle(made, bundle)
        found = traces(made)
        if found:
            raise SystemExit("not written:\n" + "\n".join(found))
        output.write_bytes(made.read_bytes())
    print(f"{output}: {output.stat().st_size / 1e6:.2f} MB")
    print(to.load_oracle(output).card)


def build(
    catalog: to.Catalog, config: to.TrainingConfig, others: Sequence[to.Catalog] = ()
) -> Bundle:
    """Train the starter oracle and judge it on catalogs that were collected otherwise.

    The groups it may not use still hold its folds apart.
    """
    oracle = to.train(without_rare_words(catalog), config=config)
    notes = (*oracle.report.notes, *(elsewhere(oracle, other) for other in others))
    report = replace(oracle.report, notes=notes)
    return replace(oracle.bundle, report=report, seen=Seen(np.empty(0, np.uint64)))


def elsewhere(oracle: to.Oracle, other: to.Catalog) -> str:
    """Say how well the oracle does on another catalog: what a genre means does not travel."""
    without_genres = replace(other, tracks=other.tracks.drop("genres", strict=False))
    whole, part = (oracle.evaluate(c, n_bootstrap=20) for c in (other, without_genres))
    return (
        f"Elsewhere: {other.card.name}, {whole.n_tracks:,} tracks not in the catalog: "
        f"{_scores(whole)}; without their genres {_scores(part)}."
    )


def _scores(evaluation: to.Evaluation) -> str:
    r2, order, held = (evaluation.overall[m].value for m in ("r2", "spearman", "coverage_90"))
    return f"R2 {r2:.2f}, Spearman {order:.2f}, 90 % intervals hold {held:.0%}"


def without_rare_words(catalog: to.Catalog) -> to.Catalog:
    """Leave out of the titles the frequent words of few artists: composers, works, series.

    Less frequent ones get no history anyway.
    """
    words = pl.col("track_name").str.to_lowercase().str.extract_all(r"[\p{L}\p{M}\p{N}]+")
    used = (
        catalog.tracks.select(words.alias("word"), artist=catalog.keys.first_artist)
        .explode("word")
        .group_by("word")
        .agg(pl.len().alias("n_tracks"), pl.col("artist").n_unique().alias("n_artists"))
    )
    rare = used.filter(pl.col("n_tracks") >= LEAST_TRACKS, pl.col("n_artists") < LEAST_ARTISTS)
    pattern = rf"(?i)\b(?:{'|'.join(rare['word'].drop_nulls())})\b"
    title = pl.col("track_name").str.replace_all(pattern, "")
    return replace(catalog, tracks=catalog.tracks.with_columns(title))


def traces(path: Path) -> list[str]:
    """List what a starter oracle must not carry, as far as this file carries it."""
    bundle = load_bundle(path)
    found = []
    if path.stat().st_size > MOST_BYTES:
        found.append(f"{path.stat().st_size:,} bytes, more than {MOST_BYTES:,}")
    if len(bundle.seen.hashes):
        found.append(f"hashes of {len(bundle.seen.hashes):,} marks of tracks")
    columns = [c.name for c in bundle.contract.columns if c.group in MASKED]
    if columns or set(MASKED) & set(bundle.recipe.groups):
        found.append(f"inputs of {' and '.join(MASKED)}: {', '.join(columns)}")
    facts, arrays = bundle.recipe.state()
    for i, fact in enumerate(facts):
        if f"{i}_hashes" not in arrays:
            continue
        if f"{i}_weights" not in arrays:
            found.append(f"hashes of which this check knows nothing: {fact['column']}")
        elif (arrays[f"{i}_weights"] < LEAST_TRACKS).any():
            found.append(f"history of {fact['column']} over fewer than {LEAST_TRACKS} recordings")
    if bundle.candidate != "lightgbm":
        found.append(f"a model of which this check knows nothing: {bundle.candidate}")
    return found + _by_member(path, most_values=bundle.catalog.n_recordings // 4)


def _by_member(path: Path, most_values: int) -> list[str]:
    """Look for arrays that may hold a value a track, and for texts that may hold ids."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".npy") and max(np.load(io.BytesIO(content)).shape) > most_values:
                found.append(f"nearly as many values as recordings: {name}")
            if name.endswith((".json", ".md")) and _ID.search(content):
                found.append(f"what looks like an id: {name}")
            counts = b" ".join(_LEAF_COUNTS.findall(content)) if name.startswith("model/") else b""
            if any(int(count) < LEAST_TRACKS for count in counts.split()):
                found.append(f"leaves of fewer than {LEAST_TRACKS} tracks: {name}")
    return found


if __name__ == "__main__":
    main()
