"""What is handed to a person who asks what is kept of them: all of it, with what it is for, in their words."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from helpline.callers_command.caller_shown import as_json
from helpline.consent.kept import Kept
from helpline.settings import Settings

ABOUT = {
    "fr": {
        "pourquoi": "Vous rappeler l'actualisation mensuelle et les dates que vous avez notées, par SMS ou par appel, "
        "parce que vous l'avez demandé (votre accord).",
        "combien_de_temps": "Le numéro jusqu'à STOP, ou 12 mois sans nouvelles. Les messages 90 jours. "
        "Un rendez-vous jusqu'au lendemain, un papier jusqu'au dernier rappel. "
        "Un appel demandé : le numéro jusqu'à l'appel, la demande 90 jours. "
        "La preuve de l'accord et le refus 3 ans après la fin, sans le numéro.",
        "qui_le_recoit": "Twilio, qui transporte les SMS et les appels, et garde leur texte un certain temps.",
        "vos_droits": "Finir : STOP. Tout effacer : EFFACER. Une plainte : CNIL, www.cnil.fr",
    },
    "en": {
        "why": "To remind you of the monthly update and of the dates that you noted, by text or by call, because you "
        "asked for it (your consent).",
        "how_long": "The number until STOP, or 12 months without news. Messages 90 days. "
        "An appointment until the day after it, a paper until its last reminder. "
        "A call that was asked for: the number until the call, the request 90 days. "
        "The proof of consent and the objection 3 years after the end, without the number.",
        "who_receives_it": "Twilio, which carries texts and calls, and keeps their words for a time.",
        "your_rights": "To end it: STOP. To erase all: ERASE. A complaint: CNIL, www.cnil.fr",
    },
}


def export_of(kept: Kept, number: str, fingerprint: str, settings: Settings, now: datetime) -> str:
    """The file's content."""
    responsible = {
        "service": settings.service_name,
        "operator": settings.operator_name,
        "phone": settings.operator_phone,
    }
    whole: dict[str, Any] = {
        "responsible": responsible,
        "made_at": now.isoformat(timespec="seconds"),
        "about": ABOUT,
        "number": number if kept.number_sealed or kept.is_called else "",
        "fingerprint": "" if kept.is_nothing else fingerprint,
        **as_json(kept),
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def write_privately(path: Path, content: str) -> None:
    """A new file that only its owner reads. OSError if there is one already."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as written:
        written.write(content)
