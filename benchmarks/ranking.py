"""Whether the stated probability that one track of an album beats its neighbour holds.

Tracks are ordered by their expected popularity, out of fold; for each two neighbours it is told
with which probability the order is right: as `rank` tells it, by the joint distribution before it
was counted what such orders are worth, and as if tracks were independent. What is shared is
estimated on the tracks of one half of the artists and judged on those of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import trackoracle
from benchmarks.judging import KEPT, Court
from benchmarks.material import Material
from benchmarks.results import Claim, Line, Result
from trackoracle.distributions import SURE, Joint
from trackoracle.explanations import arrange
from trackoracle.schema import NOTHING, Popularity, Shared, SharedBy, Sharing
from trackoracle.settings import Settings
from trackoracle.training import TrainingConfig, shared_among, told_out_of_fold, workers

CANDIDATE = "lightgbm_bins"
PROTOCOLS = {"known_artist": True, "new_artist": False}
"""Under which protocol tracks of known, and of new artists are judged."""
BINS = (0.5, 0.55, 0.6, 2 / 3, 0.75, 0.85, 1.0)
STATED, JOINED, APART = "stated", "joint, not counted", "independent"
WAYS = (STATED, JOINED, APART)
"""As `rank` states it, by the joint distribution alone, and as if tracks were independent."""
CLOSE = 0.02
"""How far stated probabilities may be off on average."""
LEAST_IN_BIN = 50
LEAST_OF_ALBUM, MOST_OF_ALBUM = 3, 40
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
    figures: dict[str, Any] = {}
    with workers(Settings.from_environment().n_jobs) as pool:
        court = Court.of(catalog, Popularity(), kept, pool)
        for protocol, is_known in PROTOCOLS.items():
            half = _judged(court, config, protocol, is_known)
            for among in ("album", "artist"):
                pairs = _joined([side[among] for side in half])
                name = f"{protocol}, neighbours of one {among}"
                facts = {way: _facts(pairs, way) for way in WAYS}
                lines += _lines(name, pairs, facts)
                figures[name] = facts
            first = np.concatenate([side["first"] for side in half])
            figures[f"{protocol}, first of an album"] = {
                "n_albums": len(first),
                "told": first[:, 0].mean(),
                "true": first[:, 1].mean(),
                "chance": first[:, 2].mean(),
            }
            lines.append(_line_of_first(protocol, first))
    claims = tuple(
        Claim(
            f"{name}: stated probabilities miss by {facts[STATED]['missed']:.3f} on average, those "
            f"of independent tracks by {facts[APART]['missed']:.3f}",
            facts[STATED]["missed"] < facts[APART]["missed"] and facts[STATED]["missed"] < CLOSE,
        )
        for name, facts in figures.items()
        if STATED in facts
    )
    question = "of two neighbours, is the stated order right as often as it is said to be?"
    return Result("ranking", question, material.name, tuple(lines), claims, figures)


def _judged(
    court: Court, config: TrainingConfig, protocol: str, is_known: bool
) -> list[dict[str, Any]]:
    """Order the tracks of each half of the artists, by what is shared among the other half."""
    material, judgement = court.judgement(CANDIDATE, config, protocol)
    keys, n = material.keys, len(material.values)
    each = told_out_of_fold(material, judgement, CANDIDATE, np.arange(n))
    rows = judgement.scored
    rows = rows[judgement.knows_artist[rows] == is_known]
    rows = rows[np.unique(keys.recording[rows], return_index=True)[1]]
    half = np.random.default_rng(SEED).integers(0, 2, keys.first_artist.max() + 1)
    side_of = half[keys.first_artist]
    # Only within a fold do two tracks meet the same history, as when they are served.
    artist = keys.first_artist * len(judgement.folds) + judgement.fold_of
    done = []
    for side in (0, 1):
        own, other = rows[side_of[rows] == side], rows[side_of[rows] != side]
        by = shared_among(material, judgement, each.take, other, SEED)
        bare = SharedBy(Shared(by.artist.correlation), Shared(by.album.correlation))
        joints = {
            STATED: Joint(each, keys.first_artist, keys.album, Sharing(by, by)),
            JOINED: Joint(each, keys.first_artist, keys.album, Sharing(bare, bare)),
            APART: Joint(each, np.arange(n), keys.album, Sharing(NOTHING, NOTHING)),
        }
        found: dict[str, Any] = {}
        for among, group in (("album", keys.album), ("artist", artist)):
            first, second = _neighbours(each.mean, group, own)
            # Of an artist's tracks, those on one album are judged with the albums.
            apart = keys.album[first] != keys.album[second]
            chosen = apart if among == "artist" else ~apart
            first, second = first[chosen], second[chosen]
            truth = np.sign(material.values[first] - material.values[second])
            stated = {way: joint.p_better(first, second) for way, joint in joints.items()}
            found[among] = Pairs(stated, (truth + 1) / 2, keys.first_artist[first])
        found["first"] = _firsts(material.values, each.mean, keys.album, own, joints[STATED])
        done.append(found)
    return done


def _firsts(values: Values, mean: Values, album: Rows, rows: Rows, joint: Joint) -> Values:
    """Return for the first of each album: P(best) as stated, whether it is, and chance: (m, 3)."""
    rows = rows[np.argsort(album[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(album[rows], prepend=-1))
    found = []
    for part in np.split(rows, starts[1:]):
        if LEAST_OF_ALBUM <= len(part) <= MOST_OF_ALBUM:
            arranged = arrange(
                mean[part], lambda a, b, part=part: joint.p_better(part[a], part[b]), SURE
            )
            own = values[part][arranged.order]
            best = own == own.max()
            found.append((arranged.p_best[0], best[0] / best.sum(), 1 / len(part)))
    return np.array(found)


def _neighbours(mean: Values, group: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Return neighbours in the order of each group by expected popularity, the better first."""
    rows = rows[np.lexsort((-mean[rows], group[rows]))]
    together = np.flatnonzero(group[rows][1:] == group[rows][:-1])
    return rows[together], rows[together + 1]


