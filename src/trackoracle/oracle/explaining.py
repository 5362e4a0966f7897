"""Why an oracle answers what it does: what inputs contribute, as people know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.errors import ConfigError, SourceError, examples_of
from trackoracle.explanations import (
    N_PAIRS,
    Attributed,
    Readout,
    attribute,
    feature_groups,
    interactions,
    log_odds,
    sampled,
    standard_error,
)
from trackoracle.features import origins, prepare
from trackoracle.oracle.answers import (
    LEAST_SHARED,
    answers_from,
    distributions_of,
    stated_rate,
    track_ids,
)
from trackoracle.oracle.uncertain import draw, estimated_columns
from trackoracle.schema import (
    CALIBRATION,
    UNITS,
    Attribution,
    Catalog,
    CheckedTracks,
    Explanation,
    Given,
    Hit,
    Interaction,
    Rows,
    Tier,
    as_polars,
    check_tracks,
    middles,
)
from trackoracle.settings import Settings

BATCH = 1024
"""Tracks explained at a time, which bounds memory."""
N_EXPLAINED = 16
"""Draws of a track with errors that are explained, each as long as a track without."""
_NOTHING = 1e-12
By = Literal["feature", "input"]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Explained:
    """Some tracks explained, as arrays.

    Parameters
    ----------
    checked
        The n tracks.
    matrix
        (n, d) model inputs.
    attributed
        What inputs contribute to raw answers.
    prediction
        (n,) calibrated, in the unit of the explanation.
    answers
        (n, k) what `predict` says.
    """

    checked: CheckedTracks
    matrix: NDArray[np.float32]
    attributed: Attributed
    prediction: Values
    answers: pl.DataFrame


class Explainer:
    """Explains what one oracle answers; what it needs of the model is laid out once.

    Parameters
    ----------
    bundle
        The oracle.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.origins = origins(bundle.recipe)
        self.features = feature_groups(self.origins)
        self.inputs = bundle.recipe.names
        self.unit = UNITS[bundle.target.name]
        self._parts = bundle.model.additive()
        self._readout = Readout(
            None if isinstance(bundle.target, Hit) else middles(bundle.target),
            isinstance(bundle.target, Hit),
        )

    @property
    def exact(self) -> bool:
        """Whether contributions are exact; else they are estimated by sampling."""
        return self._parts is not None

    def number(self, matrix: NDArray[np.float32], n_threads: int = 1) -> Values:
        """Return the raw answers that are explained, as one number a track: (n,)."""
        return self._readout.of(self.bundle.model.predict(matrix, n_threads))

    def attributed(
        self, matrix: NDArray[np.float32], n_pairs: int, seed: int, n_threads: int = 1
    ) -> Attributed:
        """Return what inputs (n, d) contribute to raw answers."""
        if self._parts is None:
            return sampled(self.number, matrix, n_pairs, seed)
        return attribute(self._parts, self._readout, matrix, n_threads)

    def batches(
        self,
        checked: CheckedTracks,
        *,
        level: float = 0.9,
        base_rate: float | None = None,
        n_pairs: int = N_PAIRS,
        seed: int = 0,
    ) -> Iterator[Explained]:
        """Explain tracks, `BATCH` at a time; parameters as of `Oracle.explain`."""
        n_jobs = Settings.from_environment().n_jobs
        n_threads = n_jobs if len(checked.tracks) >= LEAST_SHARED else 1
        rate = stated_rate(self.bundle, base_rate)
        for start in range(0, len(checked.tracks), BATCH):
            own = CheckedTracks(
                checked.tracks[start : start + BATCH],
                checked.warnings[start : start + BATCH],
                checked.notes,
            )
            prepared = prepare(own.tracks, self.bundle.contract)
            matrix = self.bundle.recipe.transform(prepared)
            if estimated_columns(own.tracks):
                told = [*distributions_of(self.bundle, own.tracks, n_threads)]
                attributed = self._on_average(own.tracks, n_pairs, seed, n_threads)
            else:
                raw = self.bundle.model.predict(matrix, n_threads)
                is_known = self.bundle.recipe.knows_artist(prepared)
                told = [self.bundle.calibration.distribution(raw, is_known, prepared.genres)]
                attributed = self.attributed(matrix, n_pairs, seed, n_threads)
            rows = answers_from(self.bundle, own, told, level, rate)
            yield Explained(own, matrix, attributed, self._predicted(rows), rows)

    def _on_average(
        self, tracks: pl.DataFrame, n_pairs: int, seed: int, n_threads: int
    ) -> Attributed:
        """Average what contributes over what tracks may really be: sums stay sums."""
        parts = []
        for start in range(0, len(tracks), BATCH // N_EXPLAINED):
            drawn = draw(tracks[start : start + BATCH // N_EXPLAINED], N_EXPLAINED)
            asked = self.bundle.recipe.transform(prepare(drawn.tracks, self.bundle.contract))
            of_all = self.attributed(asked, n_pairs, seed, n_threads)
            parts.append(of_all.map(drawn.mean))
        return Attributed.joined(parts)

    def frame(self, explained: Explained, ids: pl.Series, by: By) -> pl.DataFrame:
        """Return a row a track: prediction, baseline, and each feature's or input's part."""
        own = explained.attributed
        names, values = self.inputs, own.values
        if by == "feature":
            names, values = self.features.names, self.features.total(values)
        columns: dict[str, Any] = {"track_id": ids, "prediction": explained.prediction}
        columns["baseline"] = own.baseline
        columns |= dict(zip(names, np.ascontiguousarray(values.T), strict=True))
        columns[CALIBRATION] = explained.prediction - own.raw
        return pl.DataFrame(columns)

    def explanations(
        self, explained: Explained, ids: pl.Series, level: float, *, pairs: bool = False
    ) -> Iterator[Explanation]:
        """Yield the explanation of each track, with `pairs` also of pairs of columns."""
        own, features = explained.attributed, self.features
        totals, errors = features.total(own.values), features.error(own)
        input_errors = None if own.samples is None else standard_error(own.samples)
        tracks = explained.checked.tracks
        titles = tracks["track_name"] if "track_name" in tracks.columns else [None] * len(ids)
        answers = explained.answers.to_dicts()
        for i, given in enumerate(tracks.iter_rows(named=True)):
            moved = float(explained.prediction[i] - own.raw[i])
            known = [(name, _given(given, columns)) for name, columns in self._columns()]
            row = explained.matrix[i]
            told: list[tuple[str, Given]] = [
                (name, None if np.isnan(value) else float(value))
                for name, value in zip(self.inputs, row, strict=True)
            ]
            yield Explanation(
                track_id=ids[i],
                name=titles[i],
                target=self.bundle.target.name,
                unit=self.unit,
                prediction=float(explained.prediction[i]),
                baseline=float(own.baseline[i]),
                attributions=(
                    *_sorted(known, totals[i], None if errors is None else errors[i]),
                    *([Attribution(CALIBRATION, None, moved)] if abs(moved) > _NOTHING else []),
                ),
                inputs=tuple(
                    a
                    for a in _sorted(
                        told, own.values[i], None if input_errors is None else input_errors[i]
                    )
                    if a.contribution
                ),
                exact=self.exact,
                answer=answers[i],
                level=level,
                interactions=self._pairs(row) if pairs else None,
            )

    def _pairs(self, row: NDArray[np.float32]) -> tuple[Interaction, ...]:
        found = interactions(self.number, row, self.origins)
        return tuple(Interaction((one, other), told) for one, other, told in found)

    def _columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        return zip(self.features.names, self.features.columns, strict=True)

    def _predicted(self, rows: pl.DataFrame) -> Values:
        """Read the number that is explained from calibrated answers: (n,)."""
        match self.bundle.target:
            case Hit():
                return log_odds(rows["p_hit"].to_numpy())
            case Tier(n_classes=n_tiers):
                shares = rows.select(f"p_tier_{i}" for i in range(n_tiers)).to_numpy()
                expected: Values = shares @ np.arange(n_tiers)
                return expected
            case _:
                return rows["popularity"].to_numpy()


def explain_each(
    explainer: Explainer,
    tracks: Catalog | Rows,
    *,
    level: float,
    first_row: int,
    interactions: bool,
    **asked: Any,
) -> Iterator[Explanation]:
    """Yield the explanation of each track; see `Oracle.explain_each`."""
    frame, _ = as_polars(tracks.tracks if isinstance(tracks, Catalog) else tracks)
    if not 0 < level < 1:
        raise ConfigError(f"level: expected above 0 and below 1, got {level:g}. Try 0.9.")
    checked = _checked(explainer, frame, asked)
    ids, start = track_ids(checked, first_row), 0
    for explained in explainer.batches(checked, level=level, **asked):
        end = start + len(explained.prediction)
        own = ids[start:end]
        yield from explainer.explanations(explained, own, level, pairs=interactions)
        start = end


def explain_one(explainer: Explainer, track: Catalog | Rows, **asked: Any) -> Explanation:
    """Explain one track; see `Oracle.explain`."""
    frame, _ = as_polars(track.tracks if isinstance(track, Catalog) else track)
    if len(frame) != 1:
        raise SourceError(
            f"explain: expected one track, got {len(frame):,}. Give one, or use explain_each "
            "for each of several, or explain_all for a table of many."
        )
    return next(explain_each(explainer, frame, first_row=1, **asked))


def pick(explainer: Explainer, tracks: pl.DataFrame, track_id: str) -> pl.DataFrame:
    """Return the rows of one track; see `Oracle.pick`."""
    ids = track_ids(check_tracks(tracks, explainer.bundle.contract))
    rows = np.flatnonzero((ids == track_id).to_numpy())
    if len(rows):
        return tracks[rows]
    if track_id.isdecimal() and 1 <= int(track_id) <= len(ids):
        return tracks[int(track_id) - 1]
    raise SourceError(
        f"track: expected an id or a row from 1 to {len(ids):,}, got {track_id!r} (ids: "
        f"{examples_of(ids)}{' ...' if len(ids) > 3 else ''}). Give one of these."
    )


def explain_all(
    explainer: Explainer, tracks: pl.DataFrame, *, by: By, first_row: int, **asked: Any
) -> pl.DataFrame:
    """Return contributions of many tracks; see `Oracle.explain_all`."""
    if by not in ("feature", "input"):
        raise ConfigError(f"by: expected 'feature' or 'input', got {by!r}. Use 'feature'.")
    checked = _checked(explainer, tracks, asked)
    ids, start, parts = track_ids(checked, first_row), 0, []
    for explained in explainer.batches(checked, **asked):
        end = start + len(explained.prediction)
        parts.append(explainer.frame(explained, ids[start:end], by))
        start = end
    return pl.concat(parts)


def _checked(explainer: Explainer, tracks: pl.DataFrame, asked: dict[str, Any]) -> CheckedTracks:
    """Bring tracks to the contract, and refuse what cannot be asked before any work."""
    if not len(tracks):
        raise SourceError("explain: expected at least one track, got none. Give one.")
    if asked["n_pairs"] < 2:
        raise ConfigError(
            f"n_pairs: expected at least 2, to tell an error, got {asked['n_pairs']}. "
            f"Try {N_PAIRS}."
        )
    stated_rate(explainer.bundle, asked["base_rate"])
    return check_tracks(tracks, explainer.bundle.contract)


def _given(track: dict[str, Any], columns: tuple[str, ...]) -> Given:
    """Return what a track has in some columns; several as text, None where any is missing.

    What is told of several columns together is missing without any.
    """
    values = [track.get(column) for column in columns]
    if any(value is None or value == [] for value in values):
        return None
    if len(values) == 1 and isinstance(values[0], int | float):
        return float(values[0])
    return ", ".join(_text(value) for value in values)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sorted(
    given: list[tuple[str, Given]], contributions: Values, errors: Values | None
) -> list[Attribution]:
    """Put the largest contributions first, equal ones in the order of their names."""
    found = [
        Attribution(name, value, float(told), None if errors is None else float(errors[i]))
        for i, ((name, value), told) in enumerate(zip(given, contributions, strict=True))
    ]
    return sorted(found, key=lambda a: (-abs(a.contribution), a.feature))
