"""The oracles of an app, each loaded when a page first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle


class Shelf(Mapping[str, "Oracle"]):
    """Oracles that are loaded when one is first asked for.

    Parameters
    ----------
    loads
        By name, what loads it.
    """

    def __init__(self, loads: Mapping[str, Callable[[], Oracle]]) -> None:
        self._loads, self._loaded, self._lock = dict(loads), dict[str, "Oracle"](), Lock()

    def __getitem__(self, name: str) -> Oracle:
        """Return an oracle; who comes while it is being loaded waits for it."""
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = self._loads[name]()
            return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether there is one of that name, and load nothing."""
        return name in self._loads

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._loads)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._loads)
