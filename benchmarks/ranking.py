"""Whether the stated probability that one track of an album beats its neighbour holds.

Tracks are ordered by their expected popularity, out of fold; for each two neighbours it is told
with which probability the order is right: by the copula in which tracks of one artist and album
share what is not known, and as if they were independent. What is shared is estimated on the
tracks of one half of the artists and judged on those of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import trackoracle
from benchmarks.judging import KEPT, Court
from benchmarks.material import Material
from benchmarks.results import Claim, Line, Result
from trackoracle.distributions import Distribution, Joint
from trackoracle.schema import Popularity, Shared
from trackoracle.settings import Settings
from trackoracle.training import (
    TrainingConfig,
    distributions,
    levels_out_of_fold,
    shared_among,
    workers,
)

CANDIDATE = "lightgbm_bins"
PROTOCOLS = {"known_artist": True, "new_artist": False}
"""Under which protocol tracks of known, and of new artists are judged."""
BINS = (0.5, 0.55, 0.6, 2 / 3, 0.75, 0.85, 1.0)
JOINED, APART = "joint", "independent"
SEED, N_BOOTSTRAP = 0, 1000
Values = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Neighbours in the order of an album or of an artist's tracks.

    Parameters
    ----------
    stated
        By way of joining, (m,) probability that the order is right.
    right
        (m,) whether it is; a tie counts half.
    artist
        (m,) code of the artist.
    """

    stated: dict[str, Values]
    right: Values
    artist: Rows


def run(material: Material, kept: Path = KEPT, config: TrainingConfig | None = None) -> Result:
    """Judge the order of albums, and of artists' tracks, under both protocols."""
    config = config or TrainingConfig()
    catalog = trackoracle.load_catalog(material.path)
    lines: list[Line] = []
    figures = {}
    off = {}
    with workers(Settings.from_environment().n_jobs) as pool:
        court = Court.of(catalog, Popularity(), kept, pool)
        for protocol, is_known in PROTOCOLS.items():
            for among in ("album", "artist"):
                pairs, shared = _pairs(court, config, protocol, is_known, among)
                name = f"{protocol}, tracks of an {among}"
                lines += _lines(name, pairs, shared)
                facts = {way: _facts(pairs, way) for way in (JOINED, APART)}
                figures[name] = {"shared": [vars(s) for s in shared], **facts}
                off |= {(name, way): facts[way]["off"] for way in (JOINED, APART)}
    cases = list(dict.fromkeys(name for name, _ in off))
    claims = tuple(
        Claim(
            f"{name}: the joint probabilities are off by {_off(off[name, JOINED])}, the "
            f"independent ones by {_off(off[name, APART])}",
            abs(off[name, JOINED][0]) < abs(off[name, APART][0])
            and off[name, JOINED][1] <= 0 <= off[name, JOINED][2],
        )
        for name in cases
    )
    question = "of two neighbours, is the stated order right as often as it is said to be?"
    return Result("ranking", question, material.name, tuple(lines), claims, figures)


