"""What an oracle answers for tracks: the columns of `predict`, read from their distribution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.distributions import Calibration, Distribution, at_base_rate
from trackoracle.errors import ConfigError
from trackoracle.features import prepare
from trackoracle.models import answer_shape
from trackoracle.oracle.uncertain import N_DRAWS, draw, estimated, estimated_columns
from trackoracle.schema import INPUT_GROUPS, CheckedTracks, Contract, Hit, Popularity, Tier

CHUNK = 131_072
"""Tracks prepared at a time, which bounds memory; text that repeats within is worked on once."""
BATCH = 16_384
"""Tracks answered at a time: their inputs and distributions fit the processor's cache."""
LEAST_SHARED = 256
"""Fewer tracks are predicted sooner by one core alone."""
UNKNOWN_ARTIST = "No credited artist is in the oracle's history: judged as a new artist."
NO_INPUT = "Nothing is known of this track: the answer is what tracks get in general."

_GROUPS_PRESENT = [
    ";".join(group for i, group in enumerate(INPUT_GROUPS) if code >> i & 1)
    for code in range(2 ** len(INPUT_GROUPS))
]
Columns = dict[str, NDArray[Any]]


def answers(
    bundle: Bundle, checked: CheckedTracks, level: float, base_rate: float | None, n_jobs: int
) -> pl.DataFrame:
    """Return the columns of `predict`, but for the track's id, of n tracks.

    Parameters
    ----------
    level
        Of the intervals.
    base_rate
        The true share of hits, or None for the sample's.
    n_jobs
        Cores to use.
    """
    if len(checked.tracks) <= CHUNK:
        n_threads = n_jobs if len(checked.tracks) >= LEAST_SHARED else 1
        return _answer(checked, bundle, level, base_rate, n_threads)
    # A thread a chunk, model included: cores that share one chunk wait for each other.
    one = partial(_answer, bundle=bundle, level=level, base_rate=base_rate, n_threads=1)
    with ThreadPoolExecutor(n_jobs) as pool:
        return pl.concat(pool.map(one, _chunks(checked)))


