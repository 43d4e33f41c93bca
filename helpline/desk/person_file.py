"""What is handed to somebody who asks what is kept of them, to be read and printed, in their language."""

from __future__ import annotations

from datetime import datetime

from flask import render_template

from helpline.callers_command.export_file import ABOUT
from helpline.consent.kept import Kept
from helpline.desk.language import Words
from helpline.desk.person_shown import person_shown
from helpline.settings import Settings

_ABOUT = ("why", "how_long", "who_receives_it", "your_rights")  # in the order of `ABOUT`


def to_read(kept: Kept, number: str, fingerprint: str, settings: Settings, now: datetime, t: Words) -> str:
    """A page of its own with everything, and what it is for."""
    return render_template(
        "desk/person_file.html",
        t=t,
        person=person_shown(kept, t, most=None),
        number=number,
        fingerprint="" if kept.is_nothing else fingerprint,
        settings=settings,
        made=t.moment(now),
        about=zip(_ABOUT, ABOUT[t.language].values(), strict=True),
    )
