"""The second family: a network on log-mel spectrograms, kept where it measures better.

It is fitted in the same folds as the first, and answers a feature only where its squared
error is less beyond chance. Otherwise it is left out, and nobody needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.estimating.fitted_network import SpectrogramNetwork
from trackoracle.audio.estimating.labelled import Codes, Pool
from trackoracle.audio.estimating.layers import LogMel
from trackoracle.audio.estimating.network import SpectrogramNetworkSettings, fit_network
from trackoracle.audio.estimating.regressors import Arrays, Values
from trackoracle.errors import ConfigError
from trackoracle.schema import ESTIMATED

N_BOOTSTRAP = 400
_CONTENT = "content"


@dataclass(frozen=True)
class Second:
    """A fitted network, and the features that it answers.

    Parameters
    ----------
    network
        Its labels are the features of `learned`, in their order.
    learned, chosen
        Places in `ESTIMATED`: what it was fitted to, and what it answers.
    """

    network: SpectrogramNetwork
    learned: tuple[int, ...]
    chosen: tuple[int, ...]

    def put_into(self, values: Values, log_mels: Sequence[LogMel]) -> Values:
        """Replace the features that it answers, (7,), by the mean over windows.

        Raises
        ------
        ConfigError
            For a recording without spectrograms.
        """
        if not log_mels:
            raise ConfigError(
                "log_mels: expected spectrograms, which these estimators ask for, got none. "
                "Describe the recording with log_mels=True."
            )
        told, replaced = self.network.predict(log_mels).mean(axis=0), values.copy()
        for j in self.chosen:
            replaced[j] = told[self.learned.index(j)]
        return replaced

    def arrays(self) -> Arrays:
        """Return the parts to be written."""
        return {
            _CONTENT: np.frombuffer(self.network.to_bytes(), np.uint8),
            "learned": np.array(self.learned),
            "chosen": np.array(self.chosen),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Second:
        """Rebuild from the written parts; places that are none raise."""
        learned, chosen = (tuple(int(j) for j in arrays[n]) for n in ("learned", "chosen"))
        if not set(chosen) <= set(learned) <= set(range(len(ESTIMATED))):
            raise ValueError(f"features {chosen} of {learned}")
        content = np.asarray(arrays[_CONTENT], np.uint8).tobytes()
        return cls(SpectrogramNetwork.from_bytes(content), learned, chosen)


def judge_second(
    pool: Pool,
    folds: Sequence[tuple[Codes, Codes]],
    log_mels: Sequence[LogMel],
    settings: SpectrogramNetworkSettings | None,
    seed: int,
) -> Values:
    """Answer every row by a network that was fitted to the other folds: (n, 7)."""
    learned, told = _learned(pool), np.full(pool.labels.shape, np.nan)
    for train, test in folds:
        network = _fit(pool, train, learned, log_mels, settings, seed)
        told[np.ix_(test, np.array(learned))] = network.predict([log_mels[i] for i in test])
    return told


def better(first: Values, second: Values, truths: Values, group: Codes, seed: int) -> list[int]:
    """Return the features whose squared error is less in the second, beyond chance by artist."""
    gain = (first - truths) ** 2 - (second - truths) ** 2
    groups, code = np.unique(group, return_inverse=True)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), N_BOOTSTRAP)
    found = []
    for j in range(truths.shape[1]):
        known = np.flatnonzero(~np.isnan(gain[:, j]))
        sums = np.bincount(code[known], gain[known, j], len(groups))
        if len(known) and np.quantile(times @ sums, 0.025) > 0:
            found.append(j)
    return found


def fit_second(
    pool: Pool,
    chosen: Sequence[int],
    log_mels: Sequence[LogMel],
    settings: SpectrogramNetworkSettings | None,
    seed: int,
) -> Second:
    """Fit the network to all rows."""
    learned = _learned(pool)
    rows = np.arange(len(pool.labels))
    network = _fit(pool, rows, learned, log_mels, settings, seed)
    return Second(network, learned, tuple(chosen))


def _learned(pool: Pool) -> tuple[int, ...]:
    return tuple(np.flatnonzero(~np.isnan(pool.labels).all(axis=0)).tolist())


def _fit(
    pool: Pool,
    rows: Codes,
    learned: Sequence[int],
    log_mels: Sequence[LogMel],
    settings: SpectrogramNetworkSettings | None,
    seed: int,
) -> SpectrogramNetwork:
    labels = pool.labels[rows][:, list(learned)]
    return fit_network([log_mels[i] for i in rows], labels, pool.group[rows], seed, settings)
