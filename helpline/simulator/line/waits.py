"""What a call waits for."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.simulator.twiml.reading import Gather


@dataclass(frozen=True, slots=True)
class Waits:
    """What a call waits for: keys, speech or both. `digits` 0: any number of keys, until one of `finish_on`.

    After `timeout` seconds in which nothing happens the call goes on by itself: see `Call.silence`.
    """

    keys: bool
    speech: bool
    digits: int
    finish_on: str
    timeout: float

    @classmethod
    def of(cls, gather: Gather) -> Waits:
        """What a question waits for."""
        return cls("dtmf" in gather.inputs, "speech" in gather.inputs, gather.digits, gather.finish_on, gather.timeout)
