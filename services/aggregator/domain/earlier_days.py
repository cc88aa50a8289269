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
_EXCUSED = "an enrolment that comes to be excused, or ends sooner, leaves every earlier day too"
_LANGUAGE = "a family's language is the one that is known now, on every earlier day too"
_ANOTHER_ENROLMENT = f"a later enrolment of the year gives the place, and is to be reached too; {_EXCUSED}"
_ONE_A_DAY = "of several touches of one day the one that names a program gives the place, on earlier days too"
_HELD_LAST = "an attempt that is cancelled after it was held leaves every earlier day too"
_FIRST_DAY = "an earlier day that is told of late moves its guardian to that day"
_LATEST_ANSWER = "the latest answer of a guardian to a version decides alone, on earlier days too"
_WORKSHOP = "a workshop that is cancelled leaves every earlier day too, with all who were at it"
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
    "G7.two_in_two_terms": f"{_EXCUSED}; {_LANGUAGE}",
    "G7.two_in_two_terms.linked": _EXCUSED,
    "G7.two_in_two_terms.with_workshops_out": _EXCUSED,
    "G7.two_in_two_terms.with_delivered": _EXCUSED,
    "G7.two_in_two_terms.with_student": _EXCUSED,
    "G7.two_in_two_terms.by_student": _ANOTHER_ENROLMENT,
    "G7.two_in_two_terms.whole": _EXCUSED,
    "G7.one": f"{_EXCUSED}; {_LANGUAGE}",
    "G7.touches": _ONE_A_DAY,
    "G7.reach": _HELD_LAST,
    "G7.missed": _NOTHING,
    "G7.not_made": _NOTHING,
    "G7.language_met": "of several touches of one day the one that met the language counts, on earlier days too",
    "G7.excused": f"whether it is excused is worked out for the whole year, and holds for all its days; {_LANGUAGE}",
    "G7.plans": _NOTHING,
    "G7.plan_points": _EXCUSED,
    "G10.touches": _ONE_A_DAY,
    "E4.2": _WORKSHOP,
    "E4.2.all_levels": _WORKSHOP,
    "E4.2.planned": _WORKSHOP,
    "E4.2.by_district": _WORKSHOP,
    "E4.3": f"{_FIRST_DAY}; {_WORKSHOP}",
    "E4.3.seats": _WORKSHOP,
    "E4.3.unnamed": _WORKSHOP,
    "E4.3.any_topic": f"{_FIRST_DAY}; {_WORKSHOP}",
    "E4.4": _LATEST_ANSWER,
    "E4.4.partial": _LATEST_ANSWER,
    "E4.4.either": _LATEST_ANSWER,
    "E4.5": "a version that is published earlier and told of late moves the survey to that day",
    "S2.families": _LATEST_ANSWER,
    "completers.central": _LAST_COMPLETION,
    "completers.all": _LAST_COMPLETION,
    "awards": _REVOKED,
    "attempts": _NOTHING,
}
