// How we stand, in words.

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./session.js").Session} Session */

/**
 * What there is to say, and how bad it is; seconds are apart from the words, so
 * that they are not announced one by one.
 * @typedef {{ state: string, text: string, seconds: number }} Status
 */

/** As many failed tries in a row, and it is not the network that is slow. */
const gone = 3;

/**
 * @param {Session} session
 * @param {Chat} chat
 * @param {number} now
 * @returns {Status}
 */
export function status({ link, here, wanted, claiming }, { me, blocked }, now = Date.now()) {
  const seconds = (/** @type {number} */ until) => Math.max(1, Math.ceil((until - now) / 1000));
  if (link.state === "waiting") return { ...lost(link), seconds: seconds(link.until) };
  if (link.state === "connecting" && link.tries > 0) return { state: "waiting", text: "reconnecting…", seconds: 0 };
  if (!here) return { state: "connecting", text: "connecting…", seconds: 0 };
  if (blocked > now) return { state: "blocked", text: "blocked for spam,", seconds: seconds(blocked) };
  if (claiming > now)
    return { state: "claiming", text: `here as ${me.name}; ${wanted} is still taken, next try in`, seconds: seconds(claiming) };
  if (me.authorized) return { state: "in", text: `logged in as ${me.name}`, seconds: 0 };
  return { state: "here", text: `here as ${me.name}${me.sure ? "" : ", most likely"}`, seconds: 0 };
}

/** @param {import("./wire.js").Link} link */
function lost({ code, tries }) {
  if (code === 1013) return { state: "gone", text: "the server is full, next try in" };
  if (code === 1001) return { state: "gone", text: "server gone: it was stopped; next try in" };
  if (tries >= gone) return { state: "gone", text: "server gone, next try in" };
  return { state: "waiting", text: "reconnecting in" };
}
