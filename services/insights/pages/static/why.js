// Why something counts or does not, said to staff: by the code of the number's own reason.
import { _ } from "./texts.js";

const WHY = {
  earned: _("Earned in time, and on the program's list."),
  after_as_of: _("It counts from a later day on."),
  no_award: _("No credential that was passed is in the records."),
  not_verified: _("Its issuer has not confirmed it yet."),
  revoked: _("It was revoked."),
  late: _("It was earned after the last day for this program."),
  early: _("It was earned before the program was begun."),
  tier: _("It is not among the program's high-value credentials."),
  in_progress: _("It is still in progress."),
  failed: _("The attempt was not passed."),
  not_aligned: _("It is not on the program's list of credentials."),
  not_central: _("Only programs at central campuses are counted, and this one is at a satellite."),
};

export const why = (reason) => WHY[reason.code] ?? `${reason.words.charAt(0).toUpperCase()}${reason.words.slice(1)}.`;
