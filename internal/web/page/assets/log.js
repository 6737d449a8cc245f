// The log of the conversation that is open. Each message is one element, whose
// looks depend on it and on the one before it; nobody's reading is moved.
import { arrange, button, el, write } from "./dom.js";
import { clock, day, hue, inFull, mentions, pieces, sameDay } from "./text.js";

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
  /** What a reader who is not at the end sees first, and where it is. @type {{ message: Message, top: number } | null} */
  #sight = null;
  #box;
  #news;
  #empty;
  #chat;
  #session;
  #done;

  /**
   * @param {{ box: HTMLElement, news: HTMLButtonElement, empty: HTMLElement }} parts
   * @param {Chat} chat
   * @param {Session} session
   * @param {() => void} done a button has been pressed, and is gone
   */
  constructor({ box, news, empty }, chat, session, done) {
    this.#done = done;
    this.#box = box;
    this.#news = news;
    this.#empty = empty;
    this.#chat = chat;
    this.#session = session;
    box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    news.addEventListener("click", () => {
      this.toEnd();
      this.#pressed();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.look();
      else this.draw();
    });
    new ResizeObserver(() => {
      this.#restore();
      this.#settle();
    }).observe(box);
  }

  /** Tells the chat whether somebody looks at the end of the log, or reads further up. */
  look() {
    this.#chat.look(this.#following && document.visibilityState === "visible" && this.#box.clientHeight > 0, !this.#following);
  }

  /** A button that had the focus goes. */
  #pressed() {
    this.#box.focus({ preventScroll: true });
    this.#done();
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
        this.#keep();
      }
    }
    this.look();
    this.#drawNews();
  }

  #scrolled() {
    const box = this.#box;
    if (box.clientHeight === 0) return;
    this.#following = box.scrollHeight - box.scrollTop - box.clientHeight < nearEnd;
    this.#keep();
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
      this.#sight = null;
    }
    const known = this.#drawn.size;
    const elements = this.#elements(c);
    // A screen reader reads what is said, not a whole history.
    this.#box.ariaBusy = String(turned || elements.length - known > few);
    arrange(this.#box, elements);
    this.#restore();
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
      const shows = looks(m, before, c.fresh === m, this.#chat.me.name);
      let known = this.#drawn.get(m);
      if (known?.looks !== shows) known = { element: this.#message(c, m, shows), looks: shows };
      this.#update(known.element, m);
      drawn.set(m, known);
      before = m;
    }
    this.#drawn = drawn;
    return [...drawn.values()].map(({ element }) => element);
  }

  /**
   * What may change while the element stays.
   * @param {HTMLElement} e
   * @param {Message} m
   */
  #update(e, m) {
    e.classList.toggle("waiting", m.state === "waiting");
    const again = m.state === "refused" && e.querySelector("button");
    if (again) again.disabled = !this.#session.here || Date.now() < this.#chat.blocked;
    const named = e.classList.contains("day") && e.querySelector(".day span");
    if (named) write(named, day(m.time)); // it was today, and midnight has passed
  }

  /**
   * @param {Conversation} c
   * @param {Message} m
   * @param {string} looks
   */
  #message(c, m, looks) {
    const e = el("div", `message ${looks}`);
    const has = new Set(looks.split(" "));
    if (has.has("day")) e.append(el("div", "rule day", el("span")));
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
    if (has.has("refused")) e.append(this.#refusal(c, m));
    return e;
  }

  /**
   * @param {Conversation} c
   * @param {Message} m
   */
  #refusal(c, m) {
    const again = button("small", "Send again", () => {
      this.#session.again(c, m);
      this.#pressed();
    });
    const discard = button("small", "Discard", () => {
      this.#chat.forget(c, m);
      this.#pressed();
    });
    return el("p", "why", m.why, again, discard);
  }

  /** Keeps in mind what is in sight. */
  #keep() {
    const message = this.#following ? undefined : this.#topmost();
    this.#sight = message ? { message, top: this.#whereIs(message) } : null;
  }

  /** Puts back what was in sight, after something has moved it. */
  #restore() {
    if (!this.#sight || this.#box.clientHeight === 0) return;
    const { message, top } = this.#sight;
    if (this.#drawn.has(message)) this.#box.scrollTop += this.#whereIs(message) - top;
    else this.#following = true;
  }

  /** The topmost message whose beginning is in sight; of a very long one, the end. @returns {Message | undefined} */
  #topmost() {
    const messages = [...this.#drawn.keys()];
    const elements = /** @type {HTMLCollectionOf<HTMLElement>} */ (this.#box.children);
    const { scrollTop, clientHeight } = this.#box;
    let low = 0;
    let high = elements.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (elements[middle].offsetTop >= scrollTop) high = middle;
      else low = middle + 1;
    }
    return messages[low > 0 && elements[low].offsetTop > scrollTop + clientHeight ? low - 1 : low];
  }

  /**
   * Where in the box the text of a message is; what stands above it may change.
   * @param {Message} m
   */
  #whereIs(m) {
    const top = (/** @type {Element | null | undefined} */ e) => e?.getBoundingClientRect().top ?? 0;
    return top(this.#drawn.get(m)?.element.querySelector(".text")) - top(this.#box);
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

/**
 * What a message shows beside its text, as words; those that are another make
 * another element.
 * @param {Message} m
 * @param {Message | null} before
 * @param {boolean} fresh is it where the new begins?
 * @param {string} me
 */
export function looks(m, before, fresh, me) {
  const newDay = !before || !sameDay(before.time, m.time);
  const head = newDay || fresh || m.gap || before.from !== m.from || m.time.getTime() - before.time.getTime() > together;
  const mine = m.mine || m.from === me;
  const words = [m.state === "refused" || m.state === "unsure" ? m.state : "sent"];
  if (newDay) words.push("day");
  if (m.gap) words.push("gap");
  if (fresh) words.push("fresh");
  if (head) words.push("head");
  if (mine) words.push("mine");
  if (!mine && mentions(m.text, me)) words.push("mention");
  return words.join(" ");
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
