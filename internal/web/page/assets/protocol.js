// The lines of the protocol: what they are made of and, for the wire view, what
// they mean and which rule of docs/protocol.md says so. One table for each
// direction; the first form that fits a line is the one it has.

/** The longest line that a client may send, in bytes before its LF (P-8). */
export const maxLine = 16384;

/**
 * A line of the server, taken apart. What a kind of line has not is empty.
 * @typedef {object} Line
 * @property {string} kind
 * @property {boolean} privately a message to me alone
 * @property {number} id of a public message, else 0 (X-2)
 * @property {Date | null} time when it was said, in a stamped line
 * @property {string} from who said it
 * @property {string} text what was said, or why something was refused
 * @property {number} count of recipients, or of the lines of a block
 * @property {boolean} gap some of what was asked for is no longer kept (X-7)
 * @property {string[]} words the names in `users`, the commands in `help`
 * @property {number} seconds for which a spammer is blocked (P-61)
 */

/**
 * @typedef {Record<string, string | undefined>} Parts
 * @typedef {object} Form
 * @property {string} kind
 * @property {RegExp} form
 * @property {(parts: Parts) => string} means
 * @property {string} rules
 */

/** @type {Form[]} */
const heard = [
  {
    kind: "message",
    form: /^(?:@(?<id>\d+) (?<time>\S+) )?msg (?<from>\S+) (?<text>.*)$/s,
    means: ({ id, from }) => `${from} said this to everybody${id ? `; it is number ${id} in the order of all` : ""}`,
    rules: "P-50, X-3",
  },
  {
    kind: "message",
    form: /^(?:@(?<id>\d+) (?<time>\S+) )?(?<privately>privmsg) (?<from>\S+) (?<text>.*)$/s,
    means: ({ id, from }) => `${from} said this to you alone${id ? "; private messages have number 0" : ""}`,
    rules: "P-51, X-3",
  },
  {
    kind: "msgok",
    form: /^msgok (?<count>\d+)(?: (?<id>\d+) (?<time>\S+))?$/,
    means: ({ count, id }) => `sent to ${plural(count, "other")}${Number(id) > 0 ? `, as number ${id}` : ""}`,
    rules: "P-50, X-4",
  },
  {
    kind: "msgerr",
    form: /^msgerr (?<text>spam, blocked for (?<seconds>\d+) s)$/,
    means: ({ seconds }) => `refused: too many messages in one second; ${plural(seconds, "second")} left`,
    rules: "P-60, P-61",
  },
  {
    kind: "msgerr",
    form: /^msgerr (?<text>.*)$/s,
    means: ({ text }) =>
      text === "unauthorized" ? "refused: only who has logged in may write privately" : "refused: nobody has that name now",
    rules: "P-52",
  },
  { kind: "loginok", form: /^loginok$/, means: () => "the name is yours", rules: "P-22" },
  {
    kind: "loginerr",
    form: /^loginerr (?<text>.*)$/s,
    means: ({ text }) => `no login: ${text}; the name stays as it was`,
    rules: "P-22, P-23, P-24",
  },
  { kind: "modeok", form: /^modeok$/, means: () => "done: messages are numbered and dated from here on", rules: "X-3" },
  {
    kind: "users",
    form: /^users (?<words>.*)$/s,
    means: ({ words }) => `who is here, in order of connecting: ${plural(list(words).length, "name")}`,
    rules: "P-55",
  },
  {
    kind: "block",
    form: /^history (?<count>\d+)(?<gap> gap)?$/,
    means: ({ count, gap }) => `what was said, in ${plural(count, "line")}${gap ? "; some before them are no longer kept" : ""}`,
    rules: "X-6, X-7",
  },
  {
    kind: "block",
    form: /^search (?<count>\d+)$/,
    means: ({ count }) => `what was found, in ${plural(count, "line")}`,
    rules: "X-10",
  },
  {
    kind: "supported",
    form: /^supported (?<words>.*)$/s,
    means: ({ words }) => `the server knows these ${plural(list(words).length, "command")}`,
    rules: "P-56, X-1",
  },
  { kind: "joke", form: /^joke (?<text>.*)$/s, means: () => "a joke", rules: "P-57" },
  { kind: "cmderr", form: /^cmderr (?<text>line too long)$/, means: () => "refused: a line has its limit", rules: "P-8" },
  { kind: "cmderr", form: /^cmderr (?<text>server full)$/, means: () => "no room: the server ends the connection", rules: "P-72" },
  { kind: "cmderr", form: /^cmderr (?<text>.*)$/s, means: () => "not a command of this server", rules: "P-30" },
];