def distributions_of(
    bundle: Bundle, tracks: pl.DataFrame, n_threads: int
) -> Iterator[Distribution]:
    """Yield the distributions of the target of checked tracks, a batch at a time.

    Of a track whose features were estimated: the mean over what they may really be.
    """
    if estimated_columns(tracks):
        for start in range(0, len(tracks), BATCH // N_DRAWS):
            drawn = draw(tracks[start : start + BATCH // N_DRAWS])
            asked = Distribution.joined(_distributions(bundle, drawn.tracks, n_threads))
            mean = drawn.mean(asked.cumulative)
            yield Distribution(asked.support, mean, asked.is_known[drawn.starts])
        return
    yield from _distributions(bundle, tracks, n_threads)


def distribution(bundle: Bundle, checked: CheckedTracks, n_threads: int) -> Distribution:
    """Return the distribution of popularity of n tracks, from which `predict` reads its answers.

    Where nothing is known of a track, it is the prior.
    """
    if not isinstance(bundle.target, Popularity):
        raise ConfigError(
            f"distribution: expected an oracle of popularity, got one of {bundle.target.name}, "
            "whose answers are all that it knows. Use predict."
        )
    each = Distribution.joined(distributions_of(bundle, checked.tracks, n_threads))
    nothing = _present(bundle.contract, checked.tracks, each.is_known) == 0
    return with_prior(bundle, each, nothing)


def with_prior(bundle: Bundle, each: Distribution, nothing: NDArray[np.bool_]) -> Distribution:
    """Return distributions with the prior where nothing is known of the track, as `predict`."""
    if bundle.prior is None or not nothing.any():
        return each
    cumulative = each.cumulative.copy()
    cumulative[nothing] = _prior(bundle.prior).cumulative
    return replace(each, cumulative=cumulative)


def _prior(prior: Calibration) -> Distribution:
    return prior.distribution(np.zeros(1), np.zeros(1, bool))


def _distributions(bundle: Bundle, tracks: pl.DataFrame, n_threads: int) -> Iterator[Distribution]:
    prepared = prepare(tracks, bundle.contract)
    is_known = bundle.recipe.knows_artist(prepared)
    for start in range(0, max(len(prepared), 1), BATCH):
        rows = np.arange(start, min(start + BATCH, len(prepared)))
        some = prepared.take(rows) if len(rows) < len(prepared) else prepared
        matrix = bundle.recipe.transform(some)
        if len(matrix):
            raw = bundle.model.predict(matrix, n_threads)
        else:  # libraries refuse to answer nothing
            raw = np.zeros((0, *answer_shape(bundle.candidate, bundle.target)))
        yield bundle.calibration.distribution(raw, is_known[rows], some.genres)


def stated_rate(bundle: Bundle, base_rate: float | None) -> float | None:
    """Return the true share of hits: the one given here, else the target's."""
    if not isinstance(bundle.target, Hit):
        if base_rate is not None:
            raise ConfigError(
                f"base_rate: expected an oracle of hits, got one of {bundle.target.name}, whose "
                "probabilities are those of its catalog. Leave it out."
            )
        return None
    if base_rate is None:
        return bundle.target.base_rate
    if bundle.sample_rate is None:
        raise ConfigError(
            "base_rate: expected an oracle that tells the share of hits in training, got one "
            "of an earlier version. Train it again."
        )
    return replace(bundle.target, base_rate=base_rate).base_rate


def probability_of_hit(
    bundle: Bundle, distribution: Distribution, base_rate: float | None
) -> NDArray[np.float64]:
    """Return the probability of a hit, of an oracle of hits, at a base rate: (n,)."""
    if base_rate is None or bundle.sample_rate is None:
        return distribution.mean
    return at_base_rate(distribution.mean, sample_rate=bundle.sample_rate, base_rate=base_rate)


def track_ids(checked: CheckedTracks, first_row: int = 1) -> pl.Series:
    """Return each track's id, or its row's number where it has none: (n,) text."""
    tracks = checked.tracks
    number = pl.Series("track_id", np.arange(first_row, first_row + len(tracks))).cast(pl.String)
    if "track_id" not in tracks.columns:
        return number
    return (
        tracks["track_id"].fill_null(number)
        if tracks["track_id"].null_count()
        else (tracks["track_id"])
    )


def _answer(
    checked: CheckedTracks, bundle: Bundle, level: float, base_rate: float | None, n_threads: int
) -> pl.DataFrame:
    told = distributions_of(bundle, checked.tracks, n_threads)
    return answers_from(bundle, checked, told, level, base_rate)


def answers_from(
    bundle: Bundle,
    checked: CheckedTracks,
    distributions: Iterable[Distribution],
    level: float,
    base_rate: float | None,
) -> pl.DataFrame:
    """Return the columns of `predict`, but for the track's id, read from the tracks' distributions.

    Parameters
    ----------
    distributions
        Of all n tracks, in their order, a batch at a time.
    """
    parts, is_known = [], []
    for distribution in distributions:
        parts.append(columns_of(bundle, distribution, level, base_rate))
        is_known.append(distribution.is_known)
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0]
    }
    known_artist = np.concatenate(is_known)
    present = _present(bundle.contract, checked.tracks, known_artist)
    nothing = present == 0
    if bundle.prior is not None and nothing.any():
        # Out of training's few rows without inputs, the model's own answer would be a guess.
        none = columns_of(bundle, _prior(bundle.prior), level, base_rate)
        for name, values in none.items():
            columns[name] = np.where(nothing, values, columns[name])
    columns["known"] = pl.Series([_GROUPS_PRESENT[code] for code in present.tolist()])
    columns["estimated"] = estimated(checked.tracks)
    columns["warning"] = _warning(bundle, checked, known_artist, nothing)
    return pl.DataFrame(columns)


def columns_of(
    bundle: Bundle, distribution: Distribution, level: float, base_rate: float | None
) -> Columns:
    """Read the answers of n tracks from their distribution."""
    columns: Columns = {}
    match bundle.target:
        case Popularity(hit_above=hit_above, tiers=edges):
            columns["popularity"] = distribution.mean
            columns["popularity_median"] = distribution.median
            low, high = distribution.interval(level)
            columns["popularity_low"], columns["popularity_high"] = low, high
            columns["p_hit"] = distribution.above(hit_above)
            for i, share in enumerate(distribution.tiers(edges).T):
                columns[f"p_tier_{i}"] = share
        case Hit():
            columns["p_hit"] = probability_of_hit(bundle, distribution, base_rate)
            columns["is_hit"] = columns["p_hit"] >= bundle.threshold
        case Tier(n_classes=n_tiers):
            p_tier = distribution.tiers(range(n_tiers - 1))
            columns["tier"] = p_tier.argmax(axis=1)
            columns |= {f"p_tier_{i}": share for i, share in enumerate(p_tier.T)}
    return columns


def _present(
    contract: Contract, tracks: pl.DataFrame, is_known: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Code the input groups that are present in each row; unknown artists are none: (n,)."""
    codes, given = np.zeros(len(tracks), np.int64), tracks.to_dict()
    for i, group in enumerate(INPUT_GROUPS):
        present = is_known if group == "artist" else np.zeros(len(tracks), bool)
        for column in contract.columns:
            if column.group == group and column.name != "artists" and not present.all():
                present = present | _there(given[column.name])
        codes |= present.astype(np.int64) << i
    return codes


def _warning(
    bundle: Bundle, checked: CheckedTracks, is_known: NDArray[np.bool_], nothing: NDArray[np.bool_]
) -> pl.Series:
    """Complete the warning of each row: (n,) text, empty where there is nothing to say."""
    said, tracks = checked.warnings, checked.tracks
    remarks: list[pl.Expr] = []
    if "artists" in bundle.contract.names:
        strange = ~is_known & _there(tracks["artists"])
        remarks += _where(strange, UNKNOWN_ARTIST)
    if bundle.novelty is not None:
        far = bundle.novelty.remarks(tracks)
        remarks += [pl.lit(far)] if far.null_count() < len(far) else []
    remarks += _where(nothing, NO_INPUT)
    if not remarks:
        return said
    first = pl.when(pl.lit(said) != "").then(pl.lit(said))
    joined = pl.concat_str([first, *remarks], separator=" ", ignore_nulls=True)
    return pl.select(joined.fill_null("")).to_series()


def _there(column: pl.Series) -> NDArray[np.bool_]:
    """Tell which values are not missing: (n,)."""
    n_missing = column.null_count()
    if n_missing in (0, len(column)):  # of a single track, sooner than a query of Polars
        return np.full(len(column), n_missing == 0)
    return column.is_not_null().to_numpy()


def _where(rows: NDArray[np.bool_], remark: str) -> list[pl.Expr]:
    return [pl.when(pl.lit(pl.Series(rows))).then(pl.lit(remark))] if rows.any() else []


def _chunks(checked: CheckedTracks) -> Iterator[CheckedTracks]:
    for start in range(0, len(checked.tracks), CHUNK):
        yield CheckedTracks(
            checked.tracks[start : start + CHUNK],
            checked.warnings[start : start + CHUNK],
            checked.notes,
        )
