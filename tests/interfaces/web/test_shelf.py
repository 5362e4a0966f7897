"""Oracles that are loaded when one is first asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import trackoracle as to
from trackoracle.interfaces.web.shelf import Shelf


def test_an_oracle_is_loaded_once_and_only_when_asked_for(small_oracle: to.Oracle) -> None:
    asked: list[str] = []

    def load(name: str) -> to.Oracle:
        asked.append(name)
        return small_oracle

    shelf = Shelf({name: lambda name=name: load(name) for name in ("one", "two")})
    assert (list(shelf), len(shelf), "one" in shelf, "three" in shelf) == (
        ["one", "two"],
        2,
        True,
        False,
    )
    assert asked == []
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(shelf.__getitem__, ["one"] * 8))
    assert asked == ["one"]
    assert all(oracle is small_oracle for oracle in found)
