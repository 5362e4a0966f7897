"""Estimators of audio features: descriptors of a recording in, features with errors out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.estimating.errors import Errors
from trackoracle.audio.estimating.estimates import Estimates
from trackoracle.audio.estimating.file import read_estimators, write_estimators
from trackoracle.audio.estimating.inputs import shared_inputs
from trackoracle.audio.estimating.members import Members
from trackoracle.audio.estimating.regressors import Networks, RandomWaves, Scale, Values
from trackoracle.audio.estimating.second import Second
from trackoracle.errors import RecordingError
from trackoracle.schema import ESTIMATED
from trackoracle.sealed import tampered

STARTER = Path(__file__).with_name("starter.estimators")
"""The estimators that ship with the package; tools/build_estimators.py makes them."""
SUFFIX = ".estimators"


class Described(Protocol):
    """What estimators ask of a recording."""

    def of(self, recipe: str) -> NDArray[np.float64]:
        """Return the descriptors of a recipe, a row a window of 30 s: (n_windows, k)."""


@dataclass(frozen=True)
class LoudnessMap:
    """Catalog loudness from a measured one: `constant + slope * LUFS`, both in dB.

    Parameters
    ----------
    constant, slope
        Of the line.
    error
        Standard deviation around it, dB.
    """

    constant: float
    slope: float
    error: float

    def catalog_loudness(self, lufs: float) -> float:
        """Return what catalogs call loudness of a recording with an integrated LUFS.

        Examples
        --------
        >>> LoudnessMap(2.0, 1.0, 1.5).catalog_loudness(-10.0)
        -8.0
        """
        return self.constant + self.slope * lufs


@dataclass(frozen=True)
class Estimators:
    """Fitted estimators.

    Parameters
    ----------
    recipes, columns
        What each source's descriptors are, and their names.
    names
        Of the shared inputs.
    members
        What answers for a window, by source.
    weight
        Of each source in the estimate of each feature, (n_sources, 7); NaN for a feature
        that was not learned.
    errors
        How wrong an estimate may be.
    loudness
        From LUFS to the catalogs' loudness; None where nothing was told of it.
    card
        Where they come from and how good they are, Markdown.
    facts
        Scores and settings, plain.
    second
        The second family, where it measured better.
    """

    recipes: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    members: Members
    weight: Values
    errors: Errors
    loudness: LoudnessMap | None
    card: str
    facts: dict[str, Any]
    second: Second | None = None

    @property
    def needs_log_mels(self) -> bool:
        """Whether a recording must be described with its log-mel spectrograms."""
        return self.second is not None

    def estimate(self, descriptors: Described) -> Estimates:
        """Estimate the features of one recording.

        A recipe's descriptors are averaged over the windows of 30 s, as whole recordings were
        described in training; its answer is averaged with the others' by how well each
        measured in cross-validation. Windows whose descriptors are no numbers are left out.

        Raises
        ------
        RecordingError
            Where no window could be described.
        """
        answers, n_windows = [], 0
        for i, recipe in enumerate(self.recipes):
            windows = np.asarray(descriptors.of(recipe), np.float64)
            windows = windows[np.isfinite(windows).all(axis=1)]
            n_windows = max(n_windows, len(windows))
            if len(windows):
                answers.append((i, self._answer(i, windows.mean(axis=0, keepdims=True))))
        if not answers:
            raise RecordingError(
                "recording: expected sound that can be described, got none (silence, or shorter "
                "than one frame). Give a recording with at least a second of sound."
            )
        places = [i for i, _ in answers]
        told, weight = np.stack([answer for _, answer in answers]), self.weight[places]
        if self.second is not None:
            told[0] = self.second.put_into(told[0], getattr(descriptors, "log_mels", ()))
        values = (told * weight).sum(axis=0) / weight.sum(axis=0)
        quantiles = self.errors.mixed(places, np.nan_to_num(told), np.nan_to_num(weight, nan=1.0))
        return Estimates(values, quantiles, self.errors.correlation, n_windows)

    def _answer(self, source: int, row: Values) -> Values:
        """Return one recipe's estimates from its descriptors, (1, k): (7,)."""
        _, matrix = shared_inputs(self.recipes[source], self.columns[source], row)
        inputs = np.full((1, len(self.names)), np.nan)
        inputs[:, self.members.own[source]] = matrix
        answer: Values = self.members.predict(inputs, source)[0]
        return answer

    def save(self, path: str | Path) -> None:
        """Write the estimators as one file, whole or not at all."""
        members = self.members
        parts: dict[str, Mapping[str, NDArray[Any]]] = {
            "scale": members.scale.arrays(),
            "networks": members.networks.arrays(),
            "errors": self.errors.arrays(),
            **{f"waves_{i}": own.arrays() for i, own in enumerate(members.waves)},
            **({} if self.second is None else {"second": self.second.arrays()}),
        }
        arrays = {f"{part}/{name}": a for part, of in parts.items() for name, a in of.items()}
        arrays["weight"] = np.nan_to_num(self.weight)
        loudness = self.loudness
        facts = {
            "recipes": self.recipes,
            "columns": self.columns,
            "names": self.names,
            "share": members.share,
            "learned": [
                name for j, name in enumerate(ESTIMATED) if not np.isnan(self.weight[0, j])
            ],
            "loudness": None
            if loudness is None
            else [loudness.constant, loudness.slope, loudness.error],
            "scores": self.facts,
        }
        write_estimators(Path(path), facts, arrays, self.card)


