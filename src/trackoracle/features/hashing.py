"""Texts and lists of texts become lists of hashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import Ragged, entries, text_hashes

_JOIN = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 over the golden ratio, as in Fibonacci hashing


def hashed(texts: Sequence[str | None]) -> Ragged:
    """Hash texts: n lists of one, or of none where it is missing.

    Examples
    --------
    >>> hashed(["a", None, "a"]).lengths.tolist()
    [1, 0, 1]
    """
    known = [text for text in texts if text is not None]
    return Ragged.of(text_hashes(known), np.array([text is not None for text in texts], bool))


def hashed_lists(texts: pl.Series) -> Ragged:
    """Hash lists of text: n lists.

    Examples
    --------
    >>> hashed_lists(pl.Series([["a", "b"], None, ["a"]])).lengths.tolist()
    [2, 0, 1]
    """
    flat, lengths = entries(texts)
    return Ragged.of(text_hashes(flat), lengths)


def phrases(words: Ragged) -> Ragged:
    """Return the words and the pairs of neighbouring words of each row, each once, rising.

    Parameters
    ----------
    words
        n lists of hashes, in the order of the text.
    """
    follows = words.rows[1:] == words.rows[:-1]
    pairs = joined(words.values[:-1], words.values[1:])[follows]
    rows = np.concatenate([words.rows, words.rows[:-1][follows]])
    values = np.concatenate([words.values, pairs])
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    first = np.ones(len(rows), bool)
    first[1:] = (rows[1:] != rows[:-1]) | (values[1:] != values[:-1])
    return Ragged.of(values[first], np.bincount(rows[first], minlength=len(words)))


def joined(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.uint64]:
    """Hash two hashes to one; their order counts."""
    turned = (other << np.uint64(31)) | (other >> np.uint64(33))
    return np.asarray(one * _JOIN ^ turned, np.uint64)
