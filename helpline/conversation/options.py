"""Choices named by their words: "mot de passe" where the last message offered "2 Mot de passe oublié"."""

from __future__ import annotations

from collections.abc import Sequence

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
    shares = sorted(
        (
            (max((_share(topics.tongue, words, label) for topics in ears.topics.values()), default=0.0), key)
            for key, label in options
        ),
        reverse=True,
    )
    if not shares or shares[0][0] < CLEAR or (len(shares) > 1 and shares[1][0] >= shares[0][0]):
        return ""
    return shares[0][1]


def _share(tongue: Tongue, words: tuple[str, ...], label: str) -> float:
    """How much `words` and the label are the same: 1 where all that is said is in the label."""
    own = words_of(label)
    if own == words:
        return 2.0
    said, offered = _telling(tongue, words), _telling(tongue, own)
    if not said or not offered:
        return 0.0
    roots = frozenset().union(*offered)
    common = sum(1 for word in said if word & roots)
    covered = sum(1 for word in offered if any(word & other for other in said))
    if not common:
        return 0.0
    return max(common / len(said), 0.9 * covered / len(offered) if 2 * common >= len(said) else 0.0)


def _telling(tongue: Tongue, words: tuple[str, ...]) -> list[frozenset[str]]:
    """For each word that says something the roots that it may have."""
    return [
        frozenset({tongue.root(word)} | {tongue.root(guess.word) for guess in tongue.guesses(word)})
        for word in tongue.read(words)
        if word not in tongue.filler
    ]
