"""Which phones the page shows: those of its address, so that a reload and a shared link show the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import phonenumbers

from helpline.setting_rules import e164
from helpline.simulator.line.numbers import is_landline, why_no_texts

Kind = Literal["mobile", "landline", "withheld"]

WITHHELD = "anonymous"
MOST = 4  # each holds a connection, and browsers keep six to a server
# Numbers that are kept for fiction: nobody has them.
OFFERED = ("+33639980001", "+33639980002", "+33199005678", WITHHELD)
_SHORT = re.compile(r"[0-9]{2,6}")  # 112, 3949, 38123, 118712: services, not subscribers
KINDS: dict[Kind, str] = {"mobile": "Mobile", "landline": "Landline", "withheld": "Withheld number"}


@dataclass(frozen=True, slots=True)
class ShownPhone:
    """One phone of the page. `number` is how the carrier knows it."""

    number: str

    @property
    def kind(self) -> Kind:
        if self.number == WITHHELD:
            return "withheld"
        return "landline" if is_landline(self.number) else "mobile"

    @property
    def why_no_texts(self) -> str:
        """Why it sends and gets no texts; nothing where it does."""
        return why_no_texts(self.number)

    @property
    def written(self) -> str:
        """The number as people write it."""
        if self.number == WITHHELD:
            return KINDS["withheld"]
        return as_written(self.number)

    @property
    def name(self) -> str:
        """What the phone is called."""
        return self.written if self.kind == "withheld" else f"{KINDS[self.kind]} {self.written}"

    @property
    def in_address(self) -> str:
        """The number in the page's address, where a + would be read as a space."""
        return self.written.replace(" ", "") if self.number.startswith("+33") else self.number


def as_written(number: str) -> str:
    """A number as people in France write it; short codes and names of senders as they are."""
    if not number.startswith("+"):
        return number
    parsed = phonenumbers.parse(number)
    in_france = parsed.country_code == 33
    forms = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, forms.NATIONAL if in_france else forms.INTERNATIONAL)


def read_phone(text: str) -> ShownPhone | None:
    """The phone of a number as people type it; none where it is not a number."""
    if re.match(r" [1-9]", text):  # a + in an address is read as a space
        text = f"+{text.strip()}"
    text = text.strip()
    if text.lower() == WITHHELD:
        return ShownPhone(WITHHELD)
    if not re.fullmatch(r"[+\d .()-]{3,30}", text):
        return None
    number = e164(text)
    return ShownPhone(number) if number else None


def read_phones(texts: Iterable[str]) -> tuple[list[ShownPhone], list[str]]:
    """The phones of an address, each once, and what could not be read as a number. Without any, the first offered."""
    found: list[ShownPhone] = []
    wrong: list[str] = []
    for text in texts:
        phone = read_phone(text)
        if phone is None:
            wrong += [text] if text.strip() else []
        elif phone not in found and len(found) < MOST:
            found.append(phone)
    return found or [ShownPhone(OFFERED[0])], wrong


def why_no_phones(wrong: Iterable[str]) -> list[str]:
    """What is told of texts that are no number of a phone, a sentence of a kind."""
    texts = list(wrong)
    short = [text for text in texts if _SHORT.fullmatch(re.sub(r"[ .-]", "", text))]
    others = [text for text in texts if text not in short]
    told = [f"{', '.join(others)}: no phone number. Write it like 06 39 98 00 03."] if others else []
    if short:
        what = "a short number" if len(short) == 1 else "short numbers"
        told.append(f"{', '.join(short)}: {what}, and short numbers are no phones here.")
    return told


def address_of(phones: Sequence[ShownPhone]) -> str:
    """The page's address with these phones."""
    return "/?" + urlencode([("phone", phone.in_address) for phone in phones]) if phones else "/"


def offered_beside(phones: Sequence[ShownPhone]) -> list[tuple[ShownPhone, str]]:
    """The phones that may be put beside these, with the page's address then."""
    if len(phones) >= MOST:
        return []
    beside = [ShownPhone(number) for number in OFFERED]
    return [(phone, address_of([*phones, phone])) for phone in beside if phone not in phones]
