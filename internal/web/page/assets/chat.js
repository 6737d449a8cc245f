// What the page knows: conversations and what was said in them, who is here, who
// we are. It has no view and no connection.
import { clean, isAnonymous } from "./protocol.js";

/** @typedef {import("./protocol.js").Line} Line */

/**
 * - sent: the server has it
 * - waiting: its answer is not here yet
 * - unsure: the connection was lost before the answer
 * - refused: it was not sent, and can be sent again
 * @typedef {"sent" | "waiting" | "unsure" | "refused"} State
 */

/**
 * @typedef {object} Message
 * @property {number} id in the order of all public messages, else 0
 * @property {number} at its place: its own ID, or the newest one when it was made
 * @property {Date} time
 * @property {string} from
 * @property {string} text
 * @property {boolean} mine said on this page
 * @property {State} state
 * @property {string} why it was refused
 * @property {boolean} gap messages before it are no longer kept
 */

/** The name of the public room; nobody can have it (P-21). */
export const room = "";

/** Unless somebody reads further up, no more than this is kept of the room... */
const most = 1000;
/** ...before it is cut to this. The rest comes back by scrolling up. */
const least = 500;
/** So much is kept whatever is read, and of a private conversation, which is kept nowhere else. */
const limit = 20_000;

export class Conversation {
  /** @type {Message[]} */
  messages = [];
  unread = 0;
  /** The first message that was new when somebody came back. @type {Message | null} */
  fresh = null;
  /** What has a greater ID was new then. */
  after = 0;
  /** Is there nothing older to be had? */
  complete;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.complete = name !== room; // private messages are kept nowhere else
  }

  /** The newest ID. */
  get newest() {
    return this.messages.at(-1)?.at ?? 0;
  }

  /** The oldest ID. */
  get oldest() {
    return this.messages.find((m) => m.id > 0)?.id ?? 0;
  }

  /** @param {Message} message */
  insert(message) {
    let i = this.messages.length;
    while (i > 0 && this.messages[i - 1].at > message.at) i--;
    this.messages.splice(i, 0, message);
  }

  /** @param {Message} message */
  remove(message) {
    this.messages = this.messages.filter((m) => m !== message);
  }

  /** @param {number} id */
  has(id) {
    return id > 0 && this.messages.some((m) => m.id === id);
  }
}

export class Chat {
  /** @type {Map<string, Conversation>} */
  conversations = new Map([[room, new Conversation(room)]]);
  current = room;
  /** Names in order of connecting. @type {string[]} */
  people = [];
  /** Who we are; not sure where the server has not said so. */
  me = { name: "", sure: false, authorized: false };
  /** The names we may have, while that is open; the likeliest is the last. @type {string[]} */
  #candidates = [];
  /** Until when the server refuses our messages. */
  blocked = 0;
  /** Does somebody look at the end of the current conversation? */
  seen = true;
  /** Does somebody read further up in it? */
  reading = false;
  /** A message has come that nobody is looking at. @type {(c: Conversation, m: Message) => void} */
  onnews = () => {};
  /** Something is different now. */
  onchange = () => {};

  get room() {
    return this.conversation(room);
  }

  get unread() {
    let n = 0;
    for (const c of this.conversations.values()) n += c.unread;
    return n;
  }

  /** @param {string} name */
  conversation(name) {
    const c = this.conversations.get(name) ?? new Conversation(name);
    this.conversations.set(name, c);
    return c;
  }

  /** @param {string} name */
  open(name) {
    this.leave();
    this.current = name;
    this.conversation(name);
    this.onchange();
  }

  /** @param {string} name */
  close(name) {
    this.conversations.delete(name);
    if (this.current === name) this.current = room;
    this.onchange();
  }

  /** Nobody looks at the current conversation any more. */
  leave() {
    const c = this.conversation(this.current);
    if (c.unread === 0) c.fresh = null;
  }

