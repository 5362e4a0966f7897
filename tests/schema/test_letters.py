"""What is told of code points is what regular expressions would tell of the text."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from trackoracle.schema import CAPITAL, LETTER, NUMBER, SPACE, WORD, Letters, normal_forms
from trackoracle.schema.letters import WHITE

# Characters of later versions of Unicode may be known to one library and not to another.
ASSIGNED = st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=12)
TEXTS = st.lists(
    ASSIGNED | st.sampled_from(["", "a", " - ", "Été 1999", "夜に", "रंग दे"]), max_size=8
)
PATTERNS = {
    LETTER: r"\p{L}",
    NUMBER: r"\p{N}",
    CAPITAL: r"\p{Lu}",
    SPACE: r"\s",
    WORD: r"[\p{L}\p{M}\p{N}]",
}


@given(TEXTS)
@example(["a", "b", "", "", "c d", ""])
@example(["\x1c \x85 \u200b\u3000", "x\U000e0100y", "\U0001d400\U0003134a"])
def test_kinds_and_words_are_those_of_regular_expressions(texts: list[str]) -> None:
    letters, column = Letters.of(texts), pl.Series(texts, dtype=pl.String)
    for kind, pattern in PATTERNS.items():
        expected = column.str.count_matches(pattern).to_list()
        assert letters.counts(letters.are(kind)).tolist() == expected, pattern
    assert letters.lengths.tolist() == [len(text) for text in texts]
    expected = column.str.extract_all(r"[\p{L}\p{M}\p{N}]+").to_list()
    words, n_words = letters.words
    assert n_words == [len(row) for row in expected]
    assert words == [word for row in expected for word in row]


@given(TEXTS, st.randoms(use_true_random=False))
def test_what_is_kept_stands_in_its_own_text(texts: list[str], random) -> None:
    letters = Letters.of(texts)
    where = np.array([random.random() < 0.5 for _ in letters.codes], bool)
    flags = iter(where.tolist())
    assert letters.kept(where) == ["".join(c for c in text if next(flags)) for text in texts]


@given(st.lists(ASSIGNED, max_size=6))
def test_a_form_does_not_depend_on_the_other_names(names: list[str]) -> None:
    assert normal_forms(names) == [normal_forms([name])[0] for name in names]


@given(ASSIGNED)
def test_white_space_is_that_of_unicode(text: str) -> None:
    padded = f"\u2003\x85{text}\t\xa0"
    assert pl.Series([padded]).str.strip_chars().item() == padded.strip(WHITE)
