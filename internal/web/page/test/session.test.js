import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Chat, room } from "../assets/chat.js";
import { Session } from "../assets/session.js";
import { status } from "../assets/status.js";
import { FakeSocket, line, settle } from "./fake.js";

/** @type {FakeSocket} */
let socket;
let chat, session;

const texts = (name = room) => chat.conversation(name).messages.map((m) => m.text);
const states = (name = room) => chat.conversation(name).messages.map((m) => m.state);

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.parse("2026-11-22T16:50:00Z") });
  chat = new Chat();
  const connect = () => (socket = new FakeSocket());
  session = new Session(chat, { url: "ws://there/ws", pass: () => {}, connect });
  session.connect();
});

/** Plays the beginning of a connection. */
async function greet(history, { users = "users Anonymous7", live = [] } = {}) {
  socket.open();
  socket.said = [];
  await socket.hear("modeok", users, ...live, "supported login msg history search", ...history);
}

test("the first look: history, then what was said meanwhile, no double", async () => {
  await greet(["history 2", line(11, "bob", "a"), line(12, "bob", "b")], { live: ["msg bob b", line(12, "bob", "b"), "privmsg bob psst"] });
  await socket.hear(line(13, "bob", "c"));
  assert.deepEqual(texts(), ["a", "b", "c"]);
  assert.deepEqual(texts("bob"), ["psst"]);
  assert.ok(session.here && session.commands.has("search"));
});

test("a message that no number could be given is shown when it comes (X-3)", async () => {
  await greet(["history 1", line(11, "bob", "a")], { live: ["msg bob a", line(0, "bob", "alone")] });
  await socket.hear(line(0, "bob", "still alone"));
  assert.deepEqual(texts(), ["a", "alone", "still alone"]);
});

test("a reconnect leaves no gap and makes no double (X-8)", async () => {
  await greet(["history 1", line(11, "bob", "a")]);
  socket.close();
  assert.equal(status(session, chat).state, "waiting");
  session.wake();
  socket.open();
  assert.deepEqual(socket.said, ["stamp", "users", "help", "history since 11"]);
  await socket.hear("modeok", "users Anonymous9", "supported help", "history 2", line(12, "bob", "b"), line(13, "bob", "c"));
  await socket.hear(line(14, "bob", "d"));
  assert.equal(socket.said.at(-1), "history since 13");
  await socket.hear("history 1", line(14, "bob", "d"), line(15, "bob", "e"));
  assert.equal(socket.said.at(-1), "history since 14");
  await socket.hear("history 0");
  assert.deepEqual(texts(), ["a", "b", "c", "d", "e"]);
});

test("what was under way when the connection was lost is found again, or can be sent again", async () => {
  await greet(["history 1", line(11, "bob", "a")]);
  session.say(chat.room, "arrived");
  session.say(chat.room, "lost");
  await socket.hear(line(13, "bob", "later than mine"));
  socket.close();
  assert.deepEqual(states(), ["sent", "unsure", "unsure", "sent"]);
  session.wake();
  socket.open();
  assert.equal(socket.said.at(-1), "history since 11");
  await socket.hear(
    "modeok",
    "users Anonymous8",
    "supported help",
    "history 2",
    line(12, "Anonymous7", "arrived"),
    line(13, "bob", "later than mine"),
  );
  await socket.hear("history 0");
  assert.deepEqual(texts(), ["a", "arrived", "later than mine", "lost"]);
  assert.deepEqual(states(), ["sent", "sent", "sent", "refused"]);
});

test("a gap is told (X-7)", async () => {
  await greet(["history 1", line(11, "bob", "a")]);
  socket.close();
  session.wake();
  await greet(["history 1 gap", line(20, "bob", "z")]);
  await socket.hear("history 0");
  assert.deepEqual(
    chat.room.messages.map((m) => m.gap),
    [false, true],
  );
});

