// The connection: a WebSocket that carries lines (P-90), opened again whenever
// it is lost. Every command has one answer, in order (P-43, P-83).
import { parse } from "./protocol.js";

/** @typedef {import("./protocol.js").Line} Line */
/** @typedef {{ line: Line, block: Line[] }} Answer what answers a command, and the lines of its block */

/**
 * Where the connection stands. While it waits, `until` is the time of the next try.
 * @typedef {{ state: "connecting" | "open" | "waiting", until: number, tries: number, code: number }} Link
 */

/**
 * Who hears of what the wire carries.
 * @typedef {object} Listener
 * @property {(line: Line) => void} hear a message of somebody
 * @property {(link: Link) => void} link the connection has changed
 * @property {(direction: "in" | "out" | "note", line: string) => void} pass a line as it passes
 */

/** Seconds between tries; the last one repeats. */
const pauses = [1, 2, 4, 8, 15, 30];

/** For how long an answer, or a connection, may keep us waiting before the line counts as dead. */
const patience = 10_000;

/** Rejects what was asked when the connection was lost. */
export class Lost extends Error {}

export class Wire {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {{ resolve: (answer: Answer) => void, reject: (why: Error) => void }[]} */
  #asked = [];
  /** The answer whose block is not complete yet. @type {Answer | null} */
  #open = null;
  #tries = 0;
  /** Why the last connection that was open was lost: tries that fail say nothing new. */
  #code = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watch;
  #url;
  #listener;
  #connect;

  /**
   * @param {string} url
   * @param {Listener} listener
   * @param {(url: string) => WebSocket} connect
   */
  constructor(url, listener, connect = (url) => new WebSocket(url, "parley.v1")) {
    this.#url = url;
    this.#listener = listener;
    this.#connect = connect;
  }

  /** Connects now, whatever pause there may be. */
  connect() {
    if (this.#socket) return;
    clearTimeout(this.#retry);
    this.#tell("connecting");
    const socket = this.#connect(this.#url);
    this.#socket = socket;
    this.#watch = setTimeout(() => this.#giveUp(), patience);
    socket.onopen = () => {
      clearTimeout(this.#watch);
      this.#watch = undefined;
      this.#code = 0;
      this.#listener.pass("note", `connected to ${this.#url}`);
      this.#tell("open");
    };
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#lose(event.code, event.reason);
  }

  /** Tells that the server has taken us in: the next loss is a new one. */
  settled() {
    this.#tries = 0;
  }

  /**
   * Sends a command and returns its answer.
   * @param {string} line
   * @returns {Promise<Answer>}
   */
  ask(line) {
    const socket = this.#socket;
    if (socket?.readyState !== 1) return Promise.reject(new Lost("not connected"));
    this.#listener.pass("out", line);
    socket.send(line);
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#watch ??= setTimeout(() => this.#giveUp(), patience);
    });
  }

  /** @param {string} frame */
  #receive(frame) {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    const lines = frame.split("\n");
    if (lines.at(-1) === "") lines.pop();
    for (const line of lines) {
      this.#listener.pass("in", line);
      this.#take(parse(line));
    }
    if (this.#asked.length > 0) this.#watch = setTimeout(() => this.#giveUp(), patience);
  }

  /** @param {Line} line */
  #take(line) {
    if (this.#open) this.#open.block.push(line);
    else if (line.kind === "message") return this.#listener.hear(line);
    else this.#open = { line, block: [] };
    const { line: first, block } = this.#open;
    if (first.kind === "block" && block.length < first.count) return;
    this.#asked.shift()?.resolve(this.#open);
    this.#open = null;
  }

  /** After a sleep the network is often gone without a word. */
  #giveUp() {
    this.#socket?.close();
    this.#lose(0, "no answer");
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #lose(code, reason) {
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket = this.#open = null;
    this.#code ||= code;
    clearTimeout(this.#watch);
    this.#watch = undefined;
    this.#listener.pass("note", `connection lost${code ? `, code ${code}` : ""}${reason ? `: ${reason}` : ""}`);
    for (const { reject } of this.#asked.splice(0)) reject(new Lost("connection lost"));
    // A whole class that comes back at the same moment is spread a little.
    const pause = pauses[Math.min(this.#tries++, pauses.length - 1)] * (800 + 400 * Math.random());
    this.#retry = setTimeout(() => this.connect(), pause);
    this.#tell("waiting", Date.now() + pause);
  }

  /** @param {Link["state"]} state */
  #tell(state, until = 0) {
    this.#listener.link({ state, until, tries: this.#tries, code: this.#code });
  }
}
