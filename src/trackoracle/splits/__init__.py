"""Which tracks may be learned from and which only judged."""

from trackoracle.splits.protocols import (
    HONEST,
    PROTOCOLS,
    SHOWN,
    Fold,
    Protocol,
    applicable,
    group_codes,
    make_folds,
    protocol_named,
    purged,
)

__all__ = [
    "HONEST",
    "PROTOCOLS",
    "SHOWN",
    "Fold",
    "Protocol",
    "applicable",
    "group_codes",
    "make_folds",
    "protocol_named",
    "purged",
]
