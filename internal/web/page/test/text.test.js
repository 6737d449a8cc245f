import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, next } from "../assets/compose.js";
import { day, hue, pieces } from "../assets/text.js";

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
  assert.equal(hue("alice"), hue("alice"));
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