def load_estimators(path: str | Path | None = None) -> Estimators:
    """Load estimators; without a path those that ship with the package.

    Raises
    ------
    BundleError
        When the file is not whole estimators.
    """
    return _starter() if path is None else _read(Path(path))


@cache
def _starter() -> Estimators:
    """Read the package's own once: a folder of recordings asks for them again and again."""
    return _read(STARTER)


def _read(path: Path) -> Estimators:
    facts, arrays, card = read_estimators(path)
    try:
        return _rebuilt(facts, arrays, card)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise tampered(path, "estimators", f"parts that do not fit together ({error})") from error


def _rebuilt(facts: dict[str, Any], arrays: dict[str, NDArray[Any]], card: str) -> Estimators:
    def part(name: str) -> dict[str, NDArray[Any]]:
        return {
            key.removeprefix(f"{name}/"): a
            for key, a in arrays.items()
            if key.startswith(f"{name}/")
        }

    recipes = tuple(str(name) for name in facts["recipes"])
    columns = tuple(tuple(str(c) for c in own) for own in facts["columns"])
    names = tuple(str(name) for name in facts["names"])
    place = {name: j for j, name in enumerate(names)}
    own = tuple(
        np.array([place[n] for n in shared_inputs(recipe, of, np.zeros((1, len(of))))[0]])
        for recipe, of in zip(recipes, columns, strict=True)
    )
    members = Members(
        Scale.from_arrays(part("scale")),
        Networks.from_arrays(part("networks")),
        tuple(RandomWaves.from_arrays(part(f"waves_{i}")) for i in range(len(recipes))),
        own,
        float(facts["share"]),
    )
    learned = np.array([name in facts["learned"] for name in ESTIMATED])
    weight = np.where(learned, np.asarray(arrays["weight"], np.float64), np.nan)
    loudness = None if facts["loudness"] is None else LoudnessMap(*map(float, facts["loudness"]))
    errors = Errors.from_arrays(part("errors"))
    estimators = Estimators(
        recipes,
        columns,
        names,
        members,
        weight,
        errors,
        loudness,
        card,
        dict(facts["scores"]),
        Second.from_arrays(part("second")) if part("second") else None,
    )
    _try_out(estimators)
    return estimators


def _try_out(estimators: Estimators) -> None:
    """Answer once for nothing: parts of wrong shapes raise here and not at a user's recording."""
    for i, own in enumerate(estimators.columns):
        answer = estimators._answer(i, np.ones((1, len(own))))
        if answer.shape != estimators.weight[i].shape:
            raise ValueError(f"{len(answer)} features instead of {len(estimators.weight[i])}")
    sources, half = range(len(estimators.recipes)), np.full(estimators.weight.shape, 0.5)
    told = estimators.errors.mixed(sources, half, half)
    root = np.linalg.cholesky(estimators.errors.correlation)
    if len(told) != len(ESTIMATED) or root.shape != (len(ESTIMATED), len(ESTIMATED)):
        raise ValueError("errors of other features")


def error_correlation() -> Values:
    """Return how the errors of the features of `ESTIMATED` go together: (7, 7)."""
    return load_estimators().errors.correlation
