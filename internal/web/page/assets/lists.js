// The two lists beside the log: conversations, and people.
import { arrange, button, el, write } from "./dom.js";
import { hue } from "./text.js";

/** @typedef {import("./chat.js").Chat} Chat */

/** A list of buttons, one for each name; a name keeps its button. */
class NameList {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  #list;
  #make;

  /**
   * @param {HTMLElement} list
   * @param {(name: string) => HTMLElement} make
   */
  constructor(list, make) {
    this.#list = list;
    this.#make = make;
  }

  /**
   * @param {string[]} names
   * @param {(row: HTMLElement, name: string) => void} update
   */
  draw(names, update) {
    const rows = new Map(names.map((name) => [name, this.#rows.get(name) ?? this.#make(name)]));
    for (const [name, row] of rows) update(row, name);
    this.#rows = rows;
    arrange(this.#list, [...rows.values()]);
  }
}

/** @param {string} name */
function face(name) {
  const e = el("span", `face hue-${hue(name)}`, name.slice(0, 1).toUpperCase());
  e.ariaHidden = "true";
  return e;
}

export class ConversationsView {
  #list;
  #chat;

  /**
   * @param {HTMLElement} box
   * @param {Chat} chat
   * @param {(name: string) => void} open
   */
  constructor(box, chat, open) {
    this.#chat = chat;
    this.#list = new NameList(box, (name) => {
      const sign = name ? face(name) : el("span", "face everybody", "#");
      const row = el(
        "li",
        "",
        button("row", "", () => open(name)),
      );
      row.firstElementChild?.append(sign, el("bdi", "", name || "Everybody"), el("span", "count"), el("span", "hidden"));
      if (name) {
        const close = button("close", "×", () => {
          chat.close(name);
          box.querySelector("button")?.focus();
        });
        close.ariaLabel = `Close the conversation with ${name}`;
        row.append(close);
      }
      return row;
    });
  }

  draw() {
    const chat = this.#chat;
    this.#list.draw([...chat.conversations.keys()], (row, name) => {
      const { unread } = chat.conversation(name);
      const open = row.querySelector("button");
      if (open) open.ariaCurrent = name === chat.current ? "true" : null;
      const [count, hidden] = row.querySelectorAll(".count, .hidden");
      write(count, unread > 0 ? String(unread) : "");
      write(hidden, unread > 0 ? "unread" : "");
    });
  }
}

export class PeopleView {
  #list;
  #chat;
  #head;

  /**
   * @param {{ box: HTMLElement, head: HTMLElement }} parts
   * @param {Chat} chat
   * @param {(name: string) => void} open
   */
  constructor({ box, head }, chat, open) {
    this.#chat = chat;
    this.#head = head;
    this.#list = new NameList(box, (name) => el("li", "", el("button", "row", face(name), el("bdi", "", name), el("span", "you"))));
    box.addEventListener("click", (event) => {
      const row = /** @type {Element} */ (event.target).closest(".row");
      const name = row?.querySelector("bdi")?.textContent;
      if (name) open(name);
    });
  }

  draw() {
    const { people, me } = this.#chat;
    write(this.#head, people.length > 0 ? `People · ${people.length}` : "People");
    this.#list.draw(people, (row, name) => {
      const mark = row.querySelector(".you");
      if (mark) write(mark, name === me.name ? "you" : "");
      row.title = name === me.name ? "" : `Write to ${name} alone`;
    });
  }
}
