"""How much features weigh in an oracle's answers: by gain, attribution and permutation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.errors import ConfigError
from trackoracle.explanations import FeatureGroups, Resamples, feature_groups
from trackoracle.oracle.answers import answers
from trackoracle.oracle.explaining import Explainer
from trackoracle.schema import (
    Catalog,
    CheckedTracks,
    Coefficient,
    Estimate,
    FeatureImportance,
    Hit,
    Importance,
    Tier,
    check_tracks,
)
from trackoracle.settings import Settings

Values = NDArray[np.float64]
Rows = NDArray[np.int64]
Told = Callable[[int, int, str], None]
LEAST_PERMUTED = 30
_LEAST_PROBABILITY = 1e-6


def importance(
    explainer: Explainer,
    catalog: Catalog,
    *,
    n_tracks: int,
    n_permutations: int,
    seed: int,
    progress: Told,
) -> Importance:
    """Weigh features by some tracks; see `Oracle.importance`."""
    if n_permutations < 1 or n_tracks < 2:
        raise ConfigError(
            "importance: expected at least 1 permutation and 2 tracks, got "
            f"{n_permutations} and {n_tracks}. Try 3 and 1000."
        )
    bundle = explainer.bundle
    rows = _few(np.arange(len(catalog.tracks)), n_tracks, seed)
    attributed = _attributed(explainer, catalog.tracks[rows], seed)
    resamples = Resamples(catalog.keys.recording[rows], catalog.keys.weight[rows], seed=seed)
    judged, notes = _judged(bundle, catalog)
    permuted = _few(judged, n_tracks, seed)
    own = catalog.take(permuted) if len(permuted) else None
    groups = feature_groups([(group,) for group in bundle.recipe.groups])
    # What several columns tell together has no values of its own to deal.
    single = [list(c) if len(c) == 1 else [] for c in explainer.features.columns]
    within = [[c.name for c in bundle.contract.columns if c.group == g] for g in groups.names]
    names = [*explainer.features.names, *groups.names]
    told_of = iter(enumerate(names))

    def tell() -> None:
        done, name = next(told_of)
        progress(done, len(names), name)

    def weighed(of: FeatureGroups, together: list[list[str]]) -> tuple[FeatureImportance, ...]:
        sizes = resamples.means(np.abs(of.total(attributed)))
        lost = _lost(bundle, own, together, n_permutations, seed, tell)
        gains = _gains(bundle, of.place, len(of.names))
        told = map(FeatureImportance, of.names, gains, sizes, lost)
        return tuple(sorted(told, key=lambda f: (-f.attribution.value, f.feature)))

    return Importance(
        unit=explainer.unit,
        n_tracks=len(rows),
        n_permuted=len(permuted),
        features=weighed(explainer.features, single),
        groups=weighed(groups, within),
        notes=tuple(notes),
    )


def coefficients(explainer: Explainer) -> tuple[Coefficient, ...]:
    """Return a linear model's coefficients, largest first; see `Oracle.coefficients`."""
    model = explainer.bundle.model
    told = model.coefficients() if hasattr(model, "coefficients") else None
    if told is None:
        raise ConfigError(
            f"coefficients: expected an oracle of a linear model, got {explainer.bundle.candidate}"
            ". Use importance, or train with the candidate linear."
        )
    features = [explainer.features.names[i] for i in explainer.features.place]
    found = [
        Coefficient(name, feature, margin, float(weight))
        for margin, weights in enumerate(told)
        for name, feature, weight in zip(explainer.inputs, features, weights, strict=True)
    ]
    return tuple(sorted(found, key=lambda c: (-abs(c.per_deviation), c.input, c.margin)))


def _attributed(explainer: Explainer, tracks: pl.DataFrame, seed: int) -> Values:
    checked = check_tracks(tracks, explainer.bundle.contract)
    parts = [e.attributed.values for e in explainer.batches(checked, seed=seed)]
    return np.concatenate(parts)


def _gains(bundle: Bundle, place: Rows, n: int) -> list[float | None]:
    gains = bundle.model.gains()
    if gains is None:
        return [None] * n
    return [float(gains[place == i].sum()) for i in range(n)]


