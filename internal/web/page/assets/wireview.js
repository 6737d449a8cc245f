// The wire view: the raw lines of our own connection as they pass, and what they
// mean.
import { el, write } from "./dom.js";
import { explain } from "./protocol.js";

/** So many lines are kept. */
const most = 500;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

export class WireView {
  /** Lines that have passed and are not drawn yet. @type {HTMLElement[]} */
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
    list.addEventListener("focusin", (event) => this.#tell(event.target));
    list.addEventListener("keydown", (event) => this.#move(event));
    hold.addEventListener("change", () => this.draw());
  }

  /**
   * Takes a line that passes.
   * @param {"in" | "out" | "note"} direction
   * @param {string} line
   */
  pass(direction, line) {
    const now = new Date();
    const sign = el("span", "sign", { in: "←", out: "→", note: "·" }[direction]);
    sign.ariaLabel = { in: "from the server", out: "to the server", note: "connection" }[direction];
    sign.role = "img";
    const raw = el("bdi", "raw", line);
    raw.dir = "ltr";
    const row = el("li", direction, el("time", "", time.format(now)), sign, raw);
    row.dataset.direction = direction;
    row.tabIndex = -1;
    this.#passed.push(row);
    if (this.#passed.length > most) this.#passed.shift();
  }

  draw() {
    const list = this.#list;
    if (this.#drawer.hidden || this.#hold.checked || this.#passed.length === 0) return;
    const following = list.scrollHeight - list.scrollTop - list.clientHeight < 30;
    list.append(...this.#passed.splice(0));
    while (list.children.length > most) list.firstElementChild?.remove();
    // Tab comes to one line; the arrows go to the others.
    if (!list.querySelector('[tabindex="0"]')) /** @type {HTMLElement} */ (list.lastElementChild).tabIndex = 0;
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
    const to = { ArrowUp: row.previousElementSibling, ArrowDown: row.nextElementSibling, End: row.parentElement?.lastElementChild }[
      event.key
    ];
    if (!(to instanceof HTMLElement)) return;
    event.preventDefault();
    row.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }
}
