"""`python -m services.aggregator` counts; `python -m services.aggregator accept TOPIC` takes a new log for counted."""

import sys

from services.aggregator.operating.accept_log import main as accept
from shared.process.serving import serve

if __name__ == "__main__":
    if sys.argv[1:2] == ["accept"]:
        accept(sys.argv[2:])
    else:
        serve("services.aggregator.main:build")
