"""Rebuild the estimators that ship with the package, from the files of audio-pairs.

They keep no row, name or id: weights of networks and of random waves, quantiles of errors.
Run it from the repository root (about two minutes):

    TRACKORACLE_DATA=/path/to/data python -m tools.build_estimators
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.audio_pairs import FILES, read_pairs
from tools.catalog_loudness import find_loudness

from trackoracle.audio.describing.recipes import RECIPES
from trackoracle.audio.estimating.estimators import STARTER, Estimators, load_estimators
from trackoracle.audio.estimating.labelled import Part
from trackoracle.audio.estimating.training import train_estimators
from trackoracle.settings import Settings

MOST_BYTES = 2_000_000
CARD = Path(__file__).resolve().parent.parent / "docs" / "estimators.md"
SOURCES = (
    "Labels of FMA ids (files fma_*): Echo Nest features published with the FMA data set "
    "(Defferrard et al., 2017), CC BY 4.0; descriptors from public repositories, licence mostly "
    "unstated. Groups: releases, taken for ids at most 8 apart.",
    "Labels of the other files: Spotify features, from public repositories, licence mostly "
    "unstated. Groups: artists.",
    "Echo Nest and Spotify features are related, not identical; the estimate is between them.",
)
NOTES = (
    "spotify_loudest15s was published without instrumentalness above .5 and valence between .4 "
    "and .6, and its audio is the first video that a search found: its labels are noisy.",
    "Liveness is hardly told by these descriptors (R2 about 0 to .07), valence, "
    "instrumentalness and speechiness weakly: their intervals are wide for a reason.",
    "Scores are of one recipe at a time, as its file has it. A recording is answered by all "
    "recipes; their distributions are mixed, so that the interval is wider where they disagree.",
    "Descriptors are of clips of 30 s, labels of whole songs. Those of a long recording are "
    "averaged over its windows; what that gains over a clip could not be measured here.",
)


def main() -> None:
    """Read the arguments, train, check what came out, and put it in its place."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output", type=Path, nargs="?", default=STARTER, help="where to write it")
    output = parser.parse_args().output
    data = Settings.from_environment().data_folder
    if data is None:
        parser.error("set TRACKORACLE_DATA to the folder of the real files, see CONTRIBUTING")
    parts = read_pairs(data / "audio-pairs")
    recordings = sorted((data / "recordings" / "fma").glob("*.mp3"))
    estimators = build(parts, data / "audio-pairs", recordings)
    with TemporaryDirectory() as folder:
        made = Path(folder) / STARTER.name
        estimators.save(made)
        found = traces(made, parts)
        if found:
            raise SystemExit("not written:\n" + "\n".join(found))
        output.write_bytes(made.read_bytes())
    if output == STARTER:
        CARD.write_text(load_estimators(output).card, encoding="utf-8")
    print(f"{output}: {output.stat().st_size / 1e6:.2f} MB")


def build(parts: Sequence[Part], pairs: Path, recordings: Sequence[Path]) -> Estimators:
    """Train on all files, and find the map of loudness."""
    found = find_loudness(pairs, recordings)
    return train_estimators(
        parts,
        loudness=found.loudness,
        sources=(*SOURCES, f"Files: {', '.join(FILES)}."),
        notes=(*NOTES, found.note),
        progress=lambda done, n, last: print(f"{done}/{n} {last}", flush=True),
    )


def traces(path: Path, parts: Sequence[Part]) -> list[str]:
    """List what the file must not carry or lacks, as far as it does."""
    estimators = load_estimators(path)
    found = []
    if path.stat().st_size > MOST_BYTES:
        found.append(f"{path.stat().st_size:,} bytes, more than {MOST_BYTES:,}")
    for recipe, columns in zip(estimators.recipes, estimators.columns, strict=True):
        if columns != RECIPES[recipe]:
            found.append(f"{recipe}: columns in another order than its recipe computes them")
    sizes = {len(part.matrix) for part in parts} | {sum(len(part.matrix) for part in parts)}
    arrays = [a for waves in estimators.members.waves for a in (waves.directions, waves.weight)]
    arrays += [*estimators.members.networks.weights, estimators.errors.quantiles]
    if any(sizes & set(array.shape) for array in arrays):
        found.append("an array as long as a file")
    return found


if __name__ == "__main__":
    main()
