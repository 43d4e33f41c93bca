"""How the tables came to be, step by step. `helpline.records.migrate` takes the steps.

A step is a file in `versions/`: its number, the step before it, `upgrade()` and `downgrade()`. It writes its tables out
in full and imports nothing of `tables.py`: what it did must not change when `tables.py` does.
"""
