"""How a model's inputs add up, on the scale on which they do: what explanations start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Link = Literal["identity", "logit", "softmax"]
Values = NDArray[np.float64]
Inputs = NDArray[np.float32]


@dataclass(frozen=True)
class Additive:
    """A part of a model, whose margins are exact sums of what each input contributes.

    A model's raw answer is the sum of its parts' answers, each times its weight.

    Parameters
    ----------
    link
        From margins to the part's answer: the number itself, a probability of a hit, or
        probabilities of classes.
    base
        (m,) the margins that contributions count from.
    margins
        From (n, d) inputs and a number of threads to margins (n, m).
    contributions
        From (n, d) inputs, slopes (n, m) and a number of threads to (n, d): what each input
        contributes to the margins, times the slopes, summed over the margins. With slopes of
        one margin alone they add up to that margin less its base.
    spread
        (m, b) what each class's probability gives to each of the b answers; none where the
        answers are the classes.
    weight
        Of this part in the model.
    """

    link: Link
    base: Values
    margins: Callable[[Inputs, int], Values]
    contributions: Callable[[Inputs, Values, int], Values]
    spread: Values | None = None
    weight: float = 1.0
