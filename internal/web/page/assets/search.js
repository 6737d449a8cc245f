// The search in what was said, where the server can do it.
import { el, write } from "./dom.js";
import { piece } from "./log.js";
import { plural } from "./protocol.js";
import { clock, day, hue, pieces } from "./text.js";

/** @typedef {import("./protocol.js").Line} Line */

export class SearchView {
  #dialog;
  #list;
  #said;

  /**
   * @param {{ dialog: HTMLDialogElement, form: HTMLFormElement, words: HTMLInputElement, list: HTMLElement, said: HTMLElement }} parts
   * @param {(words: string) => Promise<Line[]>} search
   */
  constructor({ dialog, form, words, list, said }, search) {
    this.#dialog = dialog;
    this.#list = list;
    this.#said = said;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!words.value.trim()) return;
      write(said, "Searching…");
      try {
        this.#show(await search(words.value.trim()));
      } catch {
        write(said, "The connection was lost: try again.");
      }
    });
  }

  open() {
    this.#dialog.showModal();
  }

  /** @param {Line[]} lines */
  #show(lines) {
    write(this.#said, lines.length > 0 ? `${plural(lines.length, "message")}, the best first` : "Nobody has said that.");
    this.#list.replaceChildren(
      ...lines.map((line) => {
        const when = line.time ?? new Date(0);
        const time = el("time", "", `${day(when)}, ${clock(when)}`);
        const text = el("p", "text", ...pieces(line.text).map(piece));
        text.dir = "auto";
        return el("li", "", el("div", "who", el("bdi", `name hue-${hue(line.from)}`, line.from), time), text);
      }),
    );
  }
}
