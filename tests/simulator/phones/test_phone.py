"""The phones that the carrier keeps, and what it tells of each at once."""

from __future__ import annotations

import asyncio
import json
import time

from helpline.simulator.carrier.http import json_answer
from helpline.simulator.phones.phone import LARGEST_LOOK, Phone, Phones


def phones_of(most: int) -> Phones:
    return Phones(time.time, most=most)


def test_the_phone_that_was_looked_at_longest_ago_is_forgotten_first() -> None:
    phones = phones_of(2)
    first, second = phones.of("+33639980001"), phones.of("+33639980002")
    first.is_looked_at()
    third = phones.of("+33639980003")
    assert [phones.known(phone.number) for phone in (first, second, third)] == [first, None, third]


def test_a_phone_in_a_call_is_not_forgotten() -> None:
    phones = phones_of(1)
    busy = phones.of("+33639980001")
    busy.is_in_call = True
    phones.of("+33639980002")
    assert phones.known(busy.number) is busy
    busy.is_in_call = False
    phones.of("+33639980003")
    assert phones.known(busy.number) is None


def test_a_phone_that_somebody_watches_is_not_forgotten() -> None:
    async def look() -> bool:
        phones = phones_of(1)
        watched = phones.of("+33639980001")
        looking = asyncio.create_task(watched.news_after(0, 600))
        await asyncio.sleep(0)
        phones.of("+33639980002")
        is_known = phones.known(watched.number) is watched
        looking.cancel()
        return is_known

    assert asyncio.run(look())


def test_a_phone_that_was_forgotten_has_another_epoch() -> None:
    phones = phones_of(1)
    before = phones.of("+33639980001").epoch
    assert phones.of("+33639980001").epoch == before
    phones.of("+33639980002")
    assert phones.of("+33639980001").epoch != before


def test_a_look_tells_so_much_at_most_and_the_next_one_the_rest() -> None:
    async def look() -> list[list[int]]:
        phone = Phone("+33639980001", time.time)
        for _ in range(7):
            phone.tell("exchange", answer="é" * (LARGEST_LOOK // 7))
        found, after = [], 0
        while after < phone.last:
            events = await phone.news_after(after, 0)
            assert len(json.dumps(events, ensure_ascii=False).encode()) <= LARGEST_LOOK
            found.append([event["seq"] for event in events])
            after = events[-1]["seq"]
        return found

    assert asyncio.run(look()) == [[1, 2, 3], [4, 5, 6], [7]]


def test_an_event_that_is_too_large_alone_is_told_alone() -> None:
    async def look() -> list[int]:
        phone = Phone("+33639980001", time.time)
        phone.tell("exchange", answer="a" * LARGEST_LOOK)
        phone.tell("exchange", answer="a")
        return [event["seq"] for event in await phone.news_after(0, 0)]

    assert asyncio.run(look()) == [1]


def test_half_a_letter_breaks_no_answer() -> None:
    assert json.loads(json_answer(200, {"body": "actu \ud800"}).body) == {"body": "actu ?"}