def _judged(bundle: Bundle, catalog: Catalog) -> tuple[Rows, list[str]]:
    """Return the rows by which answers are judged: labelled, and not seen in training."""
    names = {"hit": "hit" if bundle.target.to_dict().get("above") is None else "popularity"}
    column = names.get(bundle.target.name, "popularity")
    if column not in catalog.tracks.columns:
        return np.zeros(0, np.int64), [f"Not permuted: these tracks do not tell their {column}."]
    labelled = ~np.isnan(bundle.target.values(catalog.tracks))
    seen = bundle.seen.has(catalog.tracks) & labelled
    rows = np.flatnonzero(labelled & ~seen)
    if len(rows) < LEAST_PERMUTED:
        return np.zeros(0, np.int64), [
            f"Not permuted: {len(rows):,} labelled tracks were not seen in training "
            f"({int(seen.sum()):,} were), fewer than {LEAST_PERMUTED}. Use other tracks."
        ]
    notes = [f"{int(seen.sum()):,} tracks seen in training are not permuted."] if seen.any() else []
    if not bundle.seen.is_kept:
        notes.append("This oracle does not tell what it was trained on: it may have seen these.")
    return rows, notes


def _few(rows: Rows, most: int, seed: int) -> Rows:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _lost(
    bundle: Bundle,
    catalog: Catalog | None,
    together: Iterable[list[str]],
    n_permutations: int,
    seed: int,
    tell: Callable[[], None],
) -> list[dict[str, Estimate]]:
    """Return what is lost when columns are dealt anew, those of one feature together."""
    together = list(together)
    if catalog is None:
        return [{} for _ in together]
    tracks = check_tracks(catalog.tracks, bundle.contract).tracks
    truth, keys = bundle.target.values(catalog.tracks), catalog.keys
    resamples = Resamples(keys.recording, keys.weight, seed=seed)
    before = _losses(bundle, tracks, truth)
    found: list[dict[str, Estimate]] = []
    for columns in together:
        tell()
        given = [c for c in columns if tracks[c].null_count() < len(tracks)]
        if not given:
            found.append({})
            continue
        random = np.random.default_rng(seed)
        more = {name: np.zeros(len(truth)) for name in before}
        for _ in range(n_permutations):
            order = random.permutation(len(tracks))
            dealt = tracks.with_columns(tracks[order].select(given))
            for name, loss in _losses(bundle, dealt, truth).items():
                more[name] += (loss - before[name]) / n_permutations
        over = _scales(bundle, truth, keys.weight)
        found.append({name: resamples.ratios(more[name][:, None], over[name])[0] for name in more})
    return found


def _losses(bundle: Bundle, tracks: pl.DataFrame, truth: Values) -> dict[str, Values]:
    """Return each track's loss, by the metric that it is summed to."""
    blank = pl.Series("warning", [""]).new_from_index(0, len(tracks))
    n_jobs = Settings.from_environment().n_jobs
    rows = answers(bundle, CheckedTracks(tracks, blank, ()), 0.9, None, n_jobs)
    match bundle.target:
        case Hit():
            told = np.where(truth == 1, rows["p_hit"], 1 - rows["p_hit"])
        case Tier(n_classes=n_tiers):
            shares = rows.select(f"p_tier_{i}" for i in range(n_tiers)).to_numpy()
            told = shares[np.arange(len(truth)), truth.astype(np.int64)]
        case _:
            return {
                "r2": (rows["popularity"].to_numpy() - truth) ** 2,
                "mae": np.abs(rows["popularity_median"].to_numpy() - truth),
            }
    return {"log_loss": -np.log(np.maximum(told, _LEAST_PROBABILITY))}


def _scales(bundle: Bundle, truth: Values, weight: Values) -> dict[str, Values]:
    """Return what each summed loss is divided by: of R2 the spread of the truth."""
    one = np.ones(len(truth))
    spread = (truth - np.average(truth, weights=weight)) ** 2
    return {"r2": spread, "mae": one, "log_loss": one}
