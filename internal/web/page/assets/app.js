// The page: makes its parts, and draws what has changed once a frame.
import { Chat, room } from "./chat.js";
import { ComposeView } from "./compose.js";
import { byId, write } from "./dom.js";
import { ConversationsView, PeopleView } from "./lists.js";
import { LogView } from "./log.js";
import { LoginView } from "./login.js";
import { Notifier } from "./notify.js";
import { SearchView } from "./search.js";
import { Session } from "./session.js";
import { status } from "./status.js";
import { local, tab } from "./store.js";
import { toggle } from "./theme.js";
import { WireView } from "./wireview.js";

/** So often the names of those who are here are asked for, while somebody looks... */
const lookEvery = 5000;
/** ...and else: an answer that does not come is how a lost connection shows. */
const lookRarely = 60_000;

/** @param {string} id */
const element = (id) => byId(id, HTMLElement);
/** @param {string} id */
const buttonOf = (id) => byId(id, HTMLButtonElement);

const chat = new Chat();
const wire = new WireView({
  drawer: element("wire"),
  list: element("wire-lines"),
  means: element("wire-means"),
  hold: byId("wire-hold", HTMLInputElement),
});
const session = new Session(chat, {
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`,
  read: Number(local.get("read")) || Infinity,
  pass(direction, line) {
    wire.pass(direction, line);
    chat.onchange();
  },
});
session.wanted = tab.get("name");

const text = byId("text", HTMLTextAreaElement);
const login = new LoginView(session, chat, toText);
const log = new LogView({ box: element("log"), news: buttonOf("news"), empty: element("empty") }, chat, session, toText);
const conversations = new ConversationsView(element("conversations-list"), chat, open);
const people = new PeopleView({ box: element("people-list"), head: element("people-head") }, chat, (name) => {
  if (name === chat.me.name) login.open();
  else open(name);
});
const compose = new ComposeView({ form: byId("compose", HTMLFormElement), text, send: buttonOf("send") }, chat, (said) => {
  session.say(chat.conversation(chat.current), said);
  log.toEnd();
});
const search = new SearchView(
  {
    dialog: byId("search", HTMLDialogElement),
    form: byId("search-form", HTMLFormElement),
    words: byId("search-words", HTMLInputElement),
    list: element("search-list"),
    said: element("search-said"),
  },
  (words) => session.search(words),
);
new Notifier(buttonOf("notify"), chat, open);

/** Opens a conversation. @param {string} name */
function open(name) {
  view("log");
  chat.open(name);
  toText();
}

/** Goes on to writing, except where that would bring up a keyboard. */
function toText() {
  if (!matchMedia("(pointer: coarse)").matches) text.focus();
}

/** Shows one of the three areas, where there is room for one only. @param {string} name */
function view(name) {
  document.body.dataset.view = name;
  for (const b of document.querySelectorAll("#switcher button")) {
    b.ariaPressed = String(/** @type {HTMLElement} */ (b).dataset.view === name);
  }
  chat.onchange();
}

for (const b of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#switcher button"))) {
  b.addEventListener("click", () => view(b.dataset.view ?? "log"));
}

/** @param {boolean} shown */
function showWire(shown) {
  element("wire").hidden = !shown;
  buttonOf("show-wire").ariaPressed = String(shown);
  local.set("wire", shown ? "yes" : "");
  chat.onchange();
}

buttonOf("show-wire").addEventListener("click", () => showWire(Boolean(element("wire").hidden)));
buttonOf("hide-wire").addEventListener("click", () => {
  showWire(false);
  buttonOf("show-wire").focus();
});
buttonOf("theme").addEventListener("click", toggle);
buttonOf("retry").addEventListener("click", () => {
  session.wake();
  toText();
});
buttonOf("show-search").addEventListener("click", () => search.open());

let due = false;
chat.onchange = () => {
  if (due) return;
  due = true;
  // Frames stand still while nobody looks, and the title is for just that time.
  if (document.hidden) setTimeout(draw);
  else requestAnimationFrame(draw);
};

function draw() {
  due = false;
  const now = status(session, chat);
  const { current, me, people: present, unread } = chat;
  document.title = unread > 0 ? `(${unread}) parley` : "parley";
  document.body.dataset.state = now.state;
  write(element("status-text"), now.text);
  write(element("status-seconds"), now.seconds > 0 ? ` ${now.seconds} s${now.state === "blocked" ? " left" : ""}` : "");
  buttonOf("retry").hidden = session.link.state !== "waiting";
  login.draw();
  conversations.draw();
  people.draw();
  if (!document.hidden) log.draw();
  write(element("title"), current || "Everybody");
  const away = current !== room && session.here && !present.includes(current);
  write(element("subtitle"), current === room ? "all who are here" : away ? "not here now" : "only you two");
  buttonOf("show-search").hidden = !session.commands.has("search");
  text.placeholder = current ? `Write to ${current} alone` : "Write to everybody";
  const hint = !session.here
    ? "Not connected. Your text stays here."
    : current !== room && !me.authorized
      ? "Log in, at the top, to write privately."
      : away
        ? `${current} is not here now.`
        : "";
  write(element("hint"), compose.draw(session.here && (current === room || me.authorized)) || hint);
  write(element("switch-conversations"), unread > 0 ? `Chats (${unread})` : "Chats");
  write(element("switch-log"), current || "Everybody");
  write(element("switch-people"), present.length > 0 ? `People ${present.length}` : "People");
  wire.draw();
  if (now.seconds > 0) tick();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let ticking;
function tick() {
  clearTimeout(ticking);
  ticking = setTimeout(() => chat.onchange(), 250);
}

let looked = Date.now();
setInterval(() => {
  if (!session.here || (document.hidden && Date.now() - looked < lookRarely)) return;
  looked = Date.now();
  session.wake();
}, lookEvery);
addEventListener("online", () => session.wake());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) leave();
  else session.wake();
});
addEventListener("pagehide", leave);

/** Somebody looks away, and may not come back: what has been read is kept in mind. */
function leave() {
  chat.leave();
  const { unread, fresh, after, newest } = chat.room;
  local.set("read", String(unread > 0 && fresh ? after : newest));
}

// A phone's keyboard covers the page; only this tells how much is left of it. Who
// looks closer sees less of it too, but that is no reason to shrink it.
const sight = window.visualViewport;
sight?.addEventListener("resize", () => {
  document.documentElement.style.setProperty("--height", `${Math.round(sight.height * sight.scale)}px`);
  if (sight.scale < 1.01) window.scrollTo(0, 0);
});

showWire(local.get("wire") === "yes");
session.connect();
toText();