def _joined(parts: list[Pairs]) -> Pairs:
    return Pairs(
        {way: np.concatenate([part.stated[way] for part in parts]) for way in WAYS},
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


def _facts(pairs: Pairs, way: str) -> dict[str, Any]:
    stated = pairs.stated[way]
    bins = []
    for low, high in pairwise(BINS):
        inside = (stated >= low) & (stated <= high if high == 1 else stated < high)
        if inside.sum() >= LEAST_IN_BIN:
            right = _interval(pairs.right[inside], pairs.artist[inside])
            bins.append(
                {
                    "low": low,
                    "high": high,
                    "n": int(inside.sum()),
                    "stated": float(stated[inside].mean()),
                    "right": right,
                }
            )
    n_all = sum(b["n"] for b in bins)
    return {
        "n_pairs": len(stated),
        "off": _interval(stated - pairs.right, pairs.artist),
        "missed": sum(b["n"] * abs(b["stated"] - b["right"][0]) for b in bins) / max(n_all, 1),
        "brier": float(((stated - pairs.right) ** 2).mean()),
        "bins": bins,
    }


def _lines(name: str, pairs: Pairs, facts: dict[str, Any]) -> list[Line]:
    lines = [Line(name, {"pairs": f"{len(pairs.right):,}"})]
    for way in WAYS:
        told = facts[way]
        value, low, high = told["off"]
        cells = {
            "stated - right": f"{value:+.3f} ({low:+.3f} to {high:+.3f})",
            "missed by": f"{told['missed']:.3f}",
            "Brier": f"{told['brier']:.4f}",
        }
        lines.append(Line(f"  {way}", cells))
        lines += [
            Line(
                f"    {b['low']:.2f} to {b['high']:.2f}",
                {
                    "pairs": f"{b['n']:,}",
                    "stated": f"{b['stated']:.3f}",
                    "right": "{:.3f} ({:.3f} to {:.3f})".format(*b["right"]),
                },
            )
            for b in told["bins"]
        ]
    return lines


def _line_of_first(protocol: str, first: Values) -> Line:
    stated, right, chance = first.mean(axis=0)
    return Line(
        f"{protocol}, the first of {len(first):,} albums is the best (chance {chance:.3f})",
        {"stated": f"{stated:.3f}", "right": f"{right:.3f}"},
    )
