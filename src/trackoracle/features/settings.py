"""What a recipe may be told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecipeSettings:
    """What a recipe may be told.

    Parameters
    ----------
    name_strength, genre_strength, word_strength
        Recordings of evidence that the prior weighs in the history of an artist, album or
        title, of a genre, and of a word.
    phrase_strength
        Of the ridge penalty on the worth of phrases.
    masked_share
        Share of training rows that stand in training as debuts, without the artist's history,
        and of the others the share whose album history is hidden, so that the model learns
        what to do with an unknown artist, and with a known artist's new album. A candidate
        that is shown each row as both takes the second only.
    dropped_share
        Share of training rows from which input groups are hidden, so that the model learns
        to answer with any of them missing: in most rows all but those that are known first,
        as of a recording alone, in the others any.
    least_tracks
        A category level needs as many training tracks to become an input, a word to
        have a history.
    least_named, least_phrase
        Training recordings that an artist, album or title needs to have a history, and
        training tracks that a phrase needs to have a worth.
    least_artists
        Whatever fewer first artists use has neither: genres, titles and album names, words
        and phrases. An artist, and an album by its artist, has one artist anyway.
    most_levels
        At most so many levels of one category column become inputs.
    """

    name_strength: float = 1.0
    genre_strength: float = 20.0
    word_strength: float = 20.0
    phrase_strength: float = 1.0
    masked_share: float = 0.4
    dropped_share: float = 0.25
    least_tracks: int = 20
    least_named: int = 0
    least_phrase: int = 3
    least_artists: int = 0
    most_levels: int = 150
