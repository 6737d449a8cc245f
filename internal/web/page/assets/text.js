// Texts as people see them: links, times, and the colour of a name.

// What turns the direction of a text around could make a link look like another.
const url = /https?:\/\/[^\s<>"'`\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;

/**
 * Cuts a text into links and what is between them.
 * @param {string} text
 * @returns {{ text: string, href?: string }[]}
 */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(url)) {
    const link = trimLink(match[0]);
    const href = address(link);
    if (!href) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: link, href });
    end = match.index + link.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/**
 * What ends a sentence is no part of a link, nor is a bracket that was opened
 * before it.
 * @param {string} link
 */
function trimLink(link) {
  const cut = link.replace(/[.,;:!?…]+$/, "");
  if (cut.endsWith(")") && cut.split(")").length > cut.split("(").length) return trimLink(cut.slice(0, -1));
  return cut;
}

/** @param {string} link */
function address(link) {
  try {
    return new URL(link).href;
  } catch {
    return "";
  }
}

/** One of twelve hues, always the same one for a name. @param {string} name */
export function hue(name) {
  let hash = 2166136261; // FNV-1a
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  return (hash >>> 0) % 12;
}

/**
 * Is this name a word of the text?
 * @param {string} text
 * @param {string} name
 */
export const mentions = (text, name) => name !== "" && text.includes(name) && text.split(/[^A-Za-z0-9]+/).includes(name);

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** The time of day. @param {Date} t */
export const clock = (t) => time.format(t);

/** Day and time in full. @param {Date} t */
export const inFull = (t) => moment.format(t);

/**
 * @param {Date} t
 * @param {Date} now
 */
export function day(t, now = new Date()) {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (sameDay(t, now)) return "Today";
  if (sameDay(t, yesterday)) return "Yesterday";
  return date.format(t);
}

/**
 * @param {Date} a
 * @param {Date} b
 */
export const sameDay = (a, b) => a.getDate() === b.getDate() && a.getMonth() === b.getMonth() && a.getFullYear() === b.getFullYear();
