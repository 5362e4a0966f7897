"""The k nearest of what is shown, each recording once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Rows = NDArray[np.int32]


@dataclass
class Nearest:
    """Keeps the k nearest recordings, each by its nearest track; ties go to the earlier row.

    Parameters
    ----------
    wanted
        How many recordings.
    recording
        (n,) the code of each row's recording.

    Examples
    --------
    >>> nearest = Nearest(2, np.array([0, 0, 1, 2], np.int32))
    >>> distances = np.array([0.3, 0.1, 0.2, 0.9], np.float32)
    >>> nearest.take(distances, np.arange(4, dtype=np.int32))
    0.20000000298023224
    >>> nearest.rows.tolist()
    [1, 2]
    """

    wanted: int
    recording: NDArray[np.int32]
    squared: Values = field(default_factory=lambda: np.empty(0, np.float32))
    rows: Rows = field(default_factory=lambda: np.empty(0, np.int32))

    @property
    def limit(self) -> float:
        """Beyond it no track would be kept."""
        return float(self.squared[-1]) if len(self.rows) == self.wanted else np.inf

    def take(self, squared: Values, rows: Rows) -> float:
        """Look at tracks (m,), and tell the limit; infinite distances are no tracks."""
        limit = self.limit
        fit = np.flatnonzero((squared <= limit) & (squared < np.inf))
        if len(fit):
            squared = np.concatenate([self.squared, squared[fit]])
            rows = np.concatenate([self.rows, rows[fit]])
            few = 4 * self.wanted + 64
            if len(rows) > few:
                # All that are as near as the last of a few, so that ties stay together.
                edge = np.partition(squared, few)[few]
                near = squared <= edge
                if not self._keep(squared[near], rows[near]):
                    self._keep(squared, rows)
            else:
                self._keep(squared, rows)
        return self.limit

    def _keep(self, squared: Values, rows: Rows) -> bool:
        """Keep the nearest of each recording; tell whether there are enough."""
        order = np.lexsort((rows, squared))
        first = np.unique(self.recording[rows[order]], return_index=True)[1]
        kept = order[np.sort(first)][: self.wanted]
        self.squared, self.rows = squared[kept], rows[kept]
        return len(kept) == self.wanted