  /**
   * @param {boolean} seen
   * @param {boolean} reading
   */
  look(seen, reading = false) {
    this.seen = seen;
    this.reading = reading;
    const c = this.conversation(this.current);
    if (!seen || c.unread === 0) return;
    c.unread = 0;
    this.onchange();
  }

  /**
   * Takes a message that has just been said.
   * @param {Line} line
   */
  hear(line) {
    if (line.from === this.me.name && !line.privately && !this.me.sure) this.#notMe(line.from);
    const c = this.conversation(line.privately ? line.from : room);
    const m = this.#add(c, line);
    if (m) this.#news(c, m);
    this.#trim(c);
    this.onchange();
  }

  /**
   * Takes a block of history. What came while nobody was looking is new from
   * after on.
   * @param {Line[]} lines
   * @param {{ gap?: boolean, after?: number }} options
   */
  fill(lines, { gap = false, after = Infinity } = {}) {
    for (const [i, line] of lines.entries()) {
      const m = this.#add(this.room, line);
      if (m && i === 0) m.gap = gap;
      if (m && m.id > after) this.#news(this.room, m, after);
    }
    this.onchange();
  }

  /**
   * Takes what stands before all that there is. It may show that the new begins
   * further up.
   * @param {Line[]} lines
   */
  fillBefore(lines) {
    const c = this.room;
    c.complete = lines.length === 0;
    for (const line of lines) {
      const m = this.#add(c, line);
      if (m && c.fresh && m.id > c.after && m.at < c.fresh.at) c.fresh = m;
    }
    this.onchange();
  }

