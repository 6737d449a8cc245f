// A server that a test plays by hand.

export class FakeSocket {
  readyState = 0;
  /** What the page has said and the test has not looked at. @type {string[]} */
  said = [];
  onopen = () => {};
  onmessage = (_event) => {};
  onclose = (_event) => {};

  send(line) {
    this.said.push(line);
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  /** Says lines in one frame, and lets the page think about them. */
  async hear(...lines) {
    this.onmessage({ data: `${lines.join("\n")}\n` });
    await settle();
  }
  close(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }
}

/** Lets all promises that can be kept be kept. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A stamped public line. */
export const line = (id, from, text) => `@${id} 2026-11-22T16:49:00.${String(id % 1000).padStart(3, "0")}Z msg ${from} ${text}`;
