"""What every caller is told first at this moment: what was put up at the desk, then what the prompts' calendar says."""

from __future__ import annotations

from collections.abc import Mapping

from helpline.conversation.turn import Context
from helpline.menus.dates import notice_now
from helpline.menus.prompts import Prompts

Words = Mapping[str, str]  # by language


def notices_now(prompts: Prompts, context: Context) -> tuple[Words, ...]:
    """The notices that are up, in the order in which they are said."""
    of_calendar = notice_now(prompts.menus.calendar, context.now)
    found = (context.notice, of_calendar.words if of_calendar else None)
    return tuple(words for words in found if words)
