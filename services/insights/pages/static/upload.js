// Sends a file and tells how much of it is out; an answer that refuses is an error in the service's own words.
import { Told } from "./sending.js";
import { _ } from "./texts.js";

// Nobody can say whether the file arrived.
export class Lost extends Error {}

export function upload(address, file, type, sent) {
  return new Promise((done, fail) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", address);
    asked.setRequestHeader("Accept", "application/json");
    asked.setRequestHeader("Content-Type", type);
    asked.upload.addEventListener("progress", (event) => event.lengthComputable && sent(event.loaded, event.total));
    asked.addEventListener("error", () => fail(new Lost(_("the connection was lost while the file was sent"))));
    asked.addEventListener("load", () => {
      let body = null;
      try {
        body = JSON.parse(asked.responseText);
      } catch {
        // What is no answer of ours is told by its status alone.
      }
      if (asked.status < 400 && body) done(body);
      else if (asked.status === 401) fail(new Told(401, _("your sign-in has ended: sign in again, then come back to this page")));
      else fail(new Told(asked.status, body?.detail || _("the answer was %(status)s", { status: asked.status }), body?.errors));
    });
    asked.send(file);
  });
}
