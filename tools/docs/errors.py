"""The page of exceptions: what each is for, what else it is, and how interfaces end with it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from tools.docs.markdown import cell, code, table

from trackoracle import errors
from trackoracle.errors import ServiceError, TrackOracleError

_INTRO = """# Errors

Everything that TrackOracle refuses on purpose is a `TrackOracleError`. Its message says what was
expected, what was got (where, how many, up to three examples) and what to do. Each also inherits
the builtin that fits, so that `except ValueError` and the like work, and carries its facts as
attributes and by `to_dict()`.

```python
import trackoracle as to

try:
    to.load_oracle().predict({"tempo": "fast"})
except to.TrackOracleError as error:
    print(error)
    print(error.to_dict()["column"])
```

The command line shows the sentence without a traceback and ends with 2, or with 1 where a live
service failed. The [service](../serving.md#errors) answers `application/problem+json` with the same
sentence and facts.
"""


def page() -> str:
    """Return the page of every exception."""
    rows = [
        [code(kind.__name__), cell(_first(kind)), _others(kind), _exit(kind)] for kind in kinds()
    ]
    head = ["exception", "when", "also a", "exit"]
    return f"{_INTRO}\n{table(head, rows)}\n"


def kinds() -> Iterator[type[TrackOracleError]]:
    """Go through the exceptions in the order in which they are written."""
    for value in vars(errors).values():
        if inspect.isclass(value) and issubclass(value, TrackOracleError):
            yield value


def _first(kind: type) -> str:
    return (kind.__doc__ or "").split("\n\n")[0]


def _others(kind: type) -> str:
    bases = [base for base in kind.__mro__[1:] if base not in (Exception, BaseException, object)]
    named = [base for base in bases if base is not TrackOracleError or kind is TrackOracleError]
    return ", ".join(code(base.__name__) for base in named)


def _exit(kind: type[TrackOracleError]) -> str:
    return "1" if issubclass(kind, ServiceError) else "2"
