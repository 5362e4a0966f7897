"""Optional libraries: imported where needed, or named with the command that installs them."""

from __future__ import annotations

import importlib
from types import ModuleType

from trackoracle.errors import MissingExtraError


def require(module: str, *, extra: str) -> ModuleType:
    """Import an optional library.

    Parameters
    ----------
    module
        Import name.
    extra
        The extra of the `trackoracle` package that brings it.

    Returns
    -------
    ModuleType

    Raises
    ------
    MissingExtraError
        When it is not installed; the message is the install command.

    Examples
    --------
    >>> require("json", extra="notebook").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(module, extra) from error
