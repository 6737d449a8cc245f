// The name: a button that says what can be done about it, and the dialog.
import { byId, write } from "./dom.js";
import { local, tab } from "./store.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./session.js").Session} Session */

export class LoginView {
  #show = byId("show-login", HTMLButtonElement);
  #dialog = byId("login", HTMLDialogElement);
  #name = byId("login-name", HTMLInputElement);
  #error = byId("login-error", HTMLElement);
  #session;
  #chat;
  #done;

  /**
   * @param {Session} session
   * @param {Chat} chat
   * @param {() => void} done somebody has logged in
   */
  constructor(session, chat, done) {
    this.#done = done;
    this.#session = session;
    this.#chat = chat;
    this.#show.addEventListener("click", () => this.open());
    byId("login-cancel", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    byId("login-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#logIn(this.#name.value.trim());
    });
  }

  open() {
    this.#name.value = this.#session.wanted || local.get("name");
    write(this.#error, "");
    this.#dialog.showModal();
    this.#name.select();
  }

  /** @param {string} name */
  async #logIn(name) {
    const why = await this.#session.logIn(name);
    write(this.#error, why);
    if (why) return this.#name.select();
    local.set("name", name);
    tab.set("name", name); // another tab is another user
    this.#dialog.close();
    this.#done();
  }

  draw() {
    write(this.#show, this.#chat.me.authorized ? "Change name" : "Log in");
    this.#show.hidden = !this.#session.here;
  }
}
