"""Texts as code points, each with the kind of sign it is: what regular expressions would tell.

One text costs some dozen steps of NumPy and a million cost no query each, so that a
single track and a whole file are read by the same lines.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

LETTER, MARK, NUMBER, CAPITAL, SPACE = (1 << bit for bit in range(5))
WORD = LETTER | MARK | NUMBER
"""What words are made of: letters, vowel signs and accents, numbers of any script."""
_KINDS = {"L": LETTER, "M": MARK, "N": NUMBER, "Z": SPACE}
_WHITE_CONTROLS = "\t\n\x0b\x0c\r\x85"
WHITE = (
    _WHITE_CONTROLS + " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's white space, stripped from what is read; Python alone would strip four signs more."""
# Unicode assigns letters, marks and numbers in these planes only; private use is neither.
_ASSIGNED = (range(0x34000), range(0xE0000, 0xE0200))
_N_CODES = 0x110000


@dataclass(frozen=True)
class Letters:
    """The code points of n texts, one text after another.

    Parameters
    ----------
    texts, joined
        The texts, each and as one.
    codes, kinds
        (m,) the code points, and the kind of each: bits of LETTER, MARK, NUMBER, CAPITAL, SPACE.
    offsets
        (n + 1,) where each text begins, and the end.

    Examples
    --------
    >>> letters = Letters.of(["Ab 1", "", "é!"])
    >>> letters.counts(letters.are(LETTER)).tolist()
    [2, 0, 1]
    >>> letters.kept(letters.are(WORD))
    ['Ab1', '', 'é']
    >>> letters.words
    (['Ab', '1', 'é'], [2, 0, 1])
    """

    texts: Sequence[str]
    joined: str
    codes: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    offsets: Places

    @classmethod
    def of(cls, texts: Sequence[str]) -> Letters:
        """Read texts."""
        joined = "".join(texts)
        codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        offsets = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=offsets[1:])
        return cls(texts, joined, codes, _kinds()[codes], offsets)

    @property
    def lengths(self) -> Places:
        """Code points of each text: (n,)."""
        return self.offsets[1:] - self.offsets[:-1]

    def are(self, kind: int) -> Flags:
        """Tell which code points are of a kind: (m,)."""
        return np.asarray((self.kinds & kind) != 0)

    def counts(self, where: Flags) -> Places:
        """Count code points by text: (n,)."""
        before = np.zeros(len(where) + 1, np.int64)
        np.cumsum(where, out=before[1:])
        counted = before[self.offsets]
        return counted[1:] - counted[:-1]

    def kept(self, where: Flags) -> list[str]:
        """Return the texts of some code points only."""
        if where.all():
            left, ends = self.joined, self.offsets
        else:
            left = self.codes[where].tobytes().decode("utf-32-le")
            ends = np.concatenate([[0], np.cumsum(self.counts(where))])
        return [left[start:end] for start, end in pairwise(ends.tolist())]

    @cached_property
    def runs(self) -> tuple[Places, Places]:
        """Where words begin and end, in all texts: two arrays of one length."""
        inside = np.zeros(len(self.codes) + 2, bool)
        inside[1:-1] = self.are(WORD)
        begins, ends = inside[1:] & ~inside[:-1], inside[:-1] & ~inside[1:]
        # Where one text ends and the next begins, both within a word.
        borders = self.offsets[1:-1]
        met = borders[inside[borders] & inside[borders + 1]]
        begins[met] = ends[met] = True
        return np.flatnonzero(begins), np.flatnonzero(ends)

    @property
    def n_words(self) -> Places:
        """Words of each text: (n,)."""
        before = np.searchsorted(self.runs[0], self.offsets)
        return before[1:] - before[:-1]

    @property
    def words(self) -> tuple[list[str], list[int]]:
        """The words of all texts in their order, and how many each text has."""
        begins, ends = (places.tolist() for places in self.runs)
        words = [self.joined[begin:end] for begin, end in zip(begins, ends, strict=True)]
        return words, self.n_words.tolist()


@cache
def _kinds() -> NDArray[np.uint8]:
    """The kind of every code point."""
    kinds = np.zeros(_N_CODES, np.uint8)
    for code in chain(*_ASSIGNED):
        category = unicodedata.category(chr(code))
        kinds[code] = _KINDS.get(category[0], 0) | (CAPITAL if category == "Lu" else 0)
    kinds[list(map(ord, _WHITE_CONTROLS))] = SPACE
    return kinds
