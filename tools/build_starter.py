"""Rebuild the starter oracle that ships with the package, from the real 114k file.

It knows nothing of artists and releases, keeps no list of the tracks it was
trained on, and of genres, titles, words and phrases only those that many artists
use. Run it from the repository root:

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

import trackoracle as to
from trackoracle.artifact import STARTER, Bundle, Seen, load_bundle, save_bundle
from trackoracle.features import RecipeSettings
from trackoracle.settings import Settings

LEAST_HESSIAN = 5.5
"""A track adds at most 1/4 * 11/10 to the sum of a leaf (LightGBM's softmax over k >= 11 classes:
k / (k - 1) * p * (1 - p)), so that a leaf of this sum rests on 20 tracks. LightGBM's own
min_data_in_leaf counts by this sum too, and lets leaves of 3 tracks pass."""
MASKED = ("artist", "release")
LEAST = 20
"""What is kept of a word, a title, a genre or a leaf rests on as many tracks and artists."""
CONFIG = to.TrainingConfig(
    candidates=("lightgbm_bins",),
    without=MASKED,
    recipe=RecipeSettings(
        dropped_share=0.5,  # recordings alone are what a starter is asked most
        least_tracks=LEAST,
        least_named=LEAST,
        least_phrase=LEAST,
        least_artists=LEAST,
    ),
    # Without artists and releases there is more left to learn: larger trees, in smaller steps
    # (docs/candidates.md).
    params={
        "lightgbm_bins": {
            "n_trees": 110,
            "learning_rate": 0.1,
            "num_leaves": 63,
            "min_sum_hessian_in_leaf": LEAST_HESSIAN,
        }
    },
)
OTHERS = ("tidytuesday/spotify_songs.csv", "tracks-2021", "million-sample/spotify_data.csv")
MOST_BYTES = 4_000_000
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
    oracle = to.train(catalog, config=config)
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
    if bundle.config["recipe"]["least_artists"] < LEAST:
        found.append(f"names of fewer than {LEAST} artists")
    if bundle.background and any(g.n_tracks < LEAST for g in bundle.background.groups.values()):
        found.append(f"what fewer than {LEAST} tracks of a genre are like")
    if bundle.candidate != "lightgbm_bins":
        found.append(f"a model of which this check knows nothing: {bundle.candidate}")
    return found + _by_block(bundle) + _by_member(path, bundle)


def _by_block(bundle: Bundle) -> list[str]:
    """Look for names and phrases that too few tracks have."""
    found = []
    n = bundle.catalog.n_tracks
    most_rarity = np.log((1 + n) / (1 + LEAST)) + 1 + 1e-6  # as features/phrases.py has it
    facts, arrays = bundle.recipe.state()
    for i, fact in enumerate(facts):
        match fact["block"]:
            case "HistoryBlock":
                if (arrays[f"{i}_weights"] < LEAST).any():
                    found.append(f"history of {fact['column']} over fewer than {LEAST} recordings")
            case "PhraseBlock":
                if (arrays[f"{i}_rarity"] > most_rarity).any():
                    found.append(f"worth of {fact['column']} in fewer than {LEAST} tracks")
            case "RowBlock" | "MembershipBlock":
                continue
            case other:
                found.append(f"a block of which this check knows nothing: {other}")
    return found


def _by_member(path: Path, bundle: Bundle) -> list[str]:
    """Look for arrays that may hold a value a track, and for texts that may hold ids."""
    found = []
    most_values, n_support = bundle.catalog.n_recordings // 4, len(bundle.target.support)
    n_genres = len(bundle.contract["genres"].levels)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            n_values = max(np.load(io.BytesIO(content)).shape) if name.endswith(".npy") else 0
            if n_values > most_values:
                found.append(f"nearly as many values as recordings: {name}")
            most = n_genres if name.startswith("calibration/genres_") else n_support
            if name.startswith(("calibration/", "prior/")) and n_values > most:
                found.append(f"more values than the target or genres have: {name}")
            if name.endswith((".json", ".md")) and _ID.search(content):
                found.append(f"what looks like an id: {name}")
            counts = b" ".join(_LEAF_COUNTS.findall(content)) if name.startswith("model/") else b""
            if any(int(count) < LEAST for count in counts.split()):
                found.append(f"leaves of fewer than {LEAST} tracks: {name}")
    return found


if __name__ == "__main__":
    main()
