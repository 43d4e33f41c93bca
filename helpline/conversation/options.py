"""Choices named by their words: "mot de passe" where the last message offered "2 Mot de passe oublié"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from helpline.conversation.ears import Ears
from helpline.conversation.normalise import words_of
from helpline.conversation.tongue import Tongue

CLEAR = 0.75  # the share of the caller's words that the label must hold
MOST_WORDS = 12  # whoever writes more does not name a choice


def option_named(ears: Ears, words: tuple[str, ...], options: Sequence[tuple[str, str]]) -> str:
    """The key of the one option that `words` name; an empty string if none or several are meant."""
    if len(words) > MOST_WORDS:
        return ""
    if options and " ".join(words) in ears.commands.last:
        return options[-1][0]
    said = [(topics.tongue, _telling(topics.tongue, words)) for topics in ears.topics.values()] if options else []
    shares = sorted(
        (
            (max((_share(tongue, words, meant, words_of_label(label)) for tongue, meant in said), default=0.0), key)
            for key, label in options
        ),
        reverse=True,
    )
    if not shares or shares[0][0] < CLEAR or (len(shares) > 1 and shares[1][0] >= shares[0][0]):
        return ""
    return shares[0][1]


@lru_cache(maxsize=1024)
def words_of_label(label: str) -> tuple[str, ...]:
    """The words of a label, which every caller there is offered."""
    return words_of(label)


def _share(tongue: Tongue, words: tuple[str, ...], said: list[frozenset[str]], own: tuple[str, ...]) -> float:
    """How much `words`, which mean `said`, are the same as those of a label: 1 where all that is said is in it."""
    if own == words:
        return 2.0
    offered = _telling(tongue, own) if said else []
    if not offered:
        return 0.0
    roots = frozenset().union(*offered)
    common = sum(1 for word in said if word & roots)
    covered = sum(1 for word in offered if any(word & other for other in said))
    if not common:
        return 0.0
    return max(common / len(said), 0.9 * covered / len(offered) if 2 * common >= len(said) else 0.0)


def _telling(tongue: Tongue, words: tuple[str, ...]) -> list[frozenset[str]]:
    """For each word that says something the roots that it may have."""
    return [tongue.roots(word) for word in tongue.read(words) if word not in tongue.filler]
