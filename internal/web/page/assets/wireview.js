// The wire view: the raw lines of our own connection as they pass, and what they
// mean.
import { el, write } from "./dom.js";
import { explain } from "./protocol.js";

/** @typedef {"in" | "out" | "note"} Direction */

/** So many lines are kept. */
const most = 500;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

export class WireView {
  /** Lines that have passed and are not drawn yet. @type {{ at: Date, direction: Direction, line: string }[]} */
  #passed = [];
  #drawer;
  #list;
  #means;
  #hold;

  /** @param {{ drawer: HTMLElement, list: HTMLElement, means: HTMLElement, hold: HTMLInputElement }} parts */
  constructor({ drawer, list, means, hold }) {
    this.#drawer = drawer;
    this.#list = list;
    this.#means = means;
    this.#hold = hold;
    list.addEventListener("mouseover", (event) => this.#tell(event.target));
    list.addEventListener("focusin", (event) => {
      this.#stop(event.target);
      this.#tell(event.target);
    });
    list.addEventListener("keydown", (event) => this.#move(event));
    hold.addEventListener("change", () => this.draw());
  }

  /**
   * Takes a line that passes.
   * @param {Direction} direction
   * @param {string} line
   */
  pass(direction, line) {
    this.#passed.push({ at: new Date(), direction, line });
    if (this.#passed.length > most) this.#passed.shift();
  }

  /** @param {{ at: Date, direction: Direction, line: string }} passed */
  #row({ at, direction, line }) {
    const sign = el("span", "sign", { in: "←", out: "→", note: "·" }[direction]);
    sign.ariaLabel = { in: "from the server", out: "to the server", note: "connection" }[direction];
    sign.role = "img";
    const raw = el("bdi", "raw", line);
    raw.dir = "ltr";
    const row = el("li", direction, el("time", "", time.format(at)), sign, raw);
    row.dataset.direction = direction;
    row.tabIndex = -1;
    return row;
  }

  draw() {
    const list = this.#list;
    if (this.#drawer.hidden || this.#hold.checked || this.#passed.length === 0) return;
    const following = list.scrollHeight - list.scrollTop - list.clientHeight < 30;
    const focused = list.contains(document.activeElement);
    list.append(...this.#passed.splice(0).map((passed) => this.#row(passed)));
    while (list.children.length > most) list.firstElementChild?.remove();
    // Tab comes to one line; the arrows go to the others.
    if (!list.querySelector('[tabindex="0"]')) {
      const row = /** @type {HTMLElement} */ (focused ? list.firstElementChild : list.lastElementChild);
      row.tabIndex = 0;
      if (focused) row.focus();
    }
    if (following) list.scrollTop = list.scrollHeight;
  }

  /** @param {EventTarget | null} target */
  #tell(target) {
    const row = /** @type {HTMLElement | null} */ (target)?.closest("li");
    const raw = row?.querySelector(".raw")?.textContent;
    if (!row || raw == null) return;
    this.#list.querySelector(".told")?.classList.remove("told");
    row.classList.add("told");
    const direction = row.dataset.direction;
    if (direction !== "in" && direction !== "out") return write(this.#means, raw);
    const { means, rules } = explain(direction, raw);
    this.#means.replaceChildren(el("span", "", means), " ", el("span", "rules", rules));
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const row = /** @type {HTMLElement} */ (event.target);
    const to = {
      ArrowUp: row.previousElementSibling,
      ArrowDown: row.nextElementSibling,
      Home: this.#list.firstElementChild,
      End: this.#list.lastElementChild,
    }[event.key];
    if (!(to instanceof HTMLElement)) return;
    event.preventDefault();
    to.focus();
  }

  /** @param {EventTarget | null} target */
  #stop(target) {
    const row = /** @type {HTMLElement | null} */ (target)?.closest("li");
    const stop = /** @type {HTMLElement | null} */ (this.#list.querySelector('[tabindex="0"]'));
    if (!row || !stop) return;
    stop.tabIndex = -1;
    row.tabIndex = 0;
    row.scrollIntoView({ block: "nearest" }); // it is shown whole
  }
}
