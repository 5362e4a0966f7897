"""How alike two names are, and whom a search means by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from trackoracle.providers.spotify import FoundArtist
from trackoracle.schema import How, normal_forms

LOOSE = 0.95
"""Likeness of names that differ by an article in front, or by the sign for "and"."""
_MOST_LETTERS = 100
_AND = re.compile(r"\s*[&+]\s*")
_ARTICLE = re.compile(r"^the\s+(?=\w)", re.IGNORECASE)


def likeness(one: str, other: str) -> float:
    """Return how alike two names are: 1 for equal normal forms, else the share of letters kept.

    Edits are counted on the normal forms (Levenshtein), and divided by the longer's length.

    Examples
    --------
    >>> likeness("Señor Río", "senor rio"), likeness("The Made Up & Co", "Made Up and Co")
    (1.0, 0.95)
    >>> round(likeness("Made Up Nights", "Made Up Night"), 3)
    0.917
    """
    first, second = (form[:_MOST_LETTERS] for form in normal_forms([one, other]))
    if first == second:
        return 1.0
    if len(set(normal_forms([_loose(one), _loose(other)]))) == 1:
        return LOOSE
    return min(LOOSE, 1 - _edits(first, second) / max(len(first), len(second)))


def _loose(name: str) -> str:
    return _ARTICLE.sub("", _AND.sub(" and ", name.strip()))


def _edits(one: str, other: str) -> int:
    """Count letters to put in, take out or replace."""
    above = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, its in enumerate(other, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != its)))
        above = row
    return above[-1]


@dataclass(frozen=True)
class Choice:
    """Whom a search means by a name.

    Parameters
    ----------
    how
        "exact" or "fuzzy"; "ambiguous" where several may be meant, "missing" where nobody is.
    artist, confidence
        Who was chosen; None where nobody was.
    rivals
        All who may be meant, of exactly that name or, without any, of nearly.
    """

    how: How
    artist: FoundArtist | None
    confidence: float | None
    rivals: tuple[FoundArtist, ...]


def choose(name: str, found: Sequence[FoundArtist], threshold: float) -> Choice:
    """Choose who is meant by a name; never whom a search names first.

    Only who is alone at being of exactly that name is chosen, or, where nobody is, who is alone
    at being of nearly that name.

    Parameters
    ----------
    threshold
        From which likeness a name is nearly another.

    Examples
    --------
    >>> one, two = (FoundArtist("Made Up", {}, "", id=i) for i in "ab")
    >>> choose("made up", [one], 0.9).how, choose("made up", [one, two], 0.9).how
    ('exact', 'ambiguous')
    """
    each = {artist.id: artist for artist in found if artist.name and artist.id}
    likely = {i: likeness(name, artist.name or "") for i, artist in each.items()}
    exact = [i for i, alike in likely.items() if alike == 1]
    near = exact or [i for i, alike in likely.items() if alike >= threshold]
    rivals = tuple(each[i] for i in near)
    if len(near) == 1:
        return Choice("exact" if exact else "fuzzy", rivals[0], likely[near[0]], rivals)
    return Choice("ambiguous" if near else "missing", None, None, rivals)
