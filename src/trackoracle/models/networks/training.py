"""Train a network by torch: batch after batch of a matrix that is never copied.

One thread, and every draw from generators of its own that are made from the seed and the pass:
fits run side by side, a fit that goes on from a checkpoint is the one that was not interrupted,
and a seed gives the same bytes on one machine's processor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import threadpoolctl

from trackoracle.errors import DivergenceError
from trackoracle.models.networks.beginning import Examples
from trackoracle.models.networks.checkpoint import Checkpoint, Progress
from trackoracle.models.networks.forward import Library, forward, told
from trackoracle.models.networks.inputs import Inputs, Rows
from trackoracle.models.networks.settings import NetworkSettings
from trackoracle.models.networks.tensors import Arrays

_BLOCK = 8_192
"""Rows that are brought to the device at a time, and told of there: 40 MB of 250 inputs."""
_LEAST_STEPS, _LEAST_BATCH = 20, 32
"""Of few rows, batches are smaller, so that a pass has some steps."""
_MOMENTS = ("exp_avg", "exp_avg_sq")
_BETTER = 1e-5
"""By how much of the loss a pass must be better to count."""


def train(
    torch: ModuleType,
    device: str,
    examples: Examples,
    inputs: Inputs,
    arrays: Arrays,
    settings: NetworkSettings,
    seed: int,
    checkpoint: Checkpoint | None,
) -> Progress:
    """Go through the rows until the passes are over or those held back are answered no better.

    Raises
    ------
    DivergenceError
        When a loss is no number.
    """
    torch.get_num_threads()  # torch sets a thread's own number when first asked: before the limit
    with threadpoolctl.threadpool_limits(1):
        fit = _Fit(torch, device, examples, inputs, arrays, settings, seed)
        known = checkpoint.read() if checkpoint else None
        if known:
            fit.restore(known)
        while not fit.is_over:
            fit.go_through()
            if checkpoint:
                checkpoint.write(fit.progress())
        return fit.progress()


class _Fit:
    """A network in training, between two passes."""

    def __init__(
        self,
        torch: ModuleType,
        device: str,
        examples: Examples,
        inputs: Inputs,
        arrays: Arrays,
        settings: NetworkSettings,
        seed: int,
    ) -> None:
        self.torch, self.device, self.examples = torch, device, examples
        self.settings, self.seed = settings, seed
        self.library = Library(torch, torch.nn.functional.linear, torch.relu)
        self.inputs = _on_device(torch, device, inputs)
        self.fixed = {name: self._tensor(array) for name, array in inputs.arrays().items()}
        # Copies, since a tensor on the processor shares the memory of its array.
        self.arrays = {n: self._tensor(a.copy()).requires_grad_() for n, a in arrays.items()}
        self.best = arrays
        self.learned: list[float] = []
        self.held: list[float] = []
        n = len(examples.learned)
        self.batch_size = min(settings.batch_size, max(_LEAST_BATCH, n // _LEAST_STEPS))
        decay = settings.weight_decay
        arrays_of: dict[bool, list[Any]] = {True: [], False: []}
        for name, array in self.arrays.items():
            decays = decay > 0 and name.startswith("layers") and array.ndim > 1
            arrays_of[decays].append(array)
        groups = [
            {"params": found, "weight_decay": decay if decays else 0.0}
            for decays, found in arrays_of.items()
            if found
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)

    @property
    def kept(self) -> int:
        """The pass whose weights are the best, from 1: the last one where none is held back."""
        if not self.held:
            return len(self.learned)
        best = 0
        for i, loss in enumerate(self.held):
            if loss < self.held[best] - _BETTER * abs(self.held[best]):
                best = i
        return best + 1

    @property
    def is_over(self) -> bool:
        """Whether all passes are done, or the last ones answered no better."""
        n_done = len(self.learned)
        if self.held and n_done - self.kept >= self.settings.patience:
            return True
        return n_done >= self.settings.n_epochs

    def go_through(self) -> None:
        """Learn from every row once, in an order of this pass, and look at those held back."""
        number = len(self.learned)
        order = np.random.default_rng([self.seed, 1, number]).permutation(self.examples.learned)
        drawn = np.random.default_rng([self.seed, 2, number]).integers(2**62)
        generator = self.torch.Generator(self.device).manual_seed(int(drawn))
        self.learned.append(self._learn(order, generator))
        if len(self.examples.held):
            self.held.append(self._judge())
        losses = [part[-1] for part in (self.learned, self.held) if part]
        if not all(map(math.isfinite, losses)):
            raise DivergenceError(
                f"network: expected a loss that is a number, got {losses[-1]} (pass {number + 1}, "
                f"learning_rate {self.settings.learning_rate:g}). Lower learning_rate, or look "
                "for values far out of range with: trackoracle check CATALOG",
                epoch=number + 1,
            )
        if self.kept == len(self.learned):
            self.best = self._weights()

    def _learn(self, order: Rows, generator: Any) -> float:
        """Take a step for each batch; return the mean loss over the rows."""
        torch, keep = self.torch, 1 - self.settings.dropout

        def drop(out: Any) -> Any:
            if keep == 1:
                return out
            noise = torch.rand(out.shape, generator=generator, device=self.device)
            return out * (noise < keep) / keep

        n_steps = -(-len(order) // self.batch_size)
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        for step, (parts, target, weight) in enumerate(self._batches(order, self.batch_size)):
            self._set_rate((len(self.learned) + step / n_steps) / self.settings.n_epochs)
            loss = self._loss(parts, target, weight, drop)
            self.optimiser.zero_grad(set_to_none=True)
            (loss / weight.sum()).backward()
            self.optimiser.step()
            total += loss.detach()
        return float(total) / float(self.examples.weight[order].sum())

    def _judge(self) -> float:
        """Return the mean loss over the rows held back, nothing dropped."""
        held, total = self.examples.held, 0.0
        with self.torch.no_grad():
            for parts, target, weight in self._batches(held, max(self.batch_size, 2_048)):
                total += float(self._loss(parts, target, weight, lambda out: out))
        return total / float(self.examples.weight[held].sum())

    def _batches(self, order: Rows, size: int) -> Iterator[tuple[list[Any], Any, Any]]:
        """Give what is told of rows, target and weight, a batch at a time, on the device."""
        per_block = max(_BLOCK // size, 1) * size
        kind = np.int64 if self.examples.task == "multiclass" else np.float32
        for start in range(0, len(order), per_block):
            rows = order[start : start + per_block]
            matrix = self._tensor(self.examples.matrix[rows])
            parts = told(self.library, self.fixed, self.inputs, matrix)
            target = self._tensor(self.examples.target[rows].astype(kind))
            weight = self._tensor(self.examples.weight[rows].astype(np.float32))
            for first in range(0, len(rows), size):
                own = slice(first, first + size)
                yield [part[own] for part in parts], target[own], weight[own]

    def _loss(self, parts: list[Any], target: Any, weight: Any, drop: Callable[[Any], Any]) -> Any:
        """Return the sum of each row's loss times its weight."""
        functional = self.torch.nn.functional
        out = forward(self.library, self.arrays, parts, self.settings.activation, drop)
        if self.examples.task == "regression":
            return (weight * (out[:, 0] - target) ** 2).sum()
        if self.examples.task == "binary":
            return functional.binary_cross_entropy_with_logits(
                out[:, 0], target, weight, reduction="sum"
            )
        return (weight * functional.cross_entropy(out, target, reduction="none")).sum()

    def _set_rate(self, done: float) -> None:
        if self.settings.decays:
            for group in self.optimiser.param_groups:
                group["lr"] = self.settings.learning_rate * (1 + math.cos(math.pi * done)) / 2

    def _tensor(self, array: Any) -> Any:
        return self.torch.from_numpy(array).to(self.device)

    def _weights(self) -> Arrays:
        return {n: a.detach().cpu().numpy().copy() for n, a in self.arrays.items()}

    def progress(self) -> Progress:
        """Return all that training goes on from."""
        states = {name: self.optimiser.state[array] for name, array in self.arrays.items()}
        mean, square = (
            {name: state[kind].cpu().numpy().copy() for name, state in states.items()}
            for kind in _MOMENTS
        )
        return Progress(
            arrays=self._weights(),
            best=self.best,
            mean=mean,
            square=square,
            n_steps=max(int(state["step"]) for state in states.values()),
            learned=tuple(self.learned),
            held=tuple(self.held),
            kept=self.kept,
        )

    def restore(self, known: Progress) -> None:
        """Go on from there."""
        with self.torch.no_grad():
            for name, array in self.arrays.items():
                array.copy_(self._tensor(known.arrays[name]))
                step = self.torch.tensor(float(known.n_steps), device=self.device)
                moments = (self._tensor(part[name]) for part in (known.mean, known.square))
                self.optimiser.state[array] = {
                    "step": step,
                    **dict(zip(_MOMENTS, moments, strict=True)),
                }
        self.best = known.best
        self.learned, self.held = list(known.learned), list(known.held)


def _on_device(torch: ModuleType, device: str, inputs: Inputs) -> Inputs:
    """Return the inputs with places that torch takes."""

    def places(found: Any) -> Any:
        return torch.from_numpy(found).to(device)

    return replace(
        inputs,
        numbers=places(inputs.numbers),
        tells_missing=places(inputs.tells_missing),
        categories=tuple(map(places, inputs.categories)),
    )
