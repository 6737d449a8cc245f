import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Lost, Wire } from "../assets/wire.js";
import { FakeSocket } from "./fake.js";

/** @type {FakeSocket[]} */
let sockets;
let heard, links, wire;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  sockets = [];
  heard = [];
  links = [];
  const connect = () => {
    sockets.push(new FakeSocket());
    return sockets.at(-1);
  };
  wire = new Wire("ws://there/ws", { hear: (l) => heard.push(l.text), link: (l) => links.push(l), pass: () => {} }, connect);
  wire.connect();
  sockets[0].open();
});

test("answers belong to the commands in order, whatever is said meanwhile (P-43, P-83)", async () => {
  const users = wire.ask("users");
  const history = wire.ask("history");
  const help = wire.ask("help");
  sockets[0].hear("msg bob one", "users a b", "msg bob two", "history 2", "@1 2026-11-22T16:49:00.001Z msg bob three");
  sockets[0].hear("@2 2026-11-22T16:49:00.002Z msg bob four", "supported login", "msg bob five");
  assert.deepEqual((await users).line.words, ["a", "b"]);
  assert.deepEqual(
    (await history).block.map((l) => l.text),
    ["three", "four"],
  );
  assert.deepEqual((await help).line.words, ["login"]);
  assert.deepEqual(heard, ["one", "two", "five"]);
});

test("a lost connection rejects what was asked, and is made again ever more slowly", async () => {
  const asked = wire.ask("users");
  sockets[0].close();
  await assert.rejects(asked, Lost);
  await assert.rejects(wire.ask("users"), Lost);
  const pauses = [];
  for (let i = 0; i < 7; i++) {
    assert.equal(links.at(-1).state, "waiting");
    pauses.push(links.at(-1).until - Date.now());
    mock.timers.tick(36_000);
    assert.equal(sockets.length, i + 2);
    sockets.at(-1).close();
  }
  for (const [i, want] of [1, 2, 4, 8, 15, 30, 30].entries()) {
    assert.ok(Math.abs(pauses[i] - want * 1000) <= want * 200, `pause ${i}: ${pauses[i]}`);
  }
});

test("after it has settled the pauses begin anew", () => {
  for (let i = 0; i < 4; i++) {
    sockets.at(-1).close();
    mock.timers.tick(36_000);
  }
  sockets.at(-1).open();
  wire.settled();
  sockets.at(-1).close();
  assert.ok(links.at(-1).until - Date.now() <= 1200);
});

test("why the connection was lost is known until there is another", () => {
  sockets[0].close(1001);
  mock.timers.tick(1_200);
  sockets[1].close(1006);
  assert.equal(links.at(-1).code, 1001);
  mock.timers.tick(2_400);
  sockets[2].open();
  sockets[2].close(1006);
  assert.equal(links.at(-1).code, 1006);
});

test("a connection that is not made in time is given up", () => {
  sockets[0].close();
  mock.timers.tick(1_200);
  assert.equal(links.at(-1).state, "connecting");
  mock.timers.tick(9_999);
  assert.equal(links.at(-1).state, "connecting");
  mock.timers.tick(1);
  assert.equal(links.at(-1).state, "waiting");
  mock.timers.tick(2_400);
  sockets[2].open();
  mock.timers.tick(60_000);
  assert.equal(links.at(-1).state, "open");
});

test("a server that does not answer is gone", async () => {
  const asked = wire.ask("users");
  mock.timers.tick(9_000);
  sockets[0].hear("msg bob still here");
  mock.timers.tick(9_000);
  assert.equal(links.at(-1).state, "open");
  mock.timers.tick(1_000);
  await assert.rejects(asked, Lost);
  assert.equal(links.at(-1).state, "waiting");
});
