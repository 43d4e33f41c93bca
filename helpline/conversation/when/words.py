"""Words that stand in dates and times, and around them, without accents."""

from __future__ import annotations

from collections.abc import Mapping


def listed(words: str) -> frozenset[str]:
    """The words of a list with spaces between."""
    return frozenset(words.split())


TODAY = listed("today aujourdhui aujourdui ojourdui ojourdhui ajd ajrd auj ojd tday")
TOMORROW = listed(
    "demain demin deman dmain demains dem1 tomorrow tomorow tommorow tommorrow tomorro tmrw tmw tmr tomoro"
)
YESTERDAY = frozenset(("hier", "yesterday"))
MORNING = listed("matin matinee mat morning")
AFTERNOON = listed("aprem apresmidi aprm afternoon")
EVENING = listed("soir soiree evening")
NIGHT = listed("nuit night")
AFTER = listed("apres apre aprs apr aprez ap")
NEXT = listed("prochain prochaine prochin prochains suivant")
HOURS = listed("h hr hrs hour hours heure heures heur heurs eure eures hs")
AT = listed("a at vers around @ pour by")
THE = frozenset(("le", "the", "l"))
OF = listed("de du of d")
ORDINAL_ENDS = listed("er ere eme e st nd rd th ier")
UNITS: Mapping[str, str] = {
    **dict.fromkeys(listed("jour jours jr jrs j day days"), "day"),
    **dict.fromkeys(listed("semaine semaines sem week weeks"), "week"),
    **dict.fromkeys(listed("mois month months"), "month"),
    **dict.fromkeys(listed("minute minutes min mins mn"), "minute"),
    **dict.fromkeys(HOURS, "hour"),
}
# What a number that is no day and no time counts.
COUNTED = listed(
    """
    euro euros eur e € $ £ % an ans annee annees year years personne personnes people person enfant enfants
    children kid kids fois times km kg m2 cm mois month months semaine semaines week weeks jour jours day days j
    jrs minute minutes min mins mn sms messages message pages page rue avenue bis ter points point credits h hour
    hours heure heures caracteres chiffres numeros trimestres
    """
)
STREETS = listed("rue place avenue av bd bld boulevard quai cours square impasse allee pont")
FILLERS = listed(
    """
    le la les l the on at a au aux du de d des of in for to pour par vers around about environ mon ma my un une an
    and et rdv rendez vous rendezvous rv appointment appt apt meeting entretien est is it its s c ce ca cest sera
    jour date day heure heures time heur hour hello bonjour bonsoir salut hi merci thanks thank you svp stp please
    te plait il oui yes ok i j ai have g jai that me m voila donc alors fixe prevu mois month titre carte expire
    expires fin finit jusqu until till avant before valable papier valid ends end cet this non no mettez note
    notez numero 👍
    """
)
