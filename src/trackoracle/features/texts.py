"""Numbers that tell how a title, an album's name or an artist's name is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import InputGroup, distinct_texts

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

_TEXTS: dict[str, tuple[str, InputGroup]] = {
    "title": ("track_name", "metadata"),
    "album": ("album_name", "release"),
    "artist": ("artists", "artist"),
}
_PAIRS: dict[str, tuple[str, str]] = {"title": ("title", "album"), "artist": ("artist", "album")}


def text_numbers(
    texts: Mapping[str, pl.Series], normalised: Mapping[str, pl.Series]
) -> dict[str, tuple[InputGroup, Values]]:
    """Describe how texts are written.

    Parameters
    ----------
    texts
        (n,) each, of those of "title", "album" and "artist" (the first credit) there are.
    normalised
        The same, reduced to letters and digits.

    Returns
    -------
    By name: the input group, and (n,) numbers, NaN where the text is missing.
    """
    numbers: dict[str, tuple[InputGroup, Values]] = {}
    for name, text in texts.items():
        group = _TEXTS[name][1]
        distinct, place = distinct_texts(text)
        shapes = pl.select(
            how(pl.lit(distinct)).cast(pl.Float64).alias(shape) for shape, how in SHAPES.items()
        )
        numbers |= {f"{name}_{c.name}": (group, c.to_numpy()[place]) for c in shapes}
    for name, (part, whole) in _PAIRS.items():
        if {part, whole} <= normalised.keys():
            both = pl.DataFrame({"part": normalised[part], "whole": normalised[whole]})
            same = both.select(
                equal=pl.col("part") == pl.col("whole"),
                within=pl.col("whole").str.contains(pl.col("part"), literal=True),
            ).cast(pl.Float64)
            numbers[f"{name}_is_album"] = ("release", same["equal"].to_numpy())
            numbers[f"{name}_in_album"] = ("release", same["within"].to_numpy())
    return numbers
