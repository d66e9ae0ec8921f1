// What the reporters that Node loads before everything else have in common: they write the lines
// that report/formats/stream.py describes to a file of their own in the folder that they were given.
// Every error here is swallowed: a full disk must not fail the tests.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const TEXT_LIMIT = 8000;

// Give a function that appends an event to `folder`/stream-<pid>.jsonl.
function writer(folder) {
  let file = -1;
  return (event) => {
    try {
      if (file < 0) file = fs.openSync(path.join(folder, `stream-${process.pid}.jsonl`), 'a');
      fs.writeSync(file, `${JSON.stringify(event)}\n`);
    } catch {
      // As above.
    }
  };
}

// Let the programs that the tests start know nothing of us.
function leave(reporter, folderName, optionNames) {
  delete process.env[folderName];
  const words = `--require "${reporter}"`;
  for (const name of optionNames) {
    const value = (process.env[name] ?? '').replace(` ${words}`, '').replace(words, '');
    if (value) process.env[name] = value;
    else delete process.env[name];
  }
}

function text(value) {
  return typeof value === 'string' ? value.slice(0, TEXT_LIMIT) : undefined;
}

// Find the line of a stack that stands in a file.
function lineIn(stack, file) {
  const name = file && path.basename(file);
  for (const frame of name ? String(stack).split('\n') : []) {
    const place = /([^\s()]+?):(\d+):\d+\)?$/.exec(frame);
    if (place && path.basename(place[1]) === name) return Number(place[2]);
  }
  return undefined;
}

module.exports = { leave, lineIn, text, writer };
