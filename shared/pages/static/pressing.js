// One thing at a time, and no press is dropped in silence: what cannot begin yet begins when the other has ended.
import { _ } from "./texts.js";

// `say` tells what goes on, `waits` what was pressed meanwhile.
export class Pressing {
  constructor({ say, waits }) {
    Object.assign(this, { say, waits, running: null, next: null });
  }

  // Whatever goes wrong with `work` is said, in the words of whoever refused. `what` tells two presses of one button.
  async doing(what, words, work) {
    if (this.running === what) {
      this.waits(_("That is being done already."));
      return;
    }
    if (this.running) {
      this.next = { what, words, work };
      this.waits(_("This is done as soon as what is under way has ended."));
      return;
    }
    this.running = what;
    if (words) this.say(words);
    try {
      await work();
    } catch (error) {
      this.say(_("Not done: %(why)s.", { why: error.message }).replace(/\.\.$/, "."));
    } finally {
      this.running = null;
      this.waits("");
    }
    const { next } = this;
    this.next = null;
    if (next) await this.doing(next.what, next.words, next.work);
  }
}
