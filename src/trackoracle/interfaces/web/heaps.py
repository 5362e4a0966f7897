"""How much memory the app keeps of what it no longer needs."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX, _N_HEAPS = -8, 2
"""glibc's number for how many heaps threads may have, and how many they get."""


def share_heaps() -> None:
    """Let all threads share two heaps, where glibc would give each its own.

    Streamlit answers every move of a control in another thread, and a heap keeps what was once
    in it: an app grew from .6 to 1.2 GB over 25 recordings, and stays at .6 so. It must be said
    before there are threads; elsewhere than on glibc nothing happens.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _N_HEAPS)
