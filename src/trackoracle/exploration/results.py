"""What a catalog report tells: plain numbers, section by section."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from trackoracle.exploration.effects import Comparison
from trackoracle.exploration.sections import CatalogSection, section_of
from trackoracle.schema import AuditReport, Card, Estimate, Shown

Numbers = tuple[float, ...]
Counts = tuple[int, ...]


@dataclass(frozen=True)
class Summary:
    """One column in a few numbers.

    Parameters
    ----------
    n, n_missing
        Values, and tracks without one.
    mean, deviation
        The deviation is the sample's (n - 1).
    low, q1, median, q3, high
        Least, quartiles (linear between values), and largest.
    skew
        Third standardised moment; 0 where symmetric, None where all values are equal.
    whisker_low, whisker_high
        The outermost values within 1.5 interquartile ranges of the quartiles (Tukey).
    n_below, n_above
        Values outside the whiskers.
    """

    n: int
    n_missing: int
    mean: float
    deviation: float
    low: float
    q1: float
    median: float
    q3: float
    high: float
    skew: float | None
    whisker_low: float
    whisker_high: float
    n_below: int
    n_above: int


@dataclass(frozen=True)
class Histogram:
    """Counts between edges; what lies outside of them is counted, not drawn.

    Parameters
    ----------
    edges
        (b + 1,) rising; a value on an inner edge is in the bin above it.
    counts
        (b,)
    n_below, n_above
        Values under the first and over the last edge.
    """

    edges: Numbers
    counts: Counts
    n_below: int = 0
    n_above: int = 0


@dataclass(frozen=True)
class Group:
    """The values of one group of tracks.

    Parameters
    ----------
    name
        Of the group.
    n_tracks, n_clusters
        Tracks with a value, and artists they are by.
    mean
        With its 95 % interval, whole artists taken together; nan ends where one artist is all.
    low, q1, median, q3, high
        Quartiles, and the outermost values within 1.5 interquartile ranges.
    """

    name: str
    n_tracks: int
    n_clusters: int
    mean: Estimate
    low: float
    q1: float
    median: float
    q3: float
    high: float


@dataclass(frozen=True)
class Target:
    """What is asked about: popularity, or where there is none the share of hits.

    Parameters
    ----------
    name, unit
        "popularity" in points, or "hit" in per cent.
    summary, histogram
        Of all tracks.
    n_zero
        Tracks of popularity 0, or misses.
    n_zero_rows, n_rows
        Rows of popularity 0 in the source as it stands, and all its rows; None where the
        source was not read row by row.
    bands
        Tracks by band of popularity.
    groups
        The equal parts by popularity that features are shown by.
    """

    name: str
    unit: str
    summary: Summary
    histogram: Histogram
    n_zero: int
    n_zero_rows: int | None
    n_rows: int | None
    bands: tuple[tuple[str, int], ...]
    groups: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Feature:
    """One numeric column.

    Parameters
    ----------
    column, unit
        As shown: duration in minutes.
    by_target
        The column's values in each equal part of the tracks by popularity.
    """

    column: str
    unit: str
    summary: Summary
    histogram: Histogram
    by_target: tuple[Group, ...]


@dataclass(frozen=True)
class Levels:
    """One column of few levels: how many tracks have each, and what the target is there."""

    column: str
    n_missing: int
    counts: tuple[tuple[str, int], ...]
    target: tuple[Group, ...]


@dataclass(frozen=True)
class Correlations:
    """Pearson's and Spearman's coefficients of all pairs, of the tracks that have both.

    Parameters
    ----------
    columns
        In the order of a clustering (average linkage of 1 - |Spearman|).
    pearson, spearman
        (c, c); nan where one of the two does not vary.
    """

    columns: tuple[str, ...]
    pearson: tuple[Numbers, ...]
    spearman: tuple[Numbers, ...]


@dataclass(frozen=True)
class Density:
    """How tracks spread over two columns.

    Parameters
    ----------
    x, y
        The columns.
    x_edges, y_edges
        (b + 1,) and (d + 1,); values outside stand in the outermost cells.
    counts
        (d, b) tracks in each cell, rows along y.
    target
        (d, b) mean of the target, None in cells of fewer than `LEAST_IN_CELL` tracks;
        empty where it was not asked for.
    """

    x: str
    y: str
    x_edges: Numbers
    y_edges: Numbers
    counts: tuple[Counts, ...]
    target: tuple[tuple[float | None, ...], ...] = ()


@dataclass(frozen=True)
class Genre:
    """One genre; a track counts in each of its genres.

    Parameters
    ----------
    name, family
        The family is the broad one that the name suggests.
    target
        None without a target.
    zero_share
        Of popularity 0.
    features
        Column to (q1, median, q3, mean).
    histogram
        Of the target, with the edges of `Genres.edges`.
    """

    name: str
    family: str
    n_tracks: int
    target: Group | None
    zero_share: float | None
    features: dict[str, tuple[float, float, float, float]]
    histogram: Counts


@dataclass(frozen=True)
class Genres:
    """Genres with at least `least` tracks, most tracks first.

    Parameters
    ----------
    n_genres, n_unlabelled
        All genres of the catalog, and tracks without one.
    distinct
        Column and the share of its variance that lies between genres (eta squared),
        the most distinctive first.
    consistent, polarised
        Names of the genres with the least and the largest interquartile range of the target.
    families
        Family to number of tracks and mean of each feature in standard deviations from the
        mean of all tracks.
    """

    n_genres: int
    n_unlabelled: int
    least: int
    genres: tuple[Genre, ...]
    distinct: tuple[tuple[str, float], ...]
    consistent: tuple[str, ...]
    polarised: tuple[str, ...]
    families: tuple[tuple[str, int, dict[str, float]], ...]
    edges: Numbers


@dataclass(frozen=True)
class Moods:
    """The map of valence and energy.

    Parameters
    ----------
    density
        All tracks, with the mean of the target.
    lowest, highest
        The same of the least and the most popular part alone; None without a target.
    quadrants, moods
        Name and number of tracks.
    quadrant_target, mood_target
        The target in each, where there is one.
    """

    density: Density
    lowest: Density | None
    highest: Density | None
    quadrants: tuple[tuple[str, int], ...]
    moods: tuple[tuple[str, int], ...]
    quadrant_target: tuple[Group, ...]
    mood_target: tuple[Group, ...]


@dataclass(frozen=True)
class Along:
    """The target along one column: a group for each stretch between two edges."""

    column: str
    unit: str
    edges: Numbers
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Artist:
    """One artist; each recording counts once, however often it was released."""

    name: str
    n_recordings: int
    mean: float


@dataclass(frozen=True)
class TopTrack:
    """One of the tracks with the highest target."""

    title: str
    artists: str
    genres: str
    value: float


@dataclass(frozen=True)
class Names:
    """Who and what stands on top.

    Parameters
    ----------
    least
        Recordings that an artist must have to be listed by mean.
    n_artists
        Artists who have as many.
    by_mean, by_count, tracks
        The first few each; `tracks` has the best release of each recording.
    """

    least: int
    n_artists: int
    by_mean: tuple[Artist, ...]
    by_count: tuple[Artist, ...]
    tracks: tuple[TopTrack, ...]


@dataclass(frozen=True)
class Times:
    """When tracks were released, and how old they were when popularity was collected.

    Parameters
    ----------
    n_dated, n_tracks
        Tracks with a date or year of release, of all.
    step
        Years that one period has: 1 or 10.
    counts
        First year of each period to its number of tracks.
    target, features
        By period: the target, and the mean of each feature; periods of few tracks left out.
    snapshot
        When popularity was collected; None where that is not known.
    ages
        The target by age at that time.
    n_later
        Tracks dated after it.
    """

    n_dated: int
    n_tracks: int
    step: int
    counts: tuple[tuple[int, int], ...]
    target: tuple[Group, ...]
    features: dict[str, tuple[tuple[int, float], ...]]
    snapshot: str | None
    ages: tuple[Group, ...]
    n_later: int


@dataclass(frozen=True)
class Audited:
    """A quick audit, and what it is of."""

    report: AuditReport
    sampled: bool
    n_tracks: int


@dataclass(frozen=True)
class CatalogReport(Shown):
    """Everything that the exploratory report draws.

    Parameters
    ----------
    card
        Of the catalog.
    columns
        Each column's name, and the tracks without a value.
    n_genres
        Distinct genres.
    audited
        None where no audit was asked for.
    target
        None where the catalog has neither popularity nor hit.
    features, levels
        Columns with a value, numeric and of few levels.
    pairs
        Density of each two of a few columns, for the pair plot.
    along
        The target along duration and tempo.
    against
        Density of the target over duration and tempo.
    genres, moods, names, times
        None where the catalog lacks what they need.
    tests
        Of the target, corrected together.

    Examples
    --------
    >>> import trackoracle as to
    >>> report = to.explore("sample", audit=False)
    >>> report.target.name, report.features[0].column
    ('popularity', 'duration')
    >>> sorted(report.to_dict())[:3]
    ['against', 'along', 'audited']
    """

    card: Card
    columns: tuple[tuple[str, int], ...]
    n_genres: int
    audited: Audited | None
    target: Target | None
    features: tuple[Feature, ...]
    levels: tuple[Levels, ...]
    correlations: Correlations | None
    pairs: tuple[Density, ...]
    along: tuple[Along, ...]
    against: tuple[Density, ...]
    genres: Genres | None
    moods: Moods | None
    names: Names | None
    times: Times | None
    tests: tuple[Comparison, ...]

    def section(self, name: str, of: str = "") -> CatalogSection:
        """Return one section, which a notebook shows with its figures.

        Parameters
        ----------
        name
            "popularity", "moods", "features", "key, mode and beat", "correlations", "genres",
            "one genre", "duration and tempo", "artists and tracks", "time" or "tests".
        of
            Which feature, for "features", or which genre, for "one genre".

        Raises
        ------
        UnknownNameError
            On a section, a feature or a genre that the report does not have.

        Examples
        --------
        >>> import trackoracle as to
        >>> report = to.explore("sample", audit=False)
        >>> report.section("features", "energy")
        CatalogSection('features', 'energy', of 'sample')
        """
        return section_of(self, name, of)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)