test("a server that knows nothing of our last message is asked afresh (X-7)", async () => {
  await greet(["history 1", line(11, "bob", "a")]);
  for (const [answers, want] of [
    [["history 0"], ["a"]],
    [
      ["history 1", line(12, "bob", "b")],
      ["a", "b"],
    ],
    [["history 1", line(3, "bob", "c")], ["c"]],
  ]) {
    socket.close();
    session.wake();
    await greet(["history 0 gap"]);
    assert.equal(socket.said.at(-1), "history 100");
    await socket.hear(...answers);
    assert.deepEqual(texts(), want);
    assert.ok(session.here);
  }
});

test("the old name is taken back as soon as it is free", async () => {
  await greet(["history 0"]);
  session.logIn("alice");
  await socket.hear("loginok", "users alice");
  assert.equal(status(session, chat).text, "logged in as alice");
  socket.close();
  session.wake();
  socket.open();
  assert.equal(socket.said[1], "login alice");
  await socket.hear("modeok", "loginerr username already in use", "users alice Anonymous9", "supported help", "history 0");
  assert.deepEqual([status(session, chat).state, status(session, chat).seconds], ["claiming", 1]);
  socket.close(); // which begins the pauses anew
  session.wake();
  socket.open();
  await socket.hear("modeok", "loginerr username already in use", "users alice Anonymous10", "supported help", "history 0");
  for (const pause of [1000, 2000]) {
    mock.timers.tick(pause);
    assert.equal(socket.said.at(-1), "login alice");
    await socket.hear("loginerr username already in use");
  }
  mock.timers.tick(4000);
  await socket.hear("loginok", "users Anonymous9 alice");
  assert.equal(status(session, chat).state, "in");
});

test("what is refused for spam can be sent again", async () => {
  await greet(["history 0"]);
  session.say(chat.room, "too much");
  await socket.hear("msgerr spam, blocked for 10 s");
  assert.deepEqual(states(), ["refused"]);
  assert.deepEqual([status(session, chat).state, status(session, chat).seconds], ["blocked", 10]);
  mock.timers.tick(10_001);
  session.again(chat.room, chat.room.messages[0]);
  await socket.hear("msgok 1 21 2026-11-22T16:49:00.021Z");
  assert.deepEqual([texts(), states()], [["too much"], ["sent"]]);
});

test("it is the connection that is blocked for spam", async () => {
  await greet(["history 0"]);
  session.say(chat.room, "too much");
  await socket.hear("msgerr spam, blocked for 10 s");
  socket.close();
  session.wake();
  await greet(["history 0"]);
  assert.equal(status(session, chat).state, "here");
});

test("what was refused is sent again once, however often that is pressed", async () => {
  await greet(["history 1", line(11, "bob", "a")]);
  session.say(chat.room, "too much");
  await socket.hear("msgerr spam, blocked for 10 s");
  const [, refused] = chat.room.messages;
  socket.said = [];
  session.again(chat.room, refused);
  session.again(chat.room, refused);
  chat.forget(chat.room, refused);
  assert.deepEqual([texts(), socket.said], [["a", "too much"], ["msg too much"]]);
});

test("what is private waits for nothing: a connection lost while greeting does not lose it", async () => {
  await greet(["history 1", line(11, "bob", "a")]);
  socket.close();
  session.wake();
  socket.open();
  await socket.hear("modeok", "@0 2026-11-22T16:49:00.012Z privmsg bob psst");
  socket.close();
  assert.deepEqual(texts("bob"), ["psst"]);
});