/** @type {Form[]} */
const said = [
  { kind: "msg", form: /^msg .+$/s, means: () => "say this to everybody", rules: "P-50" },
  { kind: "privmsg", form: /^privmsg (?<to>\S+) .+$/s, means: ({ to }) => `say this to ${to} alone`, rules: "P-51, P-52" },
  { kind: "login", form: /^login (?<name>.+)$/s, means: ({ name }) => `be known as ${name}`, rules: "P-22" },
  { kind: "users", form: /^users$/, means: () => "who is here?", rules: "P-55" },
  { kind: "help", form: /^help$/, means: () => "which commands are there?", rules: "P-56" },
  { kind: "stamp", form: /^stamp$/, means: () => "number and date every message from here on", rules: "X-3" },
  { kind: "history", form: /^history(?: (?<n>\d+))?$/, means: ({ n }) => `the newest ${n ?? 100} messages, please`, rules: "X-5" },
  { kind: "history", form: /^history before .+$/, means: () => "what was said before that one, please", rules: "X-5" },
  { kind: "history", form: /^history since .+$/, means: () => "what was said after that one, please", rules: "X-5, X-8" },
  { kind: "search", form: /^search .+$/s, means: () => "where was this said?", rules: "X-10" },
];

/** @param {string | undefined} words */
const list = (words) => (words ?? "").split(" ").filter(Boolean);

/**
 * @param {string | number | undefined} n
 * @param {string} noun
 */
export const plural = (n, noun) => `${n} ${noun}${Number(n) === 1 ? "" : "s"}`;

/**
 * @param {Form[]} forms
 * @param {string} line
 * @returns {[Form, Parts] | null}
 */
function match(forms, line) {
  for (const form of forms) {
    const found = form.form.exec(line);
    if (found) return [form, found.groups ?? {}];
  }
  return null;
}

/**
 * Takes apart a line of the server.
 * @param {string} line
 * @returns {Line}
 */
export function parse(line) {
  const [form, parts] = match(heard, line) ?? [{ kind: "unknown" }, /** @type {Parts} */ ({ text: line })];
  return {
    kind: form.kind,
    privately: Boolean(parts.privately),
    id: Number(parts.id ?? 0),
    time: parts.time ? new Date(parts.time) : null,
    from: parts.from ?? "",
    text: parts.text ?? "",
    count: Number(parts.count ?? 0),
    gap: Boolean(parts.gap),
    words: list(parts.words),
    seconds: Number(parts.seconds ?? 0),
  };
}

/**
 * What a line means, and the rules it follows.
 * @param {"out" | "in"} direction
 * @param {string} line
 */
export function explain(direction, line) {
  const found = match(direction === "in" ? heard : said, line);
  if (!found) return { means: "no line of the protocol", rules: "P-30" };
  return { means: found[0].means(found[1]), rules: found[0].rules };
}

/**
 * A text as the server will hand it on (P-4, P-9): a message is one line, so the
 * ends of lines within it become spaces.
 * @param {string} text
 */
export function clean(text) {
  return (
    text
      .replace(/\r\n|\r|\n/g, " ")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\x00-\x20]+$/, "")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, "?")
      .toWellFormed()
  );
}

/** @param {string} line */
export const bytes = (line) => new TextEncoder().encode(line).length;

/** Is this a name (P-21)? @param {string} name */
export const isName = (name) => /^[A-Za-z0-9]{1,32}$/.test(name);

/** Is it a name that the server gives (P-20)? @param {string} name */
export const isAnonymous = (name) => /^Anonymous\d+$/.test(name);
