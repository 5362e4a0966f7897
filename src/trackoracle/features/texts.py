"""Numbers that tell how a title, an album's name or an artist's name is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.features.hashing import FEW
from trackoracle.schema import InputGroup, distinct_texts, normal, normal_title

Values = NDArray[np.float64]
_LETTER = r"\p{L}"


def _count(pattern: str) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: text.str.count_matches(pattern)


def _share(pattern: str) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: text.str.count_matches(pattern) / text.str.count_matches(_LETTER)


SHAPES: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "length": lambda text: text.str.len_chars(),
    "n_words": _count(r"[\p{L}\p{M}\p{N}]+"),
    "n_digits": _count(r"\p{N}"),
    "n_accents": _count(r"[\x{c0}-\x{24f}]"),
    "n_signs": _count(r"[^\p{L}\p{M}\p{N}\s]"),
    "n_brackets": _count(r"[(\[]"),
    "n_dashes": _count(r" - "),
    "capitals": _share(r"\p{Lu}"),
    "latin": _share(r"[A-Za-z]"),
    "year": lambda text: text.str.extract(r"\b((?:19|20)\d\d)\b").cast(pl.Float64),
}
"""By name: characters, words ..., the shares of letters that are capital or Latin, and a year."""

_GROUPS: dict[str, InputGroup] = {"title": "metadata", "album": "release", "artist": "artist"}
_PAIRS = (("title", "album"), ("artist", "album"))


@dataclass(frozen=True)
class Text:
    """The distinct texts of n rows, and what is read from each.

    Parameters
    ----------
    name
        "title", "album" or "artist".
    read
        (k, m) `normal` forms, lists of `words`, the `recording` that a title names, and
        shapes, each under the text's name.
    place
        (n,) the place of each row's text among them.
    """

    name: str
    read: pl.DataFrame
    place: NDArray[np.int64]

    def column(self, what: str) -> pl.Series:
        """Return one of the things read: (k,)."""
        return self.read[f"{self.name}_{what}"]

    def numbers(self, shape: str) -> Values:
        """Return a shape of each row's text: (n,), NaN where it is missing."""
        return self.column(shape).to_numpy()[self.place]


def read_texts(texts: Mapping[str, pl.Series]) -> dict[str, Text]:
    """Read titles, albums' names and artists' names: (n,) each.

    Few are read in one query, since a query costs as much as some hundred rows.
    """
    if all(len(text) < FEW for text in texts.values()):
        asked = [expression for name in texts for expression in _reading(name)]
        read = pl.DataFrame(texts).select(asked) if texts else pl.DataFrame()
        return {name: Text(name, read, np.arange(len(text))) for name, text in texts.items()}
    found = {}
    for name, text in texts.items():
        distinct, place = distinct_texts(text)
        read = pl.DataFrame({name: distinct}).select(_reading(name))
        found[name] = Text(name, read, place)
    return found


@lru_cache
def _reading(name: str) -> tuple[pl.Expr, ...]:
    text = pl.col(name)
    read = {
        "normal": normal(text),
        "words": text.str.to_lowercase().str.extract_all(r"[\p{L}\p{M}\p{N}]+"),
        **({"recording": normal_title(text)} if name == "title" else {}),
        **{shape: how(text).cast(pl.Float64) for shape, how in SHAPES.items()},
    }
    return tuple(expression.alias(f"{name}_{what}") for what, expression in read.items())


def text_numbers(texts: Mapping[str, Text]) -> dict[str, tuple[InputGroup, Values]]:
    """Describe how texts are written.

    Parameters
    ----------
    texts
        Those of "title", "album" and "artist" (the first credit) that there are.

    Returns
    -------
    By name: the input group, and (n,) numbers, NaN where the text is missing.
    """
    numbers: dict[str, tuple[InputGroup, Values]] = {}
    for name, text in texts.items():
        for shape in SHAPES:
            numbers[f"{name}_{shape}"] = (_GROUPS[name], text.numbers(shape))
    for part, whole in _PAIRS:
        if {part, whole} <= texts.keys():
            same, within = _compared(texts[part], texts[whole])
            numbers[f"{part}_is_{whole}"] = ("release", same)
            numbers[f"{part}_in_{whole}"] = ("release", within)
    return numbers


def _compared(part: Text, whole: Text) -> tuple[Values, Values]:
    """Tell whether one normal form is the other, and whether it stands in it: (n,) each."""
    parts, wholes = (text.column("normal")[text.place] for text in (part, whole))
    if len(parts) < FEW:
        pairs = list(zip(parts.to_list(), wholes.to_list(), strict=True))
        known = [None not in pair for pair in pairs]
        same = [
            one == other if told else np.nan
            for told, (one, other) in zip(known, pairs, strict=True)
        ]
        within = [
            one in other if told else np.nan
            for told, (one, other) in zip(known, pairs, strict=True)
        ]
        return np.array(same, np.float64), np.array(within, np.float64)
    told = pl.DataFrame({"part": parts, "whole": wholes}).select(
        (pl.col("part") == pl.col("whole")).cast(pl.Float64).alias("same"),
        pl.col("whole").str.contains(pl.col("part"), literal=True).cast(pl.Float64).alias("within"),
    )
    return told["same"].to_numpy(), told["within"].to_numpy()