test("after a long absence the newest is there at once, and the rest comes by scrolling up", async () => {
  await greet(["history 1", line(11, "bob", "seen")]);
  socket.close();
  session.wake();
  await greet(["history 1", line(12, "bob", "12")]);
  for (let id = 13; id <= 16; id++) await socket.hear("history 1", line(id, "bob", `${id}`));
  assert.equal(socket.said.at(-1), "history 100");
  await socket.hear("history 2", line(98, "bob", "98"), line(99, "bob", "99"));
  assert.ok(session.here && !chat.room.complete);
  assert.deepEqual(
    chat.room.messages.map((m) => [m.text, m.gap]),
    [
      ["98", false],
      ["99", false],
    ],
  );
  assert.equal(chat.room.fresh?.text, "98");
  session.older();
  assert.equal(socket.said.at(-1), "history before 98 100");
  await socket.hear("history 3", line(11, "bob", "seen"), line(12, "bob", "12"), line(97, "bob", "97"));
  assert.deepEqual(texts(), ["seen", "12", "97", "98", "99"]);
  assert.equal(chat.room.fresh?.text, "12");
});

test("where the new begins is found by scrolling up, too", async () => {
  session.read = 10;
  await greet(["history 1", line(12, "bob", "c")]);
  assert.equal(chat.room.fresh?.text, "c");
  session.older();
  await socket.hear("history 3", line(9, "bob", "old"), line(10, "bob", "read"), line(11, "bob", "b"));
  assert.equal(chat.room.fresh?.text, "b");
  assert.equal(chat.unread, 0);
});

test("our own message stands where the server has put it", async () => {
  await greet(["history 0"]);
  session.say(chat.room, "mine");
  await socket.hear(line(12, "bob", "after it"), "msgok 1 11 2026-11-22T16:49:00.011Z");
  assert.deepEqual(texts(), ["mine", "after it"]);
});

test("who we are, before a login", async () => {
  await greet(["history 0"], { users: "users Anonymous3 bob Anonymous7 Anonymous8" });
  assert.equal(status(session, chat).text, "here as Anonymous8, most likely");
  await socket.hear(line(11, "Anonymous8", "it is not you"));
  assert.equal(chat.me.name, "Anonymous7");
  session.say(chat.room, "so who?");
  await socket.hear("msgok 3 12 2026-11-22T16:49:00.012Z");
  assert.equal(socket.said.at(-1), "history since 11 1");
  await socket.hear("history 1", line(12, "Anonymous7", "so who?"));
  assert.equal(status(session, chat).text, "here as Anonymous7");
  assert.deepEqual(texts(), ["it is not you", "so who?"]);
});

test("what nobody looks at is unread, and where it begins is marked", async () => {
  await greet(["history 1", line(11, "bob", "seen")]);
  chat.look(false);
  chat.leave();
  await socket.hear(line(12, "bob", "one"), line(13, "bob", "two"), "privmsg bob three");
  assert.deepEqual([chat.room.unread, chat.conversation("bob").unread, chat.unread], [2, 1, 3]);
  chat.look(true);
  assert.deepEqual([chat.room.unread, chat.room.fresh?.text], [0, "one"]);
});

test("who reads at the end keeps a bounded log, and gets the rest by looking back", async () => {
  await greet(["history 0"]);
  await socket.hear(...Array.from({ length: 1001 }, (_, i) => line(i + 1, "bob", `${i}`)));
  assert.equal(chat.room.messages.length, 500);
  session.older();
  assert.equal(socket.said.at(-1), "history before 502 100");
  await socket.hear("history 1", line(501, "bob", "500"));
  assert.deepEqual([chat.room.messages.length, texts()[0]], [501, "500"]);
  await settle();
});

test("the log is bounded while nobody looks; what was not sent stays", async () => {
  await greet(["history 0"]);
  session.say(chat.room, "too much");
  await socket.hear("msgerr spam, blocked for 10 s");
  chat.look(false);
  await socket.hear(...Array.from({ length: 1500 }, (_, i) => line(i + 1, "bob", `${i}`)));
  assert.equal(chat.room.messages.length, 501);
  assert.deepEqual(states().slice(0, 2), ["refused", "sent"]);
  assert.deepEqual([chat.unread, chat.room.fresh?.text], [1500, texts()[1]]);
  chat.look(false, true);
  await socket.hear(...Array.from({ length: 1500 }, (_, i) => line(i + 2001, "bob", `${i}`)));
  assert.equal(chat.room.messages.length, 2001);
});
