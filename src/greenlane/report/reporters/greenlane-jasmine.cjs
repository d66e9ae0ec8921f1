// Streams what Jasmine does to $GREENLANE_JASMINE_DIR/stream-<pid>.jsonl, beside any reporter that
// the project has chosen.
//
// Loaded before everything else (NODE_OPTIONS: --require), so that it works below npm and other
// wrappers. Jasmine is caught when it makes itself global. In parallel mode, and without globals,
// nothing is streamed.
// A reporter that fails would fail the run: every error here is swallowed.
'use strict';

const cluster = require('node:cluster');
const { leave, lineIn, text, writer } = require('./greenlane-stream.cjs');

const FOLDER = process.env.GREENLANE_JASMINE_DIR;
const OUTCOMES = { passed: 'passed', failed: 'failed', pending: 'skipped' };
const write = writer(FOLDER);

let current = null; // the spec that has begun, or is left out by a filter

function failure(place, result) {
  const [first] = result.failedExpectations ?? [];
  const all = (result.failedExpectations ?? []).slice(0, 5);
  if (!first) return { message: 'Spec has no expectations' };
  return {
    message: text(String(first.message)),
    traceback: text(all.map((one) => one.stack || one.message).join('\n\n')),
    line: lineIn(first.stack, place.file),
  };
}

function describe(result) {
  return { id: result.fullName, file: result.filename ?? undefined };
}

function send(result, outcome) {
  const place = describe(result);
  const told = outcome === 'failed' || outcome === 'error' ? failure(place, result) : {};
  const reason = outcome === 'skipped' ? text(result.pendingReason) : undefined;
  const seconds = typeof result.duration === 'number' ? result.duration / 1000 : undefined;
  write({ e: 'result', outcome, ...place, seconds, message: reason, ...told });
}

const reporter = {
  jasmineStarted() {
    write({ e: 'begin', framework: 'jasmine', root: process.cwd() });
    leave(__filename, 'GREENLANE_JASMINE_DIR', ['NODE_OPTIONS']);
  },
  specStarted(result) {
    current = result;
  },
  specDone(result) {
    const outcome = OUTCOMES[result.status];
    if (outcome) send(result, outcome);
  },
  suiteDone(result) {
    if (result.failedExpectations?.length) send(result, 'error');
  },
  jasmineDone(result) {
    if (result?.failedExpectations?.length) send({ ...result, fullName: 'top suite' }, 'error');
    if (result?.overallStatus === 'incomplete') {
      write({ e: 'problem', text: `Incomplete: ${result.incompleteReason}` });
    }
    write({ e: 'finish', ok: result?.overallStatus === 'passed' });
  },
};

for (const [name, action] of Object.entries(reporter)) {
  reporter[name] = (result) => {
    try {
      action(result);
    } catch {
      // What cannot be told must not fail the tests.
    }
  };
}

// Say that a spec begins: this runs for none that a filter has left out.
function begin() {
  try {
    if (current) write({ e: 'start', ...describe(current) });
  } catch {
    // As above.
  }
}

function join(jasmine) {
  const env = jasmine.getEnv();
  env.beforeEach(begin);
  const clear = env.clearReporters;
  env.addReporter(reporter);
  env.clearReporters = () => {
    clear.call(env);
    env.addReporter(reporter);
  };
}

if (FOLDER && cluster.isPrimary && !('jasmine' in globalThis)) {
  const place = { configurable: true, enumerable: true };
  Object.defineProperty(globalThis, 'jasmine', {
    ...place,
    get: () => undefined,
    set(value) {
      Object.defineProperty(globalThis, 'jasmine', { ...place, value, writable: true });
      try {
        join(value);
      } catch {
        // An older Jasmine, or something else of this name.
      }
    },
  });
}
