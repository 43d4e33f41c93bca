"""Choices named by their words: "mot de passe" where the last message offered "2 Mot de passe oublié"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from helpline.conversation.ears import Ears, Reads
from helpline.conversation.labels import Label, telling
from helpline.conversation.normalise import words_of

CLEAR = 0.75  # the share of the caller's words that the label must hold
MOST_WORDS = 12  # whoever writes more does not name a choice


def option_named(ears: Ears, words: tuple[str, ...], reads: Reads, options: Sequence[tuple[str, str]]) -> str:
    """The key of the one option that `words` name; an empty string if none or several are meant."""
    if len(words) > MOST_WORDS or not options:
        return ""
    if " ".join(words) in ears.commands.last:
        return options[-1][0]
    said = [telling(topics.tongue, reads[code]) for code, topics in ears.topics.items()]
    roots = [frozenset().union(*each) for each in said]
    labels = [(key, label, ears.labels(label)) for key, label in options]
    shares = sorted(((_share(words, said, roots, label, read), key) for key, label, read in labels), reverse=True)
    if shares[0][0] < CLEAR or (len(shares) > 1 and shares[1][0] >= shares[0][0]):
        return ""
    return shares[0][1]


@lru_cache(maxsize=1024)
def words_of_label(label: str) -> tuple[str, ...]:
    """The words of a label, which every caller there is offered."""
    return words_of(label)


def _share(
    words: tuple[str, ...],
    said: Sequence[Sequence[frozenset[str]]],
    roots: Sequence[frozenset[str]],
    written: str,
    labels: Sequence[Label],
) -> float:
    """How much `words` are the same as a label: 1 where all of it is in that.

    They mean `said` in each language; `roots` are those of all words together.
    """
    if words == words_of_label(written):
        return 2.0
    share = 0.0
    for meant, all_roots, label in zip(said, roots, labels, strict=True):
        if not label.roots.isdisjoint(all_roots):
            share = max(share, _covered(meant, label))
    return share


def _covered(said: Sequence[frozenset[str]], label: Label) -> float:
    common = sum(1 for word in said if not label.roots.isdisjoint(word))
    if not common:
        return 0.0
    if 2 * common < len(said):
        return common / len(said)
    covered = sum(1 for word in label.words if not all(word.isdisjoint(other) for other in said))
    return max(common / len(said), 0.9 * covered / len(label.words))
