"""When two names are one: normal forms of artists, titles and albums, and their hashes.

Each form is defined once, on plain texts, so that what is learned, held out and predicted is one.
No expression of Polars calls it: Polars would run Python in its own threads, which then wait for
the interpreter while another thread of the process holds it and waits for them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from unicodedata import normalize

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema.letters import WHITE, WORD, Letters

CREDIT_SEPARATOR = ";"
_FEW = 1_000

_RELEASE_NOTE = (
    r"(?:(?:19|20)\d\d\s+)?(?:digital(?:ly)?\s+|new\s+|original\s+|stereo\s+|mono\s+)*"
    r"(?:re-?master(?:ed|izado|isé)?|album version|single version|original version|lp version"
    r"|original mix|bonus track|mono|stereo|deluxe(?: edition)?)"
    r"(?:\s+(?:version|edition|mix|(?:19|20)\d\d))*"
)
# It begins with its sign: white space looked for before it would be looked for at every place.
_SUFFIX = re.compile(
    rf"(?:[-–—/]\s*{_RELEASE_NOTE}|[(\[]\s*{_RELEASE_NOTE}\s*[)\]])\s*\Z", re.IGNORECASE
)
_FIRST_ACCENT, _LAST_ACCENT = 0x300, 0x36F


def normal_forms(names: Sequence[str]) -> list[str]:
    """Reduce names to letters and digits without case or Latin accents.

    A name made of signs only (the band "!!!") keeps them. Scripts other than
    Latin keep their vowel signs, which are part of the word.

    Examples
    --------
    >>> normal_forms(["Beyoncé", "beyonce ", "!!!"])
    ['beyonce', 'beyonce', '!!!']
    """
    folded = [normalize("NFKD", name).lower() for name in names]
    letters = Letters.of(folded)
    is_accent = (letters.codes >= _FIRST_ACCENT) & (letters.codes <= _LAST_ACCENT)
    kept = letters.kept(letters.are(WORD) & ~is_accent)
    return [form or name.strip(WHITE) for form, name in zip(kept, folded, strict=True)]


def recording_names(titles: Iterable[str]) -> list[str]:
    """Leave out suffixes of titles that only name a release.

    "- Remastered 2011" names another release of one recording; "- Live" and
    "(Remix)" name another recording and stay.

    Examples
    --------
    >>> recording_names(["Creep - Remastered 2009", "Creep (Live)", "- Mono"])
    ['Creep ', 'Creep (Live)', '- Mono']
    """
    shorter = ((_SUFFIX.sub("", _SUFFIX.sub("", title)), title) for title in titles)
    return [short if short.strip(WHITE) else title for short, title in shorter]


def normal(names: pl.Series) -> pl.Series:
    """Reduce names (n,) as `normal_forms` does.

    Examples
    --------
    >>> normal(pl.Series(["Beyoncé", None])).to_list()
    ['beyonce', None]
    """
    return _each_once(names, normal_forms)


def normal_titles(titles: pl.Series) -> pl.Series:
    """Reduce titles (n,) to the normal forms of their recordings' names.

    Examples
    --------
    >>> normal_titles(pl.Series(["Creep - Remastered 2009", "Creep (Live)", "CREEP"])).to_list()
    ['creep', 'creeplive', 'creep']
    """
    return _each_once(titles, lambda distinct: normal_forms(recording_names(distinct)))


def normal_credits(credits: pl.Series) -> pl.Series:
    """Reduce every name of lists of credits (n,), keeping their order.

    Examples
    --------
    >>> normal_credits(pl.Series([["Beyoncé", None, "JAY-Z"], [], None])).to_list()
    [['beyonce', 'jayz'], [], None]
    """
    return _in_lists(credits, normal_forms)


def lowered_lists(lists: pl.Series) -> pl.Series:
    """Put lists of text (n,) in small letters, by the rules that a single text meets in Python."""
    return _in_lists(lists, lambda texts: [text.lower() for text in texts])


def _each_once(texts: pl.Series, forms: Callable[[list[str]], list[str]]) -> pl.Series:
    """Return the forms of texts (n,), each distinct one asked for once; null stays."""
    distinct, place = distinct_texts(texts)
    known = distinct.is_not_null()
    given = iter(forms(distinct.filter(known).to_list()))
    found = [next(given) if there else None for there in known.to_list()]
    return pl.Series(texts.name, found, pl.String).gather(place)


def _in_lists(lists: pl.Series, forms: Callable[[list[str]], list[str]]) -> pl.Series:
    """Return lists (n,) of the forms of their texts, without those that are null."""
    texts = lists.explode().drop_nulls().unique()
    formed = pl.element().replace_strict(texts, forms(texts.to_list()), return_dtype=pl.String)
    return pl.select(pl.lit(lists).list.eval(formed.drop_nulls())).to_series()


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
    return text_hashes(distinct.to_list())[place]


def text_hashes(texts: Sequence[str | None]) -> NDArray[np.uint64]:
    """Hash texts as `name_hashes` does: (n,)."""
    hashes = {text: 0 if text is None else _hash(text) for text in set(texts)}
    return np.fromiter(map(hashes.__getitem__, texts), np.uint64, len(texts))


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
