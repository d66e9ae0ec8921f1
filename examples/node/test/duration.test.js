import assert from "node:assert/strict";
import { test } from "node:test";

import { formatDuration } from "../src/duration.js";

test("says one in the singular", () => {
  assert.equal(formatDuration(1), "1 second");
});

test("names the largest unit first", () => {
  assert.equal(formatDuration(62), "1 minute 2 seconds");
});

test("leaves out what is zero", () => {
  assert.equal(formatDuration(86_400 + 5), "1 day 5 seconds");
});

test("has a word for nothing", () => {
  assert.equal(formatDuration(0), "no time");
});

test("refuses what is no duration", () => {
  assert.throws(() => formatDuration(-1), RangeError);
});
