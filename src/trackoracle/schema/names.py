"""When two names are one: normal forms of artists, titles and albums, and their hashes.

All functions are Polars expressions or work on distinct values only, so they
cost little on millions of rows.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

CREDIT_SEPARATOR = ";"
_FEW = 1_000

_RELEASE_NOTE = (
    r"(?:(?:19|20)\d\d\s+)?(?:digital(?:ly)?\s+|new\s+|original\s+|stereo\s+|mono\s+)*"
    r"(?:re-?master(?:ed|izado|isé)?|album version|single version|original version|lp version"
    r"|original mix|bonus track|mono|stereo|deluxe(?: edition)?)"
    r"(?:\s+(?:version|edition|mix|(?:19|20)\d\d))*"
)
_SUFFIX = rf"(?i)\s*(?:[-–—/]\s*{_RELEASE_NOTE}|[(\[]\s*{_RELEASE_NOTE}\s*[)\]])\s*$"


def normal(name: pl.Expr) -> pl.Expr:
    """Reduce a name to letters and digits without case or Latin accents.

    A name made of signs only (the band "!!!") keeps them. Scripts other than
    Latin keep their vowel signs, which are part of the word.

    Examples
    --------
    >>> pl.select(normal(pl.lit(pl.Series(["Beyoncé", "beyonce ", "!!!"])))).to_series().to_list()
    ['beyonce', 'beyonce', '!!!']
    """
    folded = name.str.normalize("NFKD").str.to_lowercase()
    letters = folded.str.replace_all(r"[^\p{L}\p{N}\p{M}]|[\x{300}-\x{36f}]", "")
    return pl.when(letters == "").then(folded.str.strip_chars()).otherwise(letters)


def normal_title(title: pl.Expr) -> pl.Expr:
    """Reduce a title, leaving out suffixes that only name a release.

    "- Remastered 2011" names another release of one recording; "- Live" and
    "(Remix)" name another recording and stay.

    Examples
    --------
    >>> titles = pl.Series(["Creep - Remastered 2009", "Creep (Live)", "CREEP"])
    >>> pl.select(normal_title(pl.lit(titles))).to_series().to_list()
    ['creep', 'creeplive', 'creep']
    """
    short = title.str.replace(_SUFFIX, "").str.replace(_SUFFIX, "")
    return normal(pl.when(short.str.strip_chars() == "").then(title).otherwise(short))


def normal_credits(credits: pl.Expr) -> pl.Expr:
    """Reduce every name of a list of credits, keeping their order."""
    return credits.list.eval(normal(pl.element()).filter(pl.element().is_not_null()))


def name_hashes(names: pl.Series) -> NDArray[np.uint64]:
    """Hash text to 64 bits, the same on every machine and version.

    Parameters
    ----------
    names
        (n,) text; null hashes to 0.

    Returns
    -------
    (n,) array

    Examples
    --------
    >>> name_hashes(pl.Series(["a", None, "a"])).tolist()[1:]
    [0, 3405396810240292928]
    """
    distinct, place = distinct_texts(names)
    hashes = [0 if name is None else _hash(name) for name in distinct.to_list()]
    return np.array(hashes, np.uint64)[place]


def distinct_texts(texts: pl.Series) -> tuple[pl.Series, NDArray[np.int64]]:
    """Tell texts apart, so that costly work on them is done once for each.

    Parameters
    ----------
    texts
        (n,) text; null counts as one.

    Returns
    -------
    The distinct texts (k,), and the place (n,) of each text among them. Few texts
    are quicker worked on one by one, and are returned as they are.

    Examples
    --------
    >>> distinct, place = distinct_texts(pl.Series(["b", None, "b", "a"] * 1000))
    >>> len(distinct), distinct.gather(place[:4]).to_list()
    (3, ['b', None, 'b', 'a'])
    """
    if len(texts) < _FEW:
        return texts, np.arange(len(texts))
    coded = texts.cast(pl.Categorical)
    distinct = coded.unique()
    # Null has code -1, which is the last slot.
    known, codes = (
        part.to_physical().cast(pl.Int64).fill_null(-1).to_numpy() for part in (distinct, coded)
    )
    place = np.empty(known.max() + 2, np.int64)
    place[known] = np.arange(len(known))
    return distinct.cast(pl.String), place[codes]


@lru_cache(maxsize=2**17)
def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
