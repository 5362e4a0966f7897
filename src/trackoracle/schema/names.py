"""When two names are one: normal forms of artists, titles and albums, and their hashes.

All functions are Polars expressions or work on distinct values only, so they
cost little on millions of rows.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
from numpy.typing import NDArray

CREDIT_SEPARATOR = ";"

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
    distinct = names.unique()
    table = pl.DataFrame(
        {
            "name": distinct,
            "hash": pl.Series(
                [0 if name is None else _hash(name) for name in distinct], dtype=pl.UInt64
            ),
        }
    )
    joined = pl.DataFrame({"name": names}).join(
        table, on="name", how="left", nulls_equal=True, maintain_order="left"
    )
    return joined["hash"].to_numpy()


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
