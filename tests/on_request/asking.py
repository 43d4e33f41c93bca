"""Ten people who text APPEL to a web process of their own, on a day that has seventeen calls for everybody.

python -m tests.on_request.asking DATABASE FOLDER NUMBER
"""

from __future__ import annotations

import sys
from pathlib import Path

from helpline.records.engine import open_records
from tests.on_request.people import Asker, rules_on


def main() -> None:
    database, folder, process = sys.argv[1:]
    told: list[str] = []
    rules = rules_on(open_records(database), Path(folder) / process, told.append, calls_a_day=17)
    for person in range(10):
        outcome = Asker(rules, f"+33639984{process}{person:02}", "sms").asks_for_call()
        sys.stdout.write(f"asked {outcome}\n")
    sys.stdout.write("asked alert\n" * len(told))


if __name__ == "__main__":
    main()
