"""Days and times as people write them, made without the tables of the hearing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
LANGUAGES = ("fr", "en")


def listed(words: str) -> list[str]:
    """The words of a list with spaces between."""
    return words.split()


MOIS = listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
MOIS_COURTS = listed("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.")
MONTHS = listed("January February March April May June July August September October November December")
JOURS = listed("lundi mardi mercredi jeudi vendredi samedi dimanche")
DAYS = listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
NOMBRES = listed(
    "zéro premier deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf vingt vingt-et-un vingt-deux vingt-trois vingt-quatre vingt-cinq vingt-six vingt-sept "
    "vingt-huit vingt-neuf trente trente-et-un"
)
ORDINALS = listed(
    "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
    "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
)
PLAIN = str.maketrans("éûÉÛ", "euEU")


def at(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment in France."""
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


def every_day() -> list[date]:
    """Every day of five years."""
    first = date(2026, 1, 1)
    return [first + timedelta(days) for days in range((date(2031, 1, 1) - first).days)]


def ten_ways_in_french(day: date) -> tuple[str, ...]:
    """`day` as it is written in French; four of them without its year."""
    number, month, year = day.day, day.month, day.year
    name, weekday = MOIS[month - 1], JOURS[day.weekday()]
    return (
        f"{number}/{month:02}/{year}",
        f"{number:02}.{month:02}.{year % 100}",
        f"{number:02}-{month:02}-{year}",
        f"Le {'1er' if number == 1 else number} {name} {year}",
        f"{weekday} {number} {name}".upper().translate(PLAIN),
        f"{number} {MOIS_COURTS[month - 1]} {year} 14h30",
        f"{number:02}/{month:02}",
        f"c'est le {weekday} {number}/{month} à 14h30",
        f"le {NOMBRES[number]} {name}",
        f"{year}-{month:02}-{number:02}",
    )


def ten_ways_in_english(day: date) -> tuple[str, ...]:
    """`day` as it is written in English in France: the day before the month where both are digits."""
    number, month, year = day.day, day.month, day.year
    name, weekday = MONTHS[month - 1], DAYS[day.weekday()]
    end = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in (11, 12, 13) else 0, "th")
    return (
        f"{name} {number}, {year}",
        f"the {number}{end} of {name} {year}",
        f"on {number}/{month}/{year}",
        f"{'March' if month == 3 else name[:3]} {number} at 2:30 pm",  # "mar" is a Tuesday too
        f"{weekday} {number} {name}".lower(),
        f"{number} {name[:3].upper()} {year} 2.30pm",
        f"{name} {ORDINALS[number]}",
        f"{year}-{month:02}-{number:02} 14:30",
        f"{number:02} {month:02} {year}",
        f"my appointment is {weekday} {number:02}/{month:02}",
    )


HEURES = listed(
    "zéro une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf vingt vingt-et-une vingt-deux vingt-trois"
)
MINUTES = {0: "", 15: " quinze", 30: " trente", 45: " quarante-cinq"}


def eight_ways(clock: time) -> tuple[str, ...]:
    """`clock` as it is written in both languages; the last three cannot be taken for another half of the day."""
    hour, minute = clock.hour, clock.minute
    half, twelve = ("am" if hour < 12 else "pm"), hour % 12 or 12
    return (
        f"{hour}h{minute:02}",
        f"à {hour} H {minute:02}",
        f"{hour:02}:{minute:02}",
        f"{HEURES[hour]} heure{'s' * (hour > 1)}{MINUTES[minute]}",
        f"{hour:02}{minute:02}",
        f"{twelve}:{minute:02} {half}",
        f"at {twelve}.{minute:02}{half}",
        f"{twelve}.{minute:02} {half[0]}.m.",
    )
