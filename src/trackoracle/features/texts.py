"""Numbers that tell how a title, an album's name or an artist's name is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
    read
        (k, m) `normal` forms, lists of `words`, the `recording` that a title names, and shapes.
    place
        (n,) the place of each row's text among them.
    """

    read: pl.DataFrame
    place: NDArray[np.int64]

    def column(self, name: str) -> pl.Series:
        """Return one of the things read: (k,)."""
        return self.read[name]

    def numbers(self, name: str) -> Values:
        """Return a shape of each row's text: (n,), NaN where it is missing."""
        return self.read[name].to_numpy()[self.place]


def read_text(text: pl.Series, name: str) -> Text:
    """Read a title, an album's name or an artist's name: (n,), in one query."""
    distinct, place = distinct_texts(text)
    asked = pl.col("text")
    read = pl.DataFrame({"text": distinct}).select(
        normal(asked).alias("normal"),
        asked.str.to_lowercase().str.extract_all(r"[\p{L}\p{M}\p{N}]+").alias("words"),
        *((normal_title(asked).alias("recording"),) if name == "title" else ()),
        *(how(asked).cast(pl.Float64).alias(shape) for shape, how in SHAPES.items()),
    )
    return Text(read, place)


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
    both = pl.DataFrame(
        {"part": part.column("normal")[part.place], "whole": whole.column("normal")[whole.place]}
    )
    told = both.select(
        (pl.col("part") == pl.col("whole")).cast(pl.Float64).alias("same"),
        pl.col("whole").str.contains(pl.col("part"), literal=True).cast(pl.Float64).alias("within"),
    )
    return told["same"].to_numpy(), told["within"].to_numpy()
