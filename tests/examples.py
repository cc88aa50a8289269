"""How many examples Hypothesis makes: a few in every run, many in `make test-all`."""

import hypothesis

BY_DEFAULT, THOROUGHLY = 40, 150
FEWEST = 25


def examples(many: int) -> int:
    """So many in `make test-all`, and a part of them in every other run: for what needs more or fewer than most do."""
    return max(min(many, FEWEST), many * hypothesis.settings.default.max_examples // THOROUGHLY)