  /**
   * @param {Conversation} c
   * @param {Line} line
   * @returns {Message | null} nothing where it was known
   */
  #add(c, line) {
    if (c.has(line.id)) return null;
    // What was under way when the connection was lost has arrived after all.
    const own = line.id > 0 && c.messages.find((m) => m.state === "unsure" && m.from === line.from && m.text === line.text);
    if (own) {
      this.settle(c, own, line);
      return null;
    }
    const message = this.#make(c, line.from, line.text, { id: line.id, time: line.time });
    c.insert(message);
    return message;
  }

  /**
   * @param {Conversation} c
   * @param {string} from
   * @param {string} text
   * @param {{ id?: number, time?: Date | null, mine?: boolean, state?: State }} more
   * @returns {Message}
   */
  #make(c, from, text, { id = 0, time = null, mine = false, state = "sent" }) {
    return { id, at: id || c.newest, time: time ?? new Date(), from, text, mine, state, why: "", gap: false };
  }

  /**
   * @param {Conversation} c
   * @param {Message} m
   * @param {number} [missed] it was said while we were not connected, as all with a greater ID
   */
  #news(c, m, missed) {
    const looking = c.name === this.current && this.seen;
    if (looking && missed === undefined) return;
    if (!c.fresh || (c.unread === 0 && !looking)) {
      c.fresh = m;
      c.after = missed ?? m.id - 1;
    }
    if (looking) return;
    c.unread++;
    this.onnews(c, m);
  }

  /** @param {Conversation} c */
  #trim(c) {
    const reading = this.reading && c.name === this.current;
    const bounds = c.name !== room || reading ? [limit, limit - least] : [most, least];
    if (c.messages.length <= bounds[0]) return;
    const end = c.messages.length - bounds[1];
    // What was not sent is kept nowhere else, nor is what is private.
    c.messages = c.messages.filter((m, i) => i >= end || m.state !== "sent");
    if (c.fresh && !c.messages.includes(c.fresh)) c.fresh = c.messages.find((m) => m.id > 0) ?? null;
    c.complete = c.name !== room;
  }

  /**
   * Puts down a message of our own, before it is sent.
   * @param {string} name of the conversation
   * @param {string} text
   */
  say(name, text) {
    const c = this.conversation(name);
    const m = this.#make(c, this.me.name, clean(text), { mine: true, state: "waiting" });
    c.fresh = null;
    c.insert(m);
    this.#trim(c);
    this.onchange();
    return m;
  }

  /**
   * The server has a message of ours, under this ID.
   * @param {Conversation} c
   * @param {Message} m
   * @param {{ id: number, time: Date | null }} stamp
   */
  settle(c, m, { id, time }) {
    c.remove(m);
    m.id = id;
    m.at = id || m.at;
    m.time = time ?? m.time;
    m.state = "sent";
    c.insert(m);
    this.onchange();
  }

  /**
   * Puts what was not sent at the end, where it is seen.
   * @param {Conversation} c
   * @param {Message} m
   * @param {string} why
   */
  refuse(c, m, why) {
    c.remove(m);
    m.at = c.newest;
    m.state = "refused";
    m.why = why;
    c.insert(m);
    this.onchange();
  }

  /**
   * @param {Conversation} c
   * @param {Message} m
   */
  forget(c, m) {
    c.remove(m);
    this.onchange();
  }

  /** The connection is lost, and with it the answers that were under way. */
  lose() {
    for (const [, m] of this.#own("waiting")) m.state = "unsure";
    this.me = { ...this.me, sure: false, authorized: false };
    this.blocked = 0; // it was the connection that was blocked (P-60)
    this.onchange();
  }

  /** The room is up to date: what is unsure in it has not arrived. */
  caughtUp() {
    for (const [c, m] of this.#own("unsure")) {
      this.refuse(c, m, c === this.room ? "not sent: the connection was lost" : "perhaps not sent: the connection was lost");
    }
  }

  /**
   * From where history has to go on: after the newest message, unless ours were
   * under way, which may stand before it.
   */
  get last() {
    const unsure = this.room.messages.filter((m) => m.state === "unsure");
    return Math.min(this.room.newest, ...unsure.map((m) => m.at));
  }

  /**
   * @param {State} state
   * @returns {[Conversation, Message][]}
   */
  #own(state) {
    return [...this.conversations.values()].flatMap((c) =>
      c.messages.filter((m) => m.state === state).map((m) => /** @type {[Conversation, Message]} */ ([c, m])),
    );
  }

  /**
   * Takes the names of those who are here. Nobody says which of them is ours
   * before we log in: on connecting we were the last, and if somebody else has
   * come since, a message of theirs or the first of our own will tell.
   * @param {string[]} names
   */
  meet(names) {
    this.people = names;
    if (this.me.authorized) this.me.sure = true;
    else if (!this.me.sure) this.#guess(names.filter(isAnonymous));
    this.onchange();
  }

  /** @param {string[]} anonymous */
  #guess(anonymous) {
    // Only the first list counts: who is in later ones and not in it came after us.
    const left = this.#candidates.filter((name) => anonymous.includes(name));
    this.#candidates = left.length > 0 ? left : anonymous;
    this.me.name = this.#candidates.at(-1) ?? this.me.name;
    this.me.sure = this.#candidates.length === 1;
  }

  /** @param {string} name */
  #notMe(name) {
    this.#candidates = this.#candidates.filter((n) => n !== name);
    this.#guess(this.#candidates);
  }

  /** What the server has said so far has no place among what comes. */
  restart() {
    this.room.messages = this.room.messages.filter((m) => m.id === 0);
    this.room.fresh = null;
    for (const m of this.room.messages) m.at = 0;
    this.room.complete = false;
  }

  /** A new connection has a new name. */
  arrive() {
    this.#candidates = [];
    this.me = { name: "", sure: false, authorized: false };
    this.onchange();
  }

  /** @param {string} name */
  become(name, authorized = true) {
    this.me = { name, sure: true, authorized };
    this.onchange();
  }

  /** @param {number} seconds */
  block(seconds) {
    this.blocked = Date.now() + seconds * 1000;
    this.onchange();
  }
}
