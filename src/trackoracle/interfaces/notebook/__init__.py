"""The widget of a notebook: an oracle's controls beside its answer, which follows them.

Nothing of it is loaded before it is asked for, since it needs the extra `notebook`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trackoracle.errors import ConfigError
from trackoracle.optional import require

if TYPE_CHECKING:
    from trackoracle.interfaces.notebook.panel import OracleWidget
    from trackoracle.oracle import Oracle
    from trackoracle.schema import Rows

__all__ = ["widget"]


def widget(
    oracles: Oracle | Mapping[str, Oracle], *, track: Rows | None = None, level: float = 0.9
) -> OracleWidget:
    """Make a widget that asks an oracle, or one of several that is chosen in it.

    Parameters
    ----------
    oracles
        One, or several by the names that are chosen from; the first answers at the beginning.
    track
        What it begins with: a mapping, a frame of one row, or what was heard. By default a
        typical track.
    level
        Probability that the interval holds the popularity.

    Raises
    ------
    MissingExtraError
        Without the extra `notebook`.
    ConfigError
        Without an oracle, or on a level that cannot be.
    SourceError
        On no track, or several.
    InvalidValuesError
        On values of the track that cannot be meant.

    Examples
    --------
    >>> import trackoracle as to
    >>> shown = to.widget(to.load_oracle(), track={"genre": "pop", "tempo": 120.0})
    >>> shown.sent, round(shown.answer["popularity"], 1)
    ({'genres': 'pop', 'tempo': 120.0}, 57.1)
    """
    require("ipywidgets", extra="notebook")
    named = dict(oracles) if isinstance(oracles, Mapping) else {"oracle": oracles}
    if not named:
        raise ConfigError("oracles: expected at least one, got none. Give load_oracle().")
    if not 0 < level < 1:
        raise ConfigError(f"level: expected above 0 and below 1, got {level:g}. Try 0.9.")
    from trackoracle.interfaces.notebook.panel import OracleWidget

    return OracleWidget(named, track, level)
