"""Titles, albums' names and artists' names: their forms, their words, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import contains, eq

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import (
    CAPITAL,
    LETTER,
    NUMBER,
    SPACE,
    WORD,
    InputGroup,
    Letters,
    Ragged,
    distinct_texts,
    normal_forms,
    recording_names,
    text_hashes,
)

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
_FIRST_ACCENTED, _LAST_ACCENTED = 0xC0, 0x24F
_DASH = " - "


def _capitals(letters: Letters) -> Values:
    return letters.counts(letters.are(CAPITAL)) / letters.counts(letters.are(LETTER))


def _latin(letters: Letters) -> Values:
    codes = letters.codes | 0x20  # the small letter of a capital
    is_latin = (codes >= ord("a")) & (codes <= ord("z")) & (letters.codes < 0x80)
    return letters.counts(is_latin) / letters.counts(letters.are(LETTER))


def _accents(letters: Letters) -> Counts:
    codes = letters.codes
    return letters.counts((codes >= _FIRST_ACCENTED) & (codes <= _LAST_ACCENTED))


def _brackets(letters: Letters) -> Counts:
    return letters.counts((letters.codes == ord("(")) | (letters.codes == ord("[")))


def _year(letters: Letters) -> Values:
    """Return the first word of each text that is a year from 1900 to 2099, else NaN."""
    years = np.full(len(letters.lengths), np.nan)
    begins, ends = letters.runs
    begins = begins[ends - begins == 4]
    digits = letters.codes[begins[:, None] + np.arange(4)].astype(np.int64) - ord("0")
    number = digits @ (1000, 100, 10, 1)
    is_year = ((digits >= 0) & (digits <= 9)).all(axis=1) & (number >= 1900) & (number < 2100)
    rows = np.searchsorted(letters.offsets, begins[is_year], side="right") - 1
    years[rows[::-1]] = number[is_year][::-1]  # the first is written last
    return years


SHAPES: dict[str, Callable[[Letters], Values | Counts]] = {
    "length": lambda letters: letters.lengths,
    "n_words": lambda letters: letters.n_words,
    "n_digits": lambda letters: letters.counts(letters.are(NUMBER)),
    "n_accents": _accents,
    "n_signs": lambda letters: letters.counts(~letters.are(WORD | SPACE)),
    "n_brackets": _brackets,
    "n_dashes": lambda letters: np.array([text.count(_DASH) for text in letters.texts]),
    "capitals": _capitals,
    "latin": _latin,
    "year": _year,
}
"""By name: characters, words ..., the shares of letters that are capital or Latin, and a year."""

_GROUPS: dict[str, InputGroup] = {"title": "metadata", "album": "release", "artist": "artist"}
_PAIRS = (("title", "album"), ("artist", "album"))


@dataclass(frozen=True)
class Texts:
    """The distinct texts of n rows, titles before albums before artists, and what they tell.

    Parameters
    ----------
    places
        By name ("title", "album", "artist"): (n,) the place of each row's text among them.
    known
        (k,) which of the distinct texts are not missing.
    normal
        (k,) normal forms.
    recordings
        (k,) normal forms of the recordings that titles name; those of the others are their own.
    words
        k lists of hashes of words.
    shapes
        (k, s) how they are written, in the order of `SHAPES`, NaN where missing.
    """

    places: dict[str, NDArray[np.int64]]
    known: NDArray[np.bool_]
    normal: list[str | None]
    recordings: list[str | None]
    words: Ragged
    shapes: Values


def read_texts(texts: Mapping[str, pl.Series]) -> Texts:
    """Read titles, albums' names and artists' names: (n,) each.

    They are read as one list, since a step of NumPy costs as much as some hundred texts.
    """
    places: dict[str, NDArray[np.int64]] = {}
    given: list[str | None] = []
    for name, of in texts.items():
        distinct, place = distinct_texts(of)
        places[name] = place + len(given)
        given += distinct.to_list()
    known = np.array([text is not None for text in given], bool)
    written = [text or "" for text in given]
    letters = Letters.of(written)
    shapes = np.empty((len(written), len(SHAPES)))
    with np.errstate(invalid="ignore", divide="ignore"):
        for i, shape in enumerate(SHAPES.values()):
            shapes[:, i] = shape(letters)
    shapes[~known] = np.nan
    words, n_words = Letters.of([text.lower() for text in written]).words
    forms = normal_forms(written)
    titles = set(places["title"].tolist()) if "title" in places else ()
    recordings = _recordings(written, forms, titles)
    return Texts(
        places,
        known,
        _where(known, forms),
        _where(known, recordings),
        Ragged.of(text_hashes(words), np.array(n_words, np.int64)),
        shapes,
    )


def _recordings(written: Sequence[str], forms: Sequence[str], titles: Collection[int]) -> list[str]:
    """Return the normal forms of texts, but for titles those of the recordings they name."""
    found = list(forms)
    names = recording_names([written[i] for i in titles])
    shorter = {i: name for i, name in zip(titles, names, strict=True) if name != written[i]}
    if shorter:
        found_forms = normal_forms(list(shorter.values()))
        for i, form in zip(shorter, found_forms, strict=True):
            found[i] = form
    return found


def _where(known: NDArray[np.bool_], forms: Sequence[str]) -> list[str | None]:
    if known.all():
        return list(forms)
    return [form if there else None for form, there in zip(forms, known.tolist(), strict=True)]


def text_numbers(texts: Texts) -> dict[str, tuple[InputGroup, Values]]:
    """Describe how texts are written.

    Returns
    -------
    By name: the input group, and (n,) numbers, NaN where the text is missing.
    """
    numbers: dict[str, tuple[InputGroup, Values]] = {}
    for name, place in texts.places.items():
        for shape, values in zip(SHAPES, texts.shapes[place].T, strict=True):
            numbers[f"{name}_{shape}"] = (_GROUPS[name], values)
    for part, whole in _PAIRS:
        if {part, whole} <= texts.places.keys():
            same, within = _compared(texts, part, whole)
            numbers[f"{part}_is_{whole}"] = ("release", same)
            numbers[f"{part}_in_{whole}"] = ("release", within)
    return numbers


def _compared(texts: Texts, part: str, whole: str) -> tuple[Values, Values]:
    """Tell whether one normal form is the other, and whether it stands in it: (n,) each."""
    one, other = texts.places[part], texts.places[whole]
    known = texts.known[one] & texts.known[other]
    same, within = np.full((2, len(known)), np.nan)
    parts, wholes = (
        [texts.normal[place] or "" for place in places[known].tolist()] for places in (one, other)
    )
    same[known] = list(map(eq, parts, wholes))
    within[known] = list(map(contains, wholes, parts))
    return same, within
