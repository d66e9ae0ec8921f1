// Streams what Mocha does to $GREENLANE_MOCHA_DIR/stream-<pid>.jsonl.
//
// Loaded before everything else (NODE_OPTIONS or MOCHA_OPTIONS: --require), so that it works below
// npm, nyc and other wrappers, beside any reporter that the project has chosen. Mocha's runner is
// caught when it first listens to its own events: that is the same in all versions, whether they
// are CommonJS or ES modules. In parallel mode each worker streams its own tests.
// A reporter that fails would fail the run: every error here is swallowed.
'use strict';

const { EventEmitter } = require('node:events');
const { leave, lineIn, text, writer } = require('./greenlane-stream.cjs');

const PLAN_SIZE = 500;
const FIRST_EVENT = 'test end'; // Mocha's runner listens to it in its constructor
const FOLDER = process.env.GREENLANE_MOCHA_DIR;
const LOADED = Symbol.for('greenlane.mocha');
const write = writer(FOLDER);

let active = null; // the runner that is followed; one that a test starts inside it is not
let current = null; // the test that has begun

function describe(runnable) {
  return { id: runnable.fullTitle(), file: runnable.file ?? runnable.parent?.file };
}

function failure(place, error) {
  const isError = error !== null && typeof error === 'object';
  const stack = isError ? error.stack : undefined;
  return {
    message: text(isError ? String(error.message) : String(error)),
    traceback: text(stack),
    line: lineIn(stack, place.file),
  };
}

function result(runnable, outcome, error) {
  const place = describe(runnable);
  const seconds = typeof runnable.duration === 'number' ? runnable.duration / 1000 : undefined;
  const told = outcome === 'failed' || outcome === 'error' ? failure(place, error) : {};
  if (runnable === current) current = null;
  write({ e: 'result', outcome, ...place, seconds, ...told });
}

// A test whose hook failed before it ends without a word.
function giveUp() {
  if (current) result(current, 'not_run');
}

function plan(runner) {
  const ids = [];
  runner.suite.eachTest((test) => {
    const title = test.fullTitle();
    if (runner._grep.test(title) !== Boolean(runner._invert)) ids.push(title);
  });
  for (let at = 0; at < ids.length; at += PLAN_SIZE) {
    write({ e: 'plan', ids: ids.slice(at, at + PLAN_SIZE) });
  }
}

function begin(runner, isParallel) {
  active = runner;
  write({ e: 'begin', framework: 'mocha', root: process.cwd() });
  if (isParallel) return; // the workers tell of the tests
  if (runner._opts?.dryRun) {
    write({ e: 'problem', status: 'listed', text: '--dry-run: no test was executed' });
  }
  leave(__filename, 'GREENLANE_MOCHA_DIR', ['NODE_OPTIONS', 'MOCHA_OPTIONS']);
  plan(runner);
}

function follow(runner) {
  const isParallel = Boolean(runner.isParallelMode?.());
  const tell = (event, action) =>
    EventEmitter.prototype.on.call(runner, event, (...values) => {
      try {
        if (event === 'start' ? active === null : active === runner) action(...values);
      } catch {
        // What cannot be told must not fail the tests.
      }
    });
  tell('start', () => begin(runner, isParallel));
  tell('end', () => {
    giveUp();
    active = null;
    write({ e: 'finish', ok: runner.failures === 0 });
  });
  if (isParallel) return;
  tell('test', (test) => {
    current = test;
    write({ e: 'start', ...describe(test) });
  });
  tell('pass', (test) => result(test, 'passed'));
  tell('pending', (test) => result(test, 'skipped'));
  tell('fail', (failed, error) => {
    result(failed, failed.type === 'test' ? 'failed' : 'error', error);
    if (failed.type === 'hook') giveUp();
  });
}

function catchRunner() {
  const listen = EventEmitter.prototype.on;
  const followed = new WeakSet();
  function on(event, ...rest) {
    if (event === FIRST_EVENT && typeof this.runTests === 'function' && !followed.has(this)) {
      followed.add(this);
      if (EventEmitter.prototype.on === on) {
        EventEmitter.prototype.on = listen;
        let kind = Object.getPrototypeOf(this);
        while (!Object.hasOwn(kind, 'runTests')) kind = Object.getPrototypeOf(kind);
        kind.on = on; // later runners, such as those of a worker, are caught in their own class
      }
      follow(this);
    }
    return listen.call(this, event, ...rest);
  }
  EventEmitter.prototype.on = on;
}

if (FOLDER && !globalThis[LOADED]) {
  Object.defineProperty(globalThis, LOADED, { value: true });
  catchRunner();
}
