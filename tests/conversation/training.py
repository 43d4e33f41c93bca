"""A kind that no code knows: "a training that starts", as somebody who edits prompts would add it. YAML only."""

KIND = """
training:
  asks: moment
  most: 2
  waves:
    week:
      when: 7 days before
      if closed: next day
    start:
      when: same day
      leaves: 60 minutes
"""

WORDS = """
training:
  ask: day
  next: training.time
  fr:
    label: Formation
    keywords: rappel formation, rappel de formation, noter ma formation
    dated: formation, ma formation, ma formation commence
    text: |
      Quel jour commence la formation ? Exemple : 12/12
    voice: |
      Quel jour commence la formation ?
      Tapez le jour et le mois, en quatre chiffres.
    again: |
      Le jour et le mois, en quatre chiffres.
  en:
    label: Training
    keywords: training reminder, note my training
    dated: training, my training, my training starts
    text: |
      Which day does the training start? Example: 12/12
    voice: |
      Which day does the training start?
      Press the day and the month, four digits.
    again: |
      The day and the month, four digits.

training.day:
  ask: day
  next: training.time
  fr:
    label: Jour de la formation
    text: |
      Quel jour commence la formation ?
  en:
    label: Day of the training
    text: |
      Which day does the training start?

training.time:
  ask: time
  next: training.sure
  fr:
    label: Heure de la formation
    text: |
      Le {day}. À quelle heure ? Exemple 14h30
    voice: |
      Le {day}. À quelle heure ? Tapez quatre chiffres.
  en:
    label: Time of the training
    text: |
      On {day}. At what time? Example 14:30
    voice: |
      On {day}. At what time? Press four digits.

training.sure:
  by: keys
  options: training.note, training.day
  fr:
    label: C'est bien cela ?
    text: |
      Formation {day}, {time}. Rappels : {reminders}.
      1 Oui, c'est juste
      2 Changer
  en:
    label: Is it right?
    text: |
      Training {day}, {time}. Reminders: {reminders}.
      1 Yes, it is right
      2 Change

training.note:
  effect: note
  of: training
  outcomes:
    saved: training.saved
    saved_call: training.saved.call
    known: training.saved
    past: contact
    too_late: contact
    too_many: contact
    not_asked: training
    blocked: remind.blocked
    no_text: remind.landline
    no_number: remind.withheld
    not_saved: remind.later
  fr:
    label: Noter la formation
  en:
    label: Save the training

training.saved:
  options: remind
  fr:
    label: C'est noté
    text: |
      C'est noté : formation {day}, {time}.
      1 Vos rappels
  en:
    label: Saved
    text: |
      It is saved: training {day}, {time}.
      1 Your reminders

training.saved.call:
  options: remind
  fr:
    label: C'est noté
    text: |
      C'est noté : formation {day}, {time}. Nous appellerons.
      1 Vos rappels
  en:
    label: Saved
    text: |
      It is saved: training {day}, {time}. We will call.
      1 Your reminders

training.welcome:
  options: remind
  fr:
    label: Formation
    text: |
      {service} : formation {day} notée au téléphone.
      1 Vos rappels
  en:
    label: Training
    text: |
      {service}: training {day}, saved by phone.
      1 Your reminders

training.wave.week:
  options: training.time
  fr:
    label: Rappel
    text: |
      {service} : formation dans {in_days}, {day}, {time}.
      1 Changer l'heure
      7 C'est fait
  en:
    label: Reminder
    text: |
      {service}: training in {in_days}, {day}, {time}.
      1 Change the time
      7 It is done

training.wave.start:
  options: training.time
  fr:
    label: Rappel
    text: |
      {service} : votre formation est à {time}.
      1 Changer l'heure
      7 C'est fait
  en:
    label: Reminder
    text: |
      {service}: your training is at {time}.
      1 Change the time
      7 It is done

training.call.week:
  options: stop
  fr:
    label: Appel
    text: |
      Ici {service}. Formation {day}, {time}.
      1 Plus d'appels
  en:
    label: Call
    text: |
      This is {service}. Training {day}, {time}.
      1 No more calls

training.call.start:
  options: stop
  fr:
    label: Appel
    text: |
      Ici {service}. Votre formation est à {time}.
      1 Plus d'appels
  en:
    label: Call
    text: |
      This is {service}. Your training is at {time}.
      1 No more calls
"""
