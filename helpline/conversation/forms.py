"""What a caller answered to questions, and answers as they stand in a place: "2026-12-12T14:30" is "202612121430"."""

from __future__ import annotations

Form = tuple[tuple[str, str], ...]


def packed(answer: str) -> str:
    """An answer, or a date as text, by its digits."""
    return "".join(letter for letter in answer if letter.isdecimal() and letter.isascii())


def unpacked(digits: str) -> str:
    """The way back; empty for what is no answer."""
    if not (digits.isascii() and digits.isdecimal()):
        return ""
    day = f"{digits[:4]}-{digits[4:6]}"
    match len(digits):
        case 12:
            return f"{day}-{digits[6:8]}T{digits[8:10]}:{digits[10:]}"
        case 8:
            return f"{day}-{digits[6:]}"
        case 6:
            return day
        case 4:
            return f"{digits[:2]}:{digits[2:]}"
        case _:
            return ""


def answers_in(answer: str) -> dict[str, str]:
    """What an answer tells, by name: of "2026-12-12T14:30" the day and the time."""
    day, _, clock = answer.partition("T") if "-" in answer else ("", "", answer)
    return {name: told for name, told in (("day", day), ("time", clock)) if told}


def answered(form: Form, answer: str) -> Form:
    """The form with an answer. Another day asks for the time anew, unless that was told with it."""
    told = answers_in(answer)
    kept = {} if "day" in told else dict(form)
    return tuple((kept | told).items())


def occurrence_of(form: Form) -> str:
    """The date of a thing, as far as it is known."""
    told = dict(form)
    day, clock = told.get("day", ""), told.get("time", "")
    return f"{day}T{clock}" if day and clock else day
