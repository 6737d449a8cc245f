// The log of the conversation that is open. Each message is one element, whose
// looks depend on it and on the one before it; nobody's reading is moved.
import { arrange, button, el, write } from "./dom.js";
import { clock, day, hue, inFull, pieces, sameDay } from "./text.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./chat.js").Conversation} Conversation */
/** @typedef {import("./chat.js").Message} Message */
/** @typedef {import("./session.js").Session} Session */

/** What one says within this time stands together. */
const together = 5 * 60_000;

/** More at once than this have not just been said. */
const few = 5;

/** So near to the end is at the end, in pixels. */
const nearEnd = 40;

/** From here on up older messages are fetched, in pixels. */
const nearTop = 600;

export class LogView {
  /** @type {Map<Message, { element: HTMLElement, looks: string }>} */
  #drawn = new Map();
  /** @type {Conversation | null} */
  #shown = null;
  /** Is the reader at the end, so that the log follows? */
  #following = true;
  /** Where the new begins, as far as the reader was shown. @type {Message | null} */
  #fresh = null;
  #box;
  #news;
  #empty;
  #chat;
  #session;

  /**
   * @param {{ box: HTMLElement, news: HTMLButtonElement, empty: HTMLElement }} parts
   * @param {Chat} chat
   * @param {Session} session
   */
  constructor({ box, news, empty }, chat, session) {
    this.#box = box;
    this.#news = news;
    this.#empty = empty;
    this.#chat = chat;
    this.#session = session;
    box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    news.addEventListener("click", () => this.toEnd());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.look();
      else this.draw();
    });
    new ResizeObserver(() => this.#settle()).observe(box);
  }

  /** Tells the chat whether somebody looks at the end of the log. */
  look() {
    this.#chat.look(this.#following && document.visibilityState === "visible" && this.#box.clientHeight > 0);
  }

  toEnd() {
    this.#following = true;
    this.#settle();
  }

  /**
   * After anything that changes heights: who is at the end stays there, or where
   * the new begins if that is no longer in sight.
   * @param {Message | null} fresh
   */
  #settle(fresh = null) {
    const box = this.#box;
    if (this.#following) {
      box.scrollTop = box.scrollHeight;
      const top = fresh ? this.#drawn.get(fresh)?.element.offsetTop : undefined;
      if (top !== undefined && top < box.scrollTop) {
        box.scrollTop = top - box.clientHeight / 4;
        this.#following = false;
      }
    }
    this.look();
    this.#drawNews();
  }

  #scrolled() {
    const box = this.#box;
    this.#following = box.scrollHeight - box.scrollTop - box.clientHeight < nearEnd;
    this.look();
    this.#drawNews();
    this.#lookBack();
  }

  #lookBack() {
    if (this.#box.clientHeight > 0 && this.#box.scrollTop < nearTop && this.#shown?.complete === false) this.#session.older();
  }

  draw() {
    const c = this.#chat.conversation(this.#chat.current);
    const turned = c !== this.#shown;
    if (turned) {
      this.#drawn.clear();
      this.#box.replaceChildren();
      this.#shown = c;
      this.#following = true;
    }
    const mark = this.#following ? undefined : this.#topmost();
    const before = mark && this.#whereIs(mark);
    const known = this.#drawn.size;
    const elements = this.#elements(c);
    // A screen reader reads what is said, not a whole history.
    this.#box.ariaBusy = String(turned || elements.length - known > few);
    arrange(this.#box, elements);
    if (mark && before !== undefined) this.#box.scrollTop += this.#whereIs(mark) - before;
    this.#settle(turned || c.fresh !== this.#fresh ? c.fresh : null);
    this.#fresh = c.fresh;
    this.#drawEmpty(c);
    this.#lookBack();
  }

  /** @param {Conversation} c */
  #elements(c) {
    const drawn = new Map();
    /** @type {Message | null} */
    let before = null;
    for (const m of c.messages) {
      const looks = this.#looks(c, m, before);
      let known = this.#drawn.get(m);
      if (known?.looks !== looks) known = { element: this.#message(c, m, looks), looks };
      known.element.classList.toggle("waiting", m.state === "waiting");
      drawn.set(m, known);
      before = m;
    }
    this.#drawn = drawn;
    return [...drawn.values()].map(({ element }) => element);
  }

  /**
   * What a message shows beside its text, as words; those that are another make
   * another element.
   * @param {Conversation} c
   * @param {Message} m
   * @param {Message | null} before
   */
  #looks(c, m, before) {
    const newDay = !before || !sameDay(before.time, m.time);
    const fresh = c.fresh === m;
    const head = newDay || fresh || m.gap || before?.from !== m.from || m.time.getTime() - before.time.getTime() > together;
    const looks = [m.state === "refused" || m.state === "unsure" ? m.state : "sent"];
    if (newDay) looks.push("day");
    if (m.gap) looks.push("gap");
    if (fresh) looks.push("fresh");
    if (head) looks.push("head");
    if (m.mine || m.from === this.#chat.me.name) looks.push("mine");
    if (m.state === "refused" && Date.now() < this.#chat.blocked) looks.push("blocked");
    return looks.join(" ");
  }

  /**
   * @param {Conversation} c
   * @param {Message} m
   * @param {string} looks
   */
  #message(c, m, looks) {
    const e = el("div", `message ${looks}`);
    const has = new Set(looks.split(" "));
    if (has.has("day")) e.append(el("div", "rule day", el("span", "", day(m.time))));
    if (has.has("gap")) e.append(el("div", "rule gap", el("span", "", "Some messages before this one are no longer kept")));
    if (has.has("fresh")) e.append(el("div", "rule fresh", el("span", "", "New since you left")));
    const time = el("time", "", clock(m.time));
    time.dateTime = m.time.toISOString();
    time.title = inFull(m.time);
    if (has.has("head")) {
      const face = el("span", `face hue-${hue(m.from)}`, m.from.slice(0, 1).toUpperCase());
      face.ariaHidden = "true";
      e.append(face, el("div", "who", el("bdi", `name hue-${hue(m.from)}`, m.from), has.has("mine") ? el("span", "you", "you") : "", time));
    } else {
      e.append(time, el("span", "hidden", `${m.from}: `));
    }
    const text = el("p", "text", ...pieces(m.text).map(piece));
    text.dir = "auto";
    e.append(text);
    if (has.has("refused")) e.append(this.#refusal(c, m, has.has("blocked")));
    return e;
  }

  /**
   * @param {Conversation} c
   * @param {Message} m
   * @param {boolean} blocked
   */
  #refusal(c, m, blocked) {
    const again = button("small", "Send again", () => this.#session.again(c, m));
    again.disabled = blocked;
    return el(
      "p",
      "why",
      m.why,
      again,
      button("small", "Discard", () => this.#chat.forget(c, m)),
    );
  }

  /** The topmost message whose end is in sight. @returns {Message | undefined} */
  #topmost() {
    const messages = [...this.#drawn.keys()];
    const elements = /** @type {HTMLCollectionOf<HTMLElement>} */ (this.#box.children);
    let low = 0;
    let high = elements.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (elements[middle].offsetTop + elements[middle].offsetHeight > this.#box.scrollTop) high = middle;
      else low = middle + 1;
    }
    return messages[low];
  }

  /**
   * Where the text of a message is; what stands above it may change.
   * @param {Message} m
   */
  #whereIs(m) {
    return this.#drawn.get(m)?.element.querySelector(".text")?.getBoundingClientRect().top ?? 0;
  }

  #drawNews() {
    const unread = this.#shown?.unread ?? 0;
    this.#news.hidden = this.#following;
    write(this.#news, unread > 0 ? `${unread} new ↓` : "To the end ↓");
  }

  /** @param {Conversation} c */
  #drawEmpty(c) {
    this.#empty.hidden = c.messages.length > 0 || !c.complete;
    for (const text of /** @type {NodeListOf<HTMLElement>} */ (this.#empty.querySelectorAll("[data-for]"))) {
      text.hidden = (text.dataset.for === "room") !== (c.name === "");
    }
  }
}

/** @param {{ text: string, href?: string }} piece */
export function piece({ text, href }) {
  if (!href) return text;
  const a = el("a", "", text);
  a.href = href;
  a.target = "_blank";
  a.rel = "noopener noreferrer";
  return a;
}
