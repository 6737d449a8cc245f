// Notifications, for who wants them: of private messages, and of those that name
// us.
import { local } from "./store.js";
import { mentions } from "./text.js";

/** @typedef {import("./chat.js").Chat} Chat */

const can = "Notification" in window && isSecureContext;

export class Notifier {
  #button;

  /**
   * @param {HTMLButtonElement} button
   * @param {Chat} chat
   * @param {(name: string) => void} open
   */
  constructor(button, chat, open) {
    this.#button = button;
    button.hidden = !can;
    button.addEventListener("click", () => this.#toggle());
    chat.onnews = (c, m) => {
      if (this.#on && document.hidden && (c.name || mentions(m.text, chat.me.name))) this.#tell(m.from, m.text, () => open(c.name));
    };
    this.#draw();
  }

  get #on() {
    return can && Notification.permission === "granted" && local.get("notify") === "yes";
  }

  async #toggle() {
    const on = !this.#on && (await Notification.requestPermission()) === "granted";
    local.set("notify", on ? "yes" : "");
    this.#draw();
  }

  #draw() {
    this.#button.ariaPressed = String(this.#on);
    const denied = can && Notification.permission === "denied";
    this.#button.title = denied
      ? "Notifications: forbidden in the browser's settings"
      : "Notifications of private messages and of your name";
  }

  /**
   * @param {string} from
   * @param {string} body
   * @param {() => void} press
   */
  #tell(from, body, press) {
    try {
      const shown = new Notification(from, { body: body.slice(0, 200), tag: `parley ${from}` });
      shown.onclick = () => {
        window.focus();
        press();
        shown.close();
      };
    } catch {
      this.#button.hidden = true; // some phones have them only for installed pages
    }
  }
}
