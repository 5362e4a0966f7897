"""Fit the networks and the random waves, in NumPy: the same bytes for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.estimating.regressors import Networks, RandomWaves, Scale, Values, sigmoid, waves_of

Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
ALPHAS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
WARM_SHARE = 0.3
"""The step grows over this share of the training, then falls to 0."""


@dataclass(frozen=True)
class NetworkSettings:
    """Size of the networks, and how long and how carefully they are trained."""

    n_networks: int = 4
    hidden: tuple[int, ...] = (128, 64)
    n_epochs: int = 30
    batch: int = 128
    step: float = 3e-3
    decay: float = 1e-2
    dropout: float = 0.25


def fit_networks(
    inputs: Values, targets: Values, weight: Values, settings: NetworkSettings, seed: int
) -> Networks:
    """Fit several networks that differ by their start and the order of the rows.

    Parameters
    ----------
    inputs
        Standardised, (n, k).
    targets
        In 0..1, (n, n_outputs); NaN where not known. Each weighs the same, whatever its spread.
    weight
        Of each row, (n,).
    settings, seed
        The same give the same networks.
    """
    fitted = [
        _fit_network(inputs, targets, weight, settings, np.random.default_rng([seed, i]))
        for i in range(settings.n_networks)
    ]
    parts = [
        tuple(np.stack(of) for of in zip(*layer, strict=True))
        for layer in zip(*fitted, strict=True)
    ]
    return Networks(tuple(w for w, _ in parts), tuple(b for _, b in parts))


def _fit_network(
    inputs: Values,
    targets: Values,
    weight: Values,
    settings: NetworkSettings,
    rng: np.random.Generator,
) -> list[Layer]:
    known = ~np.isnan(targets)
    x = inputs.astype(np.float32)
    y = np.where(known, targets, 0).astype(np.float32)
    n_known = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known.any(axis=0), y.sum(axis=0) / n_known, 0.5)
    spread = np.maximum(np.sqrt((known * (y - mean) ** 2).sum(axis=0) / n_known), 1e-3)
    pull = (known * weight[:, None] / weight.mean() / spread**2 / targets.shape[1]).astype(
        np.float32
    )
    layers = _start(x.shape[1], settings.hidden, mean, rng)
    adam = _Adam([part for layer in layers for part in layer], settings.decay)
    n_batches = -(-len(x) // settings.batch)
    n_steps, done = settings.n_epochs * n_batches, 0
    for _ in range(settings.n_epochs):
        for rows in np.array_split(rng.permutation(len(x)), n_batches):
            slopes = _slopes(layers, x[rows], y[rows], pull[rows], settings.dropout, rng)
            adam.step(slopes, settings.step * _height(done / n_steps))
            done += 1
    return layers


def _start(
    n_inputs: int, hidden: Sequence[int], mean: Values, rng: np.random.Generator
) -> list[Layer]:
    sizes = (n_inputs, *hidden, len(mean))
    layers = [
        (
            rng.uniform(-1, 1, (a, b)).astype(np.float32) / np.float32(np.sqrt(a)),
            np.zeros(b, np.float32),
        )
        for a, b in zip(sizes, sizes[1:], strict=False)
    ]
    bounded = np.clip(mean, 0.01, 0.99)
    layers[-1] = (
        layers[-1][0] * np.float32(0.3),
        np.log(bounded / (1 - bounded)).astype(np.float32),
    )
    return layers


def _height(done: float) -> float:
    if done < WARM_SHARE:
        return 0.04 + 0.96 * float(np.sin(0.5 * np.pi * done / WARM_SHARE) ** 2)
    return float(np.cos(0.5 * np.pi * (done - WARM_SHARE) / (1 - WARM_SHARE)) ** 2)


def _slopes(
    layers: Sequence[Layer],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    pull: NDArray[np.float32],
    dropout: float,
    rng: np.random.Generator,
) -> list[NDArray[np.float32]]:
    """Return the slope of the weighted squared error along every parameter, by the chain rule."""
    seen, bends, kept = [x], [], []
    for weight, bias in layers[:-1]:
        z = seen[-1] @ weight + bias
        s = sigmoid(z)
        keep = (rng.random(z.shape, np.float32) >= dropout) / np.float32(1 - dropout)
        seen.append(z * s * keep)
        bends.append(s * (1 + z * (1 - s)))
        kept.append(keep)
    out = sigmoid(seen[-1] @ layers[-1][0] + layers[-1][1])
    back = 2 * pull * (out - y) * out * (1 - out) / np.float32(len(x))
    slopes: list[NDArray[np.float32]] = []
    for i in range(len(layers) - 1, -1, -1):
        slopes = [seen[i].T @ back, back.sum(axis=0), *slopes]
        if i:
            back = (back @ layers[i][0].T) * bends[i - 1] * kept[i - 1]
    return slopes


class _Adam:
    """Adam with decoupled decay of the weights (Loshchilov and Hutter, 2019)."""

    def __init__(self, parameters: list[NDArray[np.float32]], decay: float) -> None:
        self.parameters = parameters
        self.decay = decay
        self.first = [np.zeros_like(p) for p in parameters]
        self.second = [np.zeros_like(p) for p in parameters]
        self.n = 0

    def step(self, slopes: Sequence[NDArray[np.float32]], size: float) -> None:
        """Move every parameter, in place."""
        self.n += 1
        a, b = 1 - 0.9**self.n, 1 - 0.999**self.n
        for p, slope, m, v in zip(self.parameters, slopes, self.first, self.second, strict=True):
            m += 0.1 * (slope - m)
            v += 0.001 * (slope * slope - v)
            p *= 1 - size * self.decay
            p -= size / a * m / (np.sqrt(v / b) + 1e-8)


def fit_waves(matrix: Values, targets: Values, n_directions: int, seed: int) -> RandomWaves:
    """Fit a ridge regression on random waves; its penalty by generalised cross-validation.

    Parameters
    ----------
    matrix
        Inputs as they were measured, (n, k).
    targets
        (n, n_outputs); NaN where not known.
    n_directions, seed
        The same give the same answers.
    """
    scale = Scale.of(matrix)
    directions = _directions(matrix.shape[1], n_directions, np.random.default_rng(seed))
    waves = waves_of(scale.apply(matrix), directions)
    weight = np.zeros((waves.shape[1], targets.shape[1]))
    constant = np.zeros(targets.shape[1])
    known = ~np.isnan(targets)
    for pattern in {column.tobytes() for column in known.T}:
        rows = np.frombuffer(pattern, bool)
        outputs = [j for j in range(targets.shape[1]) if (known[:, j] == rows).all()]
        if rows.any():
            chosen = targets[np.ix_(rows, outputs)]
            constant[outputs] = chosen.mean(axis=0)
            weight[:, outputs] = _ridge(waves[rows], chosen - chosen.mean(axis=0))
    return RandomWaves(scale, directions, weight, constant)


def _directions(n_inputs: int, n_directions: int, rng: np.random.Generator) -> Values:
    """Draw directions whose waves make a Gaussian kernel; orthogonal ones err less (Yu, 2016)."""
    blocks = []
    for _ in range(-(-n_directions // n_inputs)):
        orthogonal, _ = np.linalg.qr(rng.standard_normal((n_inputs, n_inputs)))
        blocks.append(orthogonal * np.sqrt(rng.chisquare(n_inputs, n_inputs)))
    # The kernel's width: about the median distance of two rows of independent inputs.
    return np.concatenate(blocks, axis=1)[:, :n_directions] / np.sqrt(2 * n_inputs)


def _ridge(waves: Values, targets: Values) -> Values:
    size, basis = np.linalg.eigh(waves.T @ waves)
    size = np.maximum(size, 0)
    turned = waves @ basis
    along = turned.T @ targets
    squares = turned**2
    best: list[tuple[float, Values]] = []
    for alpha in ALPHAS:
        leverage = squares @ (1 / (size + alpha))
        left = targets - turned @ (along / (size + alpha)[:, None])
        error = ((left / np.maximum(1 - leverage, 1e-3)[:, None]) ** 2).mean(axis=0)
        answer = basis @ (along / (size + alpha)[:, None])
        if not best:
            best = [(error[j], answer[:, j]) for j in range(targets.shape[1])]
        best = [
            (error[j], answer[:, j]) if error[j] < least else (least, own)
            for j, (least, own) in enumerate(best)
        ]
    return np.stack([answer for _, answer in best], axis=1)
