"""Texts and lists of texts become lists of hashes."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import Ragged, name_hashes

FEW = 1_000
"""Fewer rows are sooner read one by one than asked for in queries."""
_JOIN = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 over the golden ratio, as in Fibonacci hashing


def flattened(texts: pl.Series) -> tuple[pl.Series, NDArray[np.int64]]:
    """Return the entries of all rows, row after row (m,), and how many each has (n,).

    Parameters
    ----------
    texts
        (n,) lists of text, or text, of which a row has one or none.
    """
    is_list = texts.dtype != pl.String
    if len(texts) < FEW:
        rows = [(row if is_list else [row]) if row is not None else [] for row in texts.to_list()]
        entries = pl.Series([entry for row in rows for entry in row], dtype=pl.String)
        return entries, np.array([len(row) for row in rows], np.int64)
    known = texts.drop_nulls()
    if not is_list:
        return known, texts.is_not_null().to_numpy().astype(np.int64)
    lengths = texts.list.len().fill_null(0).to_numpy().astype(np.int64)
    return known.explode(empty_as_null=False), lengths


def hashed(texts: pl.Series) -> Ragged:
    """Hash lists of text, or text: n lists.

    Examples
    --------
    >>> hashed(pl.Series(["a", None, "a"])).lengths.tolist()
    [1, 0, 1]
    """
    entries, lengths = flattened(texts)
    return Ragged.of(name_hashes(entries), lengths)


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
