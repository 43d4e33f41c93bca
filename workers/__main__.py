"""The processes of the Procfile beside the web server, loaded without a look for garbage: it takes a fifth of that.

python -m workers worker [QUEUE]     as `python -m workers.worker`
python -m workers clock              as `python -m workers.clock`
"""

from __future__ import annotations

import sys
from importlib import import_module

from helpline.collecting import without_collecting

NAMES = ("worker", "clock")


def main() -> None:
    """Run the one that is named."""
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in NAMES:
        sys.exit("Usage: python -m workers worker [QUEUE]\n       python -m workers clock")
    with without_collecting():
        process = import_module(f"workers.{name}")
    process.main(prog_name=f"python -m workers {name}")


if __name__ == "__main__":
    main()
