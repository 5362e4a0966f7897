"""The facade: train an oracle, ask it, judge it, save it, load it."""

from trackoracle.oracle.answers import CHUNK, NO_INPUT, UNKNOWN_ARTIST
from trackoracle.oracle.enriching import Enriched, enrich
from trackoracle.oracle.facade import Oracle, load_oracle, train
from trackoracle.oracle.hub import pull_oracle, push_oracle
from trackoracle.oracle.judging import Evaluation
from trackoracle.oracle.learned import SEEN_UNKNOWN, SOME_SEEN, learned_notes, same_source
from trackoracle.oracle.likeness import index_of, open_index, similar, similar_each
from trackoracle.oracle.ranking import MOST_RANKED, with_identity

__all__ = [
    "CHUNK",
    "MOST_RANKED",
    "NO_INPUT",
    "SEEN_UNKNOWN",
    "SOME_SEEN",
    "UNKNOWN_ARTIST",
    "Enriched",
    "Evaluation",
    "Oracle",
    "enrich",
    "index_of",
    "learned_notes",
    "load_oracle",
    "open_index",
    "pull_oracle",
    "push_oracle",
    "same_source",
    "similar",
    "similar_each",
    "train",
    "with_identity",
]
