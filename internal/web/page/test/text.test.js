import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, next } from "../assets/compose.js";
import { looks } from "../assets/log.js";
import { day, hue, mentions, pieces } from "../assets/text.js";

const links = (text) => pieces(text).flatMap((p) => (p.href ? [p.text] : []));

test("links are made of http and https alone", () => {
  assert.deepEqual(links("see https://a.example/x?y=1#z. And (http://b.example/q_(r))!"), [
    "https://a.example/x?y=1#z",
    "http://b.example/q_(r)",
  ]);
  for (const text of [
    "javascript:alert(1)",
    "javascript://a.example/%0aalert(1)",
    "data:text/html,x",
    "ftp://a.example",
    "www.a.example",
    "https://",
    "http:///",
  ]) {
    assert.deepEqual(links(text), [], text);
  }
  assert.deepEqual(links('<a href="https://a.example/">'), ["https://a.example/"]);
  assert.deepEqual(links("https://a.example/\u202egpj.exe"), ["https://a.example/"]);
});

test("no part of a text is lost", () => {
  for (const text of ["", "a", "https://a.example", "x https://a.example, https://b.example. y", "https:// https://[ x"]) {
    assert.equal(
      pieces(text)
        .map((p) => p.text)
        .join(""),
      text,
    );
  }
});

test("a name has one of twelve hues", () => {
  const seen = new Set(Array.from({ length: 500 }, (_, i) => hue(`Anonymous${i}`)));
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  );
  // Nobody's colour changes with a new version of the page.
  assert.deepEqual(["alice", "bob", "Anonymous7"].map(hue), [11, 8, 3]);
});

test("what one says within five minutes of one day stands together", () => {
  const at = (time, more = {}) => ({ from: "bob", text: "hi", time: new Date(`2026-11-22T${time}`), state: "sent", ...more });
  for (const [m, before, want] of [
    [at("10:00:00"), null, "sent day head"],
    [at("10:05:00"), at("10:00:00"), "sent"],
    [at("10:05:01"), at("10:00:00"), "sent head"],
    [at("10:00:01"), at("10:00:00", { from: "eve" }), "sent head"],
    [at("00:00:00"), at("23:59:59", { time: new Date("2026-11-21T23:59:59") }), "sent day head"],
    [at("10:00:01", { gap: true }), at("10:00:00"), "sent gap head"],
    [at("10:00:01", { state: "refused", mine: true }), at("10:00:00"), "refused mine"],
    [at("10:00:01", { text: "hi alice!" }), at("10:00:00"), "sent mention"],
  ]) {
    assert.equal(looks(m, before, false, "alice"), want);
  }
  assert.equal(looks(at("10:00:01"), at("10:00:00"), true, ""), "sent fresh head");
  assert.equal(looks(at("10:00:01"), at("10:00:00"), false, "bob"), "sent mine");
});

test("a name is mentioned as a word", () => {
  assert.deepEqual(
    ["bob: hi", "hi (bob)", "bobby", "Bob", ""].map((text) => mentions(text, "bob")),
    [true, true, false, false, false],
  );
  assert.equal(mentions("hi", ""), false);
});

test("days", () => {
  const now = new Date(2026, 10, 22, 1);
  assert.equal(day(new Date(2026, 10, 22, 0), now), "Today");
  assert.equal(day(new Date(2026, 10, 21, 23), now), "Yesterday");
  assert.match(day(new Date(2026, 10, 20), now), /2026/);
});

test("Tab completes a name, and goes through those that fit", () => {
  const c = begin("al", 2, ["alice", "bob", "Albert"]);
  assert.deepEqual(
    [next(c), next(c), next(c)],
    [
      { value: "alice: ", caret: 7 },
      { value: "Albert: ", caret: 8 },
      { value: "alice: ", caret: 7 },
    ],
  );
  assert.deepEqual(next(begin("hi b, you", 4, ["bob"])), { value: "hi bob , you", caret: 7 });
  assert.equal(begin("hi ", 3, ["bob"]), null);
  assert.equal(begin("x", 1, ["bob"]), null);
});
