// Where one writes: a draft for each conversation, names completed with Tab.
import { bytes, clean, maxLine } from "./protocol.js";
import { local } from "./store.js";

/** @typedef {import("./chat.js").Chat} Chat */

export class ComposeView {
  #chat;
  #text;
  #send;
  /** Whose draft is in the box. @type {string | null} */
  #shown = null;
  /** @type {Completion | null} */
  #completion = null;

  /**
   * @param {{ form: HTMLFormElement, text: HTMLTextAreaElement, send: HTMLButtonElement }} parts
   * @param {Chat} chat
   * @param {(text: string) => void} say
   */
  constructor({ form, text, send }, chat, say) {
    this.#chat = chat;
    this.#text = text;
    this.#send = send;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (send.disabled || clean(text.value) === "") return;
      say(text.value);
      this.#put("");
      text.focus();
    });
    text.addEventListener("input", () => {
      this.#completion = null;
      this.#changed();
    });
    // However a keyboard, or a phone's, says Enter: a line break is what it would make.
    text.addEventListener("beforeinput", (event) => {
      if (event.inputType !== "insertLineBreak") return;
      event.preventDefault();
      form.requestSubmit();
    });
    text.addEventListener("keydown", (event) => {
      if (event.isComposing) return; // the keys are those of an input method
      if (event.key === "Tab" && !event.shiftKey && this.#complete()) event.preventDefault();
      else if (event.key !== "Shift") this.#completion = null;
    });
  }

  /**
   * Says what hinders, where it is the text itself or its haste.
   * @param {boolean} can something be sent now?
   */
  draw(can) {
    const { current, blocked } = this.#chat;
    if (current !== this.#shown) {
      this.#shown = current;
      this.#text.value = local.get(`draft ${current}`);
      this.#grow();
    }
    const wait = blocked - Date.now();
    const long = bytes(`privmsg ${current} ${clean(this.#text.value)}`) > maxLine;
    this.#send.disabled = !can || wait > 0 || long;
    this.#text.setAttribute("aria-invalid", String(long));
    if (wait > 0) return "Too many messages at once. Your text stays.";
    if (long) return `Too long: a line has at most ${maxLine} bytes.`;
    return "";
  }

  /** @param {string} text */
  #put(text) {
    this.#text.value = text;
    this.#changed();
  }

  #changed() {
    local.set(`draft ${this.#shown}`, this.#text.value);
    this.#grow();
    this.#chat.onchange();
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  /** Puts the next name that fits, and reports whether there is one: else Tab goes on. */
  #complete() {
    const text = this.#text;
    const { people, me } = this.#chat;
    const names = people.filter((name) => name !== me.name);
    this.#completion ??= begin(text.value, text.selectionStart, names);
    if (!this.#completion) return false;
    const { value, caret } = next(this.#completion);
    text.value = value;
    text.setSelectionRange(caret, caret);
    this.#changed();
    return true;
  }
}

/** @typedef {{ before: string, after: string, names: string[], i: number }} Completion */

/**
 * @param {string} text
 * @param {number} caret
 * @param {string[]} names
 * @returns {Completion | null}
 */
export function begin(text, caret, names) {
  const before = text.slice(0, caret);
  const part = /[A-Za-z0-9]+$/.exec(before)?.[0].toLowerCase();
  if (!part) return null;
  const fit = names.filter((name) => name.toLowerCase().startsWith(part));
  if (fit.length === 0) return null;
  return { before: before.slice(0, -part.length), after: text.slice(caret), names: fit, i: 0 };
}

/** @param {Completion} completion */
export function next(completion) {
  const { before, after, names } = completion;
  const name = names[completion.i++ % names.length];
  const start = before + name + (before === "" ? ": " : " ");
  return { value: start + after, caret: start.length };
}
