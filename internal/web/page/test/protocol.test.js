import assert from "node:assert/strict";
import { test } from "node:test";
import { clean, explain, isName, parse } from "../assets/protocol.js";

test("lines are taken apart", () => {
  for (const [line, want] of Object.entries({
    "msg bob hi": { kind: "message", from: "bob", text: "hi", id: 0, privately: false },
    "@17 2026-11-22T16:49:00.123Z msg bob  two  spaces": { kind: "message", from: "bob", text: " two  spaces", id: 17 },
    "@0 2026-11-22T16:49:00.123Z privmsg bob @17 x": { kind: "message", privately: true, id: 0, text: "@17 x" },
    "msg bob a\u2028b": { kind: "message", text: "a\u2028b" },
    "msgok 3": { kind: "msgok", count: 3, id: 0 },
    "msgok 3 17 2026-11-22T16:49:00.123Z": { kind: "msgok", count: 3, id: 17 },
    "msgerr spam, blocked for 7 s": { kind: "msgerr", seconds: 7 },
    "msgerr incorrect recipient": { kind: "msgerr", seconds: 0, text: "incorrect recipient" },
    "users alice bob": { kind: "users", words: ["alice", "bob"] },
    "history 5 gap": { kind: "block", count: 5, gap: true },
    "search 0": { kind: "block", count: 0, gap: false },
    "cmderr command not supported": { kind: "cmderr" },
    "something else": { kind: "unknown", text: "something else" },
  })) {
    for (const [key, value] of Object.entries(want)) assert.deepEqual(parse(line)[key], value, `${line}: ${key}`);
  }
  assert.equal(parse("@17 2026-11-22T16:49:00.123Z msg bob hi").time?.getUTCMilliseconds(), 123);
});

test("every line that the page says or hears has a meaning and a rule", () => {
  for (const line of [
    "stamp",
    "login bob",
    "users",
    "help",
    "history 100",
    "history since 3",
    "history before 3 100",
    "search a",
    "msg a",
    "privmsg bob a",
  ]) {
    assert.doesNotMatch(explain("out", line).means, /no line/, line);
  }
  for (const line of [
    "msg a b",
    "msgok 1",
    "msgerr unauthorized",
    "loginok",
    "loginerr x",
    "modeok",
    "users a",
    "history 1",
    "supported a",
    "joke a",
    "cmderr server full",
  ]) {
    assert.doesNotMatch(explain("in", line).means, /no line/, line);
    assert.match(explain("in", line).rules, /^[PSX]-\d+(, [PSX]-\d+)*$/);
  }
  assert.equal(explain("in", "@0 2026-11-22T16:49:00.123Z privmsg bob hi").rules, "P-51, X-3");
  assert.equal(explain("in", "@7 2026-11-22T16:49:00.123Z msg bob privmsg bob hi").rules, "P-50, X-3");
  assert.equal(explain("in", "search 2").rules, "X-10");
  assert.deepEqual(explain("out", "dance"), { means: "no line of the protocol", rules: "P-30" });
});

test("a text becomes what the server will make of it", () => {
  assert.equal(clean(" two\nlines\r\nand\ttabs  \n"), " two lines and\ttabs");
  assert.equal(clean("\u001b[31mred\u0085\u007f"), "?[31mred??");
  assert.equal(clean(" \t\r\n"), "");
  assert.equal(clean("half \ud800 a character"), "half \ufffd a character");
});

test("names", () => {
  for (const name of ["a", "Bob7", "x".repeat(32)]) assert.ok(isName(name), name);
  for (const name of ["", "a b", "ø", "x".repeat(33), "bob\n"]) assert.ok(!isName(name), name);
});