def _pairs(
    court: Court, config: TrainingConfig, protocol: str, is_known: bool, among: str
) -> tuple[Pairs, list[Shared]]:
    """Order the tracks of each album or artist; each half of artists by the other's correlation."""
    material, judgement = court.judgement(CANDIDATE, config, protocol)
    keys, n = material.keys, len(material.values)
    below, at_most, rows = levels_out_of_fold(material, judgement, CANDIDATE)
    rows = rows[judgement.knows_artist[rows] == is_known]
    rows = rows[np.unique(keys.recording[rows], return_index=True)[1]]
    table = np.full((n, len(material.target.support)), np.nan, np.float64)
    for own, distribution in distributions(material, judgement, CANDIDATE):
        table[own] = distribution.cumulative
    each = Distribution(material.target.support, table, judgement.knows_artist)
    half = np.random.default_rng(SEED).integers(0, 2, keys.first_artist.max() + 1)
    group = keys.album if among == "album" else keys.first_artist
    parts, found = [], []
    for side in (0, 1):
        own = rows[half[keys.first_artist[rows]] == side]
        other = rows[half[keys.first_artist[rows]] != side]
        shared = shared_among(material, below, at_most, other, SEED)
        found.append(shared)
        joint = Joint(
            each, keys.first_artist, keys.album, np.full(n, shared.artist), np.full(n, shared.album)
        )
        first, second = _neighbours(each.mean, group, own)
        # Of an artist's tracks, those on one album are judged with the albums.
        if among == "artist":
            apart = keys.album[first] != keys.album[second]
            first, second = first[apart], second[apart]
        truth = material.values[first] - material.values[second]
        independent = Joint(each, np.arange(n), keys.album, np.zeros(n), np.zeros(n))
        parts.append(
            Pairs(
                {
                    JOINED: joint.p_better(first, second),
                    APART: independent.p_better(first, second),
                },
                (np.sign(truth) + 1) / 2,
                keys.first_artist[first],
            )
        )
    return _joined(parts), found


def _neighbours(mean: Values, group: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Return neighbours in the order of each group by expected popularity, the better first."""
    rows = rows[np.lexsort((-mean[rows], group[rows]))]
    together = np.flatnonzero(group[rows][1:] == group[rows][:-1])
    return rows[together], rows[together + 1]


def _joined(parts: list[Pairs]) -> Pairs:
    return Pairs(
        {way: np.concatenate([part.stated[way] for part in parts]) for way in (JOINED, APART)},
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.artist for part in parts]),
    )


def _interval(values: Values, artist: Rows) -> tuple[float, float, float]:
    """Return a mean and its 95 % interval, whole artists resampled."""
    codes = np.unique(artist, return_inverse=True)[1]
    total, count = np.bincount(codes, values), np.bincount(codes)
    random = np.random.default_rng(SEED)
    draws = []
    for _ in range(N_BOOTSTRAP):
        weight = np.bincount(random.integers(0, len(count), len(count)), None, len(count))
        draws.append((weight @ total) / (weight @ count))
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


def _facts(pairs: Pairs, way: str) -> dict[str, object]:
    stated = pairs.stated[way]
    bins = []
    for low, high in pairwise(BINS):
        inside = (stated >= low) & (stated <= high if high == 1 else stated < high)
        if inside.sum() >= 50:
            right = _interval(pairs.right[inside], pairs.artist[inside])
            bins.append((low, high, int(inside.sum()), float(stated[inside].mean()), right))
    return {
        "n_pairs": len(stated),
        "stated": float(stated.mean()),
        "off": _interval(stated - pairs.right, pairs.artist),
        "brier": float(((stated - pairs.right) ** 2).mean()),
        "bins": bins,
    }


def _lines(name: str, pairs: Pairs, shared: list[Shared]) -> list[Line]:
    by = " / ".join(f"{s.artist:.2f}, {s.album:.2f}" for s in shared)
    lines = [Line(f"{name} (artist, album {by})", {"pairs": f"{len(pairs.right):,}"})]
    for way in (JOINED, APART):
        facts = _facts(pairs, way)
        cells = {"stated - right": _off(facts["off"]), "Brier": f"{facts['brier']:.4f}"}
        lines.append(Line(f"  {way}", cells))
        for low, high, n, stated, right in facts["bins"]:
            lines.append(
                Line(
                    f"    {low:.2f} to {high:.2f}",
                    {
                        "pairs": f"{n:,}",
                        "stated": f"{stated:.3f}",
                        "right": f"{right[0]:.3f} ({right[1]:.3f} to {right[2]:.3f})",
                    },
                )
            )
    return lines


def _off(interval: object) -> str:
    value, low, high = interval  # type: ignore[misc]
    return f"{value:+.3f} ({low:+.3f} to {high:+.3f})"
