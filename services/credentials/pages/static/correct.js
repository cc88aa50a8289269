// Sets the day or the licence number of one saved award right, unless somebody else has changed it meanwhile.
import { day as written } from "/static/days.js";
import { ask, json, Told } from "/static/sending.js";
import { _ } from "/static/texts.js";

const form = document.getElementById("correct");
const heading = document.getElementById("correct-title");
const day = document.getElementById("correct-day");
const license = document.getElementById("correct-license");
const CHANGED_MEANWHILE = 412;

export class Correction {
  // `look` reads the program's numbers; `after` waits until the correction is counted.
  constructor({ awards, news, doing, look, after }) {
    Object.assign(this, { awards, news, look, after, row: null });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      doing("correction", _("Saving the correction…"), () => this.save());
    });
    document.getElementById("correct-leave").addEventListener("click", () => this.leave());
  }

  async open(row) {
    this.row = row;
    await this.read();
    form.hidden = false;
    day.focus();
  }

  async read() {
    const { etag, body } = await ask(`${this.awards}/${this.row.award}`);
    this.etag = etag;
    this.field = body.awarded_on ? "awarded_on" : "taken_on";
    heading.textContent = _("Correct the award of %(name)s", { name: this.row.name });
    day.value = body[this.field];
    license.value = body.license_number || "";
  }

  async save() {
    const before = (await this.look().catch(() => null))?.found;
    const change = { [this.field]: day.value, license_number: license.value.trim() || null };
    const lost = () => this.news(_("No answer yet; the same correction is sent again, which changes nothing twice."));
    const { award, name } = this.row;
    try {
      await ask(`${this.awards}/${award}`, json("PATCH", change, { "If-Match": this.etag }), lost);
    } catch (error) {
      if (!(error instanceof Told) || error.status !== CHANGED_MEANWHILE) throw error;
      await this.read();
      this.news(_("Not saved: somebody has changed this award meanwhile. What it says now is shown; correct it again if need be."));
      return;
    }
    this.row.words.textContent = _("Corrected: %(day)s.", { day: written(day.value) });
    this.news(_("The award of %(name)s is corrected.", { name }));
    this.leave();
    this.after(before, award);
  }

  leave() {
    form.hidden = true;
    if (this.row && !this.row.fix.hidden) this.row.fix.focus();
    this.row = null;
  }
}
