"""What `explain`, `rank`, `similar`, `triage` and `playlist` write with `-o`, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trackoracle.schema import Popularity, answer_columns

Row = tuple[str, str, str]
"""A column, what it means, and its values."""
_ANSWER = ("popularity", "popularity_low", "popularity_high")
_AS_READ = {
    "duration_ms": "milliseconds",
    "tempo": "BPM",
    "energy": "0 to 1",
    "valence": "0 to 1",
    "popularity": "0 to 100 points",
}
_SAID = {column.name: column.meaning for column in answer_columns(Popularity())}
"""What columns of `predict` mean that stand in other tables too."""
_ID = ("track_id", _SAID["track_id"], "text")
_NAMED: tuple[Row, ...] = (
    _ID,
    ("track_name", "Title.", "text"),
    ("artists", "Credited artists, with ; between.", "text"),
    ("genres", "Genres, with ; between.", "text"),
)
_RANK = ("rank", "Place, from 1.", "whole")
WRITTEN_TABLES: Mapping[str, tuple[str, Sequence[Row]]] = {
    "explain": (
        "`trackoracle explain x.oracle tracks.csv -o why.csv`: a row a track, a column a feature. "
        "From the baseline on, a row adds up to its prediction. With `--inputs`, each input of the "
        "model has a column instead.",
        (
            _ID,
            ("prediction", "The answer that is explained.", "points, log-odds or tiers"),
            ("baseline", "What the oracle answers on average.", "the same unit"),
            ("FEATURE", "What the feature adds or takes, a column each.", "the same unit"),
            ("calibration", "What calibration adds or takes.", "the same unit"),
        ),
    ),
    "rank": (
        "`trackoracle rank x.oracle album.csv -o order.csv`: a row a track, the best first; here "
        "of an oracle of popularity. One of hits has `p_hit` alone in place of the four, one of "
        "tiers `expected_tier` and the probability of each.",
        (
            _RANK,
            ("track", "What it is called: its title, else `track` and its id.", "text"),
            *((name, "As of `predict`.", "0 to 100 points") for name in _ANSWER),
            ("p_hit", "As of `predict`.", "0 to 1"),
            ("p_above_next", "Probability of doing better than the next; empty for the last.",
             "0 to 1"),
            ("p_best", "Probability of doing best of all.", "0 to 1"),
            ("group", "Number of its group: within one, none is told apart from the first.",
             "whole"),
            ("known", _SAID["known"], "text"),
            _ID,
            ("row", "Its row in what was asked, from 1.", "whole"),
        ),
    ),
    "similar": (
        "`trackoracle similar catalog.csv tracks.csv -o like.csv`: a row a track that was found, "
        "the nearest first, for each track that was asked about.",
        (
            ("asked", "Id of the track that was asked about.", "text"),
            _RANK,
            *_NAMED,
            ("year", "Year of release.", "whole"),
            ("popularity", "As the catalog has it.", "0 to 100 points"),
            ("distance", "What orders the tracks: sound, genre and era together.", "from 0"),
            ("audio_distance", "Root mean square of the gaps in audio features.", "from 0"),
            ("gap_FEATURE", "How far apart the two are in it, a column each; empty where either "
             "is not known.", "standard deviations of the catalog"),
        ),
    ),
    "triage": (
        "`trackoracle triage x.oracle catalog.csv -o gems.csv`: a row a track, the most worth a "
        "listen first. The numbers of `predict` stand before the warning.",
        (
            _RANK,
            *_NAMED,
            ("observed", "Its popularity now; of an oracle of hits, 1 for a hit.", "number"),
            ("gap", "`--by gems`: points predicted above those of now; of an oracle of hits, the "
             "probability of one.", "number"),
            ("novelty", "`--by novelty`: share of training tracks whose sound is nearer to the "
             "usual.", "0 to 1"),
            ("distance", "`--by likeness`: distance from the nearest reference.", "from 0"),
            ("reference", "`--by likeness`: the reference that it is nearest to.", "text"),
            ("warning", _SAID["warning"], "text"),
        ),
    ),
    "playlist": (
        "`trackoracle playlist catalog.csv -o playlist.csv`: a row a track, in order. `.m3u8` "
        "and `.txt` write playlists in place of a table.",
        (
            ("place", "From 1.", "whole"),
            _ID,
            ("spotify_uri", "Its Spotify URI, where the id is one of Spotify.", "text"),
            *_NAMED[1:],
            *((name, "As the catalog has it.", told) for name, told in _AS_READ.items()),
            ("tempo_step", "By which factor its tempo differs from the one before, the nearest "
             "of plain, half and double time.", "above 0; 1 is the same"),
            ("energy_step", "How much more energy it has than the one before.", "-1 to 1"),
        ),
    ),
}  # fmt: skip
"""By command: what it writes, and its columns."""
