"""What docstrings of the numpydoc kind say of parameters, for tables that tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator


def parameters(docstring: str) -> Iterator[tuple[list[str], str]]:
    r"""Go through the parameters of a numpydoc docstring: names that stand together, and the text.

    Examples
    --------
    >>> list(parameters("What.\n\nParameters\n----------\na, b\n    One\n    thing."))
    [(['a', 'b'], 'One thing.')]
    """
    told = docstring.partition("Parameters\n----------\n")[2]
    for entry in re.findall(r"^(\S.*)\n((?:[ ]+\S.*\n?)+)", told, re.MULTILINE):
        yield [name.strip() for name in entry[0].split(",")], " ".join(entry[1].split())
