"""Labels that follow from the artist: when no artist has both, the artist is the label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trackoracle.schema import Catalog, Target

LEAST_TRACKS = 2
SUSPICIOUS_SHARE = 0.25
"""Below this share of the both-label artists that chance gives, the label is confounded."""


@dataclass(frozen=True)
class ArtistConfounding:
    """How far a binary label is settled by the artist.

    Parameters
    ----------
    n_artists
        First-credited artists of at least two labelled tracks.
    n_both
        Those with both labels, and
    n_expected
        how many that would be if labels were dealt at random.
    """

    n_artists: int
    n_both: int
    n_expected: float

    @property
    def is_confounded(self) -> bool:
        """Whether far fewer artists have both labels than chance gives."""
        return self.n_expected >= 10 and self.n_both < SUSPICIOUS_SHARE * self.n_expected

    @property
    def sentence(self) -> str:
        """Say it for people."""
        return (
            f"The label is confounded with the artist: {self.n_both:,} of {self.n_artists:,} "
            f"artists with several tracks have both hits and misses, where labels dealt at random "
            f"would give {self.n_expected:,.0f}. Scores that know the artist mostly tell which "
            "kind of artist it is; read new_artist."
        )


def artist_confounding(catalog: Catalog, target: Target) -> ArtistConfounding | None:
    """Count the artists that have both labels.

    Returns
    -------
    None when the target is not binary or no artists are named.
    """
    if target.task != "binary" or not catalog.keys.has_artists:
        return None
    values = target.values(catalog.tracks)
    labelled = ~np.isnan(values)
    _, artist = np.unique(catalog.keys.first_artist[labelled], return_inverse=True)
    n_tracks = np.bincount(artist)
    n_hits = np.bincount(artist, values[labelled])
    several = n_tracks >= LEAST_TRACKS
    n, hits = n_tracks[several], n_hits[several]
    rate = float(values[labelled].mean())
    return ArtistConfounding(
        n_artists=int(several.sum()),
        n_both=int(((hits > 0) & (hits < n)).sum()),
        n_expected=float((1 - rate**n - (1 - rate) ** n).sum()),
    )
