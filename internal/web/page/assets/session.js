// What the page says to the server, and what it makes of the answers: who we
// are, what was missed, what was refused.
import { isName } from "./protocol.js";
import { Lost, Wire } from "./wire.js";

/** @typedef {import("./protocol.js").Line} Line */
/** @typedef {import("./wire.js").Link} Link */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./chat.js").Conversation} Conversation */
/** @typedef {import("./chat.js").Message} Message */

/** How many messages one look back asks for. */
const page = 100;

/** After so many blocks of what was missed nobody reads it all: the rest comes by scrolling up. */
const enough = 5;

/** Seconds between tries to get our name back; the last one repeats. */
const pauses = [1, 2, 4, 8, 15, 30];

/** What the server's reasons mean to a person. @type {Record<string, string>} */
const reasons = {
  unauthorized: "not sent: log in to write privately",
  "incorrect recipient": "not sent: nobody has that name now",
  "line too long": "not sent: too long",
};

export class Session {
  /** @type {Link} */
  link = { state: "connecting", until: 0, tries: 0, code: 0 };
  /** Are we in, and up to date? */
  here = false;
  /** The name that we log in with whenever we come back. */
  wanted = "";
  /** When that is tried next, while somebody has the name. */
  claiming = 0;
  /** What the server can do. @type {Set<string>} */
  commands = new Set();
  /** Live public messages that wait until what came before them is there. @type {Line[] | null} */
  #aside = null;
  #fetching = false;
  #claims = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #claim;
  #chat;
  #wire;

  /**
   * @param {Chat} chat
   * @param {object} options
   * @param {string} options.url
   * @param {(direction: "in" | "out" | "note", line: string) => void} options.pass
   * @param {number} [options.read] the last message that somebody has read here
   * @param {(url: string) => WebSocket} [options.connect]
   */
  constructor(chat, { url, pass, read = Infinity, connect }) {
    this.#chat = chat;
    this.read = read;
    const listener = { hear: this.#hear.bind(this), link: this.#linked.bind(this), pass };
    this.#wire = new Wire(url, listener, connect);
  }

  connect() {
    this.#wire.connect();
  }

  /** @param {Line} line */
  #hear(line) {
    if (this.#aside && !line.privately) this.#aside.push(line);
    else this.#chat.hear(line);
  }

  /** @param {Link} link */
  #linked(link) {
    this.link = link;
    if (link.state === "open") this.#greet().catch(unlessLost);
    if (link.state === "waiting") {
      clearTimeout(this.#claim);
      this.#claims = this.claiming = 0;
      this.here = false;
      this.#chat.lose();
    }
    this.#chat.onchange();
  }

  /** Everything is asked for at once: answers come in the order of the questions. */
  async #greet() {
    this.#aside = [];
    this.#chat.arrive();
    const stamp = this.#wire.ask("stamp");
    const login = this.wanted && this.#logIn(this.wanted);
    const users = this.look();
    const help = this.#wire.ask("help");
    await Promise.all([stamp, login, users, help, this.#catchUp()]);
    this.commands = new Set((await help).line.words);
    this.#wire.settled();
    this.here = true;
    this.#chat.onchange();
  }

  /** Brings the room up to date, without a gap and without a double. */
  async #catchUp() {
    const chat = this.#chat;
    const from = chat.last;
    let last = from;
    for (let more = chat.room.newest > 0, blocks = 0; more; blocks++) {
      if (blocks === enough) {
        last = await this.#startAfresh(from, true);
        break;
      }
      const { line, block } = await this.#wire.ask(`history since ${last}`);
      chat.fill(block, { gap: line.gap, after: last });
      last = block.at(-1)?.id ?? last;
      more = block.length > 0;
      if (!more && line.gap) last = await this.#startAfresh(last);
    }
    if (chat.room.newest === 0) last = await this.#startAfresh(0);
    const aside = this.#aside ?? [];
    this.#aside = null;
    // A public line without a stamp came before `stamp` was heard: it is in the block.
    // One whose stamp is 0 was given no number, and is in no history.
    for (const line of aside) if (line.id > last || (line.id === 0 && line.time)) chat.hear(line);
    chat.caughtUp();
  }

  /**
   * Takes the newest there is, where there is nothing to go on from or too
   * much lies between.
   * @param {number} last
   * @param {boolean} far
   */
  async #startAfresh(last, far = false) {
    const { block } = await this.#wire.ask(`history ${page}`);
    const newest = block.at(-1)?.id ?? last;
    if (far || newest < last) this.#chat.restart();
    this.#chat.fill(block, { gap: last > 0 && !far, after: last || this.read });
    return newest;
  }

