// Streams what node:test does, one JSON object a line, to $GREENLANE_NODE_DIR/node-<pid>.jsonl.
//
// Given by NODE_OPTIONS beside the reporter that people read; nothing in the project changes.
// Each event is written when it happens, so that a killed run leaves what it had finished.
// A reporter that fails would fail the run: every error here is swallowed.
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const TEXT_LIMIT = 8000;

function open() {
  try {
    const folder = process.env.GREENLANE_NODE_DIR;
    return folder ? fs.openSync(path.join(folder, `node-${process.pid}.jsonl`), 'a') : -1;
  } catch {
    return -1;
  }
}

function text(value) {
  return typeof value === 'string' ? value.slice(0, TEXT_LIMIT) : undefined;
}

// Whether the process of a test file ended itself, as greenlane-node-exit.cjs says.
function hasExited(file) {
  try {
    const name = createHash('sha1').update(file).digest('hex');
    return fs.existsSync(path.join(process.env.GREENLANE_NODE_DIR, `exited-${name}`));
  } catch {
    return false;
  }
}

function failure(error) {
  if (!error) return {};
  const cause = error.cause ?? error;
  const isError = cause !== null && typeof cause === 'object';
  return {
    kind: error.failureType,
    exit: error.exitCode,
    signal: error.signal ?? undefined,
    message: text(isError ? cause.message : String(cause)),
    stack: text(isError ? cause.stack : undefined),
  };
}

function describe(type, data) {
  const place = { name: data.name, depth: data.nesting, file: data.file, line: data.line };
  switch (type) {
    case 'test:dequeue':
      return { e: 'begin', ...place };
    case 'test:start':
      return { e: 'report', ...place };
    case 'test:complete':
    case 'test:pass':
    case 'test:fail': {
      const details = data.details ?? {};
      return {
        e: type === 'test:complete' ? 'complete' : 'result',
        ...place,
        ok: type === 'test:complete' ? details.passed : type === 'test:pass',
        ms: details.duration_ms,
        type: details.type,
        skip: data.skip,
        todo: data.todo,
        exited: (data.nesting === 0 && data.file && hasExited(data.file)) || undefined,
        ...failure(details.error),
      };
    }
    default:
      return null;
  }
}

module.exports = async function* greenlane(source) {
  const file = open();
  const write = (event) => {
    try {
      if (file >= 0) fs.writeSync(file, `${JSON.stringify(event)}\n`);
    } catch {
      // A full disk must not fail the tests.
    }
  };
  write({ e: 'start', node: process.version });
  for await (const { type, data } of source) {
    const event = describe(type, data ?? {});
    if (event) write(event);
  }
  write({ e: 'end' });
};
