"""What a later fact changes on earlier days, measure by measure: where the last of several decides, it decides for all.

`as_of` cuts by business day what is known now, not what was known then. Corrections, voids and merges change earlier
days of every measure.
"""

_REVOKED = "a revocation takes its award out on every earlier day too"
_LAST_COMPLETION = "the year's last completion gives day, place and window, on earlier days too"
_COMPLETER = f"{_LAST_COMPLETION}; {_REVOKED}"
_LAST_ENROLMENT = "the enrolment that began last gives the place, on earlier days too"
_BEST_SITTING = "the first passed sitting of the year gives the place, without one the last, on earlier days too"
_LAST_POST = "the last post decides alone: a later one takes what an earlier one showed out of earlier days"
_LAST_END = "the last enrolment decides, and a pair ends it: either, later, changes earlier days"
_OPTED_OUT = f"an opt-out takes its student's credentials out on every earlier day too; {_REVOKED}"
_NOTHING = "nothing but corrections, voids and merges"

EARLIER_DAYS: dict[str, str] = {
    "W1.headline": _COMPLETER,
    "W1.strict": _COMPLETER,
    "W1.with_satellites": _COMPLETER,
    "W1.verified": _COMPLETER,
    "W1.any_credential": _COMPLETER,
    "W1.by_program": _COMPLETER,
    "W1.pass_rate": _NOTHING,
    "W1.attempt_rate": _LAST_ENROLMENT,
    "W2.headline": _BEST_SITTING,
    "W2.with_satellites": _BEST_SITTING,
    "W2.first_attempt": _NOTHING,
    "W2.attempt_rate": _LAST_ENROLMENT,
    "W2.strict": _LAST_ENROLMENT,
    "W3.headline": _LAST_POST,
    "W3.with_satellites": _LAST_POST,
    "W3.proficient": _LAST_POST,
    "W3.growth": _LAST_POST,
    "W3.not_measurable": _LAST_END,
    "W3.not_measurable_with_satellites": _LAST_END,
    "G1.validated": _REVOKED,
    "G1.days_to_validated": _REVOKED,
    "G1.celebrated": _REVOKED,
    "G1.celebrated_of_those_who_may_be": _OPTED_OUT,
    "G1.approved_lists": _NOTHING,
    "completers.central": _LAST_COMPLETION,
    "completers.all": _LAST_COMPLETION,
    "awards": _REVOKED,
    "attempts": _NOTHING,
}