  /** Asks who is here. */
  async look() {
    const { line } = await this.#wire.ask("users");
    this.#chat.meet(line.words);
  }

  /** Somebody looks at the page again, or the network is back. */
  wake() {
    if (this.link.state === "waiting") this.#wire.connect();
    else if (this.here) this.look().catch(unlessLost);
  }

  /**
   * Logs in, and says what is wrong where that fails.
   * @param {string} name
   */
  async logIn(name) {
    if (!isName(name)) return "A name has 1 to 32 letters and digits, no spaces.";
    if (this.#chat.me.authorized && name === this.#chat.me.name) return "";
    try {
      const why = await this.#logIn(name);
      if (!why) await this.look();
      return why;
    } catch (error) {
      unlessLost(error);
      return "Not connected.";
    }
  }

  /** @param {string} name */
  async #logIn(name) {
    const { line } = await this.#wire.ask(`login ${name}`);
    const taken = line.text === "username already in use";
    if (line.kind === "loginok") {
      this.wanted = name;
      this.#claims = this.claiming = 0;
      clearTimeout(this.#claim);
      this.#chat.become(name);
      return "";
    }
    // The server may not have noticed yet that our old connection is gone.
    if (taken && name === this.wanted && !this.#chat.me.authorized) this.#claimLater();
    return taken ? "Somebody has that name." : `The server says: ${line.text}.`;
  }

  #claimLater() {
    const pause = pauses[Math.min(this.#claims++, pauses.length - 1)] * 1000;
    this.claiming = Date.now() + pause;
    clearTimeout(this.#claim);
    this.#claim = setTimeout(() => this.logIn(this.wanted), pause);
    this.#chat.onchange();
  }

  /**
   * Says something to everybody, or to the one whose conversation it is.
   * @param {Conversation} c
   * @param {string} text
   */
  async say(c, text) {
    const m = this.#chat.say(c.name, text);
    if (m.text === "") return this.#chat.forget(c, m);
    try {
      const { line } = await this.#wire.ask(c.name ? `privmsg ${c.name} ${m.text}` : `msg ${m.text}`);
      if (line.kind !== "msgok") return this.#refused(c, m, line);
      this.#chat.settle(c, m, line);
      if (!this.#chat.me.sure && m.id > 0) await this.#findName(m.id);
    } catch (error) {
      unlessLost(error);
      if (m.state === "waiting") this.#chat.refuse(c, m, "not sent: not connected");
    }
  }

  /**
   * @param {Conversation} c
   * @param {Message} m
   * @param {Line} line
   */
  #refused(c, m, line) {
    if (line.seconds > 0) this.#chat.block(line.seconds);
    this.#chat.refuse(c, m, line.seconds > 0 ? "not sent: too many messages at once" : (reasons[line.text] ?? `not sent: ${line.text}`));
  }

  /**
   * Sends what was refused once more, at the end.
   * @param {Conversation} c
   * @param {Message} m
   */
  async again(c, m) {
    if (!c.messages.includes(m)) return; // pressed twice
    this.#chat.forget(c, m);
    return this.say(c, m.text);
  }

  /**
   * The server keeps who said this message, which is us.
   * @param {number} id
   */
  async #findName(id) {
    const { block } = await this.#wire.ask(`history since ${id - 1} 1`);
    if (block[0]?.id === id && !this.#chat.me.authorized) this.#chat.become(block[0].from, false);
  }

  /** Gets what was said before the oldest message of the room. */
  async older() {
    const c = this.#chat.room;
    const oldest = c.oldest;
    if (c.complete || this.#fetching || !this.here) return;
    this.#fetching = true;
    try {
      const { block } = await this.#wire.ask(oldest ? `history before ${oldest} ${page}` : `history ${page}`);
      if (c.oldest !== oldest) return; // cut meanwhile: there would be a hole
      this.#chat.fillBefore(block);
    } catch (error) {
      unlessLost(error);
    } finally {
      this.#fetching = false;
    }
  }

  /** @param {string} words */
  async search(words) {
    const { block } = await this.#wire.ask(`search ${words}`);
    return block;
  }
}

/** A lost connection is told by its link; all else is a fault of ours. @param {unknown} error */
function unlessLost(error) {
  if (!(error instanceof Lost)) throw error;
}
