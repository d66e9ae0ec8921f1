// Streams what Vitest does, one JSON object a line, to $GREENLANE_VITEST_DIR/stream-<pid>.jsonl.
//
// Given by `--reporter`; nothing in the project changes. Each event is written when it happens, so
// that a run that dies leaves what it had finished and names the tests that it was at. Up to
// Vitest 2 news of tests come in packs, from 3 on one by one; both speak of the same task objects.
import fs from 'node:fs';
import path from 'node:path';

const TEXT_LIMIT = 8000;
const OUTPUT_LIMIT = 4000;
const MAX_ERRORS = 5;
const OUTCOMES = { pass: 'passed', fail: 'failed', skip: 'skipped', todo: 'skipped' };

const folder = process.env.GREENLANE_VITEST_DIR;
delete process.env.GREENLANE_VITEST_DIR; // a Vitest that a test starts is not this run

const slashed = (file) => file.split(path.sep).join('/');
const isTest = (task) => task.type === 'test' || task.type === 'custom';
const cut = (text) => String(text ?? '').slice(0, TEXT_LIMIT);

function fullName(task) {
  const names = [];
  for (let one = task; one && one !== task.file && !one.filepath; one = one.suite) {
    if (one.name) names.unshift(one.name);
  }
  return names.join(' ').trim();
}

function describe(error) {
  const headline = error.name ? `${error.name}: ${error.message}` : String(error.message ?? error);
  return error.diff ? `${headline}\n\n${error.diff}` : headline;
}

// A test that ran out of time has the stack of another error, made beforehand.
function stackOf(error) {
  const stack = error.stack || error.stackStr || '';
  return stack.replace('STACK_TRACE_ERROR', () => error.message);
}

// A task that is tried again or repeated fails or passes many times, and has a duration only once.
function isSettled(task) {
  const state = task.result?.state ?? task.mode;
  if (state === 'skip' || state === 'todo') return true;
  return (state === 'pass' || state === 'fail') && task.result.duration !== undefined;
}

function lineOf(task, stack) {
  if (task.location?.line) return task.location.line;
  const place = stack.indexOf(`${task.file?.filepath}:`);
  return place < 0 ? 0 : Number.parseInt(stack.slice(place + task.file.filepath.length + 1), 10);
}

export default class GreenlaneReporter {
  constructor() {
    this.known = new Map(); // id of a task: the mode that it was collected with
    this.started = new Set();
    this.ended = new Set();
    this.output = new Map();
    this.lines = new Map();
    this.isOneByOne = false;
    this.isOver = false;
    this.executed = 0;
    this.broken = '';
  }

  write(event) {
    try {
      if (!folder) return;
      this.stream ??= fs.openSync(path.join(folder, `stream-${process.pid}.jsonl`), 'a');
      fs.writeSync(this.stream, `${JSON.stringify(event)}\n`);
    } catch {
      // A full disk must not fail the tests.
    }
  }

  onInit(vitest) {
    this.vitest = vitest;
    this.root = vitest.config.root;
    this.write({ e: 'begin', framework: 'vitest', root: slashed(this.root) });
    try {
      for (const { config } of [vitest, ...(vitest.projects ?? [])]) {
        config.includeTaskLocation = true;
      }
    } catch {
      // Without it a line comes from the stack of a failure.
    }
  }

  // --- Vitest 3 and later

  onTestRunStart(specifications) {
    this.isOneByOne = true;
    for (const one of specifications) if (one.testLines) this.lines.set(one.moduleId, one.testLines);
  }

  onTestModuleCollected(module) {
    this.collect(module.task);
  }

  onTestCaseReady(test) {
    this.begin(test.task);
  }

  onTestCaseResult(test) {
    this.end(test.task);
  }

  onTestSuiteResult(suite) {
    this.endSuite(suite.task);
  }

  onTestModuleEnd(module) {
    this.endSuite(module.task);
  }

  onTestRunEnd(modules, errors, reason) {
    this.finish(modules.map((module) => module.task), errors, reason === 'passed');
  }

  // --- Vitest up to 2; 3 tells it both ways

  onCollected(files) {
    for (const file of files ?? []) this.collect(file);
  }

  onTaskUpdate(packs) {
    if (this.isOneByOne) return;
    for (const [id] of packs) {
      const task = this.vitest.state.idMap.get(id);
      if (!task) continue;
      if (isTest(task)) {
        if (isSettled(task)) this.end(task);
        else this.begin(task);
      } else if (isSettled(task)) this.endSuite(task);
    }
  }

  onFinished(files, errors) {
    if (!this.isOneByOne) this.finish(files ?? [], errors ?? [], true);
  }

  // --- both

  onUserConsoleLog(log) {
    if (!log.taskId || this.ended.has(log.taskId)) return;
    const before = this.output.get(log.taskId) ?? '';
    if (before.length < OUTPUT_LIMIT) {
      this.output.set(log.taskId, (before + log.content).slice(0, OUTPUT_LIMIT));
    }
  }

  collect(file) {
    const found = [];
    const walk = (task) => {
      if (!isTest(task)) (task.tasks ?? []).forEach(walk);
      else if (!this.known.has(task.id)) {
        this.known.set(task.id, task.mode);
        if (this.isFiltered(task)) this.ended.add(task.id);
        else found.push(task);
      }
    };
    walk(file);
    if (found.length) this.write({ e: 'plan', ids: found.map(fullName) });
    for (const task of found) if (task.mode !== 'run') this.end(task);
  }

  // What `-t` and `file:line` leave out only looks skipped.
  isFiltered(task) {
    if (task.mode !== 'skip') return false;
    const pattern = this.vitest.config.testNamePattern;
    const names = [fullName(task), task.fullTestName ?? '']; // `suite > test` from Vitest 5 on
    if (pattern && !names.some((name) => name.match(pattern))) return true;
    const lines = this.lines.get(task.file?.filepath);
    if (!lines?.length) return false;
    for (let one = task; one; one = one.suite) if (lines.includes(one.location?.line)) return false;
    return true;
  }

  // What never began although nobody skipped it: `--bail` or a broken hook. Whether the test
  // skipped itself instead is certain only when all is over.
  isLeftOut(task) {
    if (this.known.get(task.id) !== 'run') return false;
    const { startTime, duration, pending } = task.result ?? {};
    if (startTime || duration !== undefined || pending) return false;
    if (!this.isOver || this.vitest.isCancelling) return true;
    for (let one = task.suite ?? task.file; one; one = one.suite) {
      if (one.result?.errors?.length) return true;
    }
    return Boolean(task.file?.result?.errors?.length);
  }

  begin(task) {
    if (this.started.has(task.id) || this.ended.has(task.id) || task.result?.state !== 'run') return;
    this.started.add(task.id);
    this.write({ e: 'start', ...this.place(task, '') });
  }

  end(task) {
    if (this.ended.has(task.id)) return;
    const state = task.result?.state ?? task.mode;
    let outcome = OUTCOMES[state];
    if (!outcome) return;
    if (state === 'skip' && this.isLeftOut(task)) {
      if (!this.isOver || !this.started.has(task.id)) return;
      outcome = 'not_run';
    }
    this.ended.add(task.id);
    this.executed += state === 'pass' || state === 'fail';
    this.result(fullName(task) || '(no name)', task, outcome);
  }

  // A file that could not be loaded, or a hook that failed: then the tests that it kept from running
  // are errors, or, where there are none, the suite is.
  endSuite(task) {
    if (this.ended.has(task.id) || task.result?.state !== 'fail') return;
    const [error] = task.result.errors ?? [];
    if (!error) return;
    this.ended.add(task.id);
    const kept = this.testsOf(task).filter((test) => this.isKeptBack(test));
    for (const test of kept) {
      this.ended.add(test.id);
      this.result(fullName(test) || '(no name)', test, 'error', task.result.errors);
    }
    if (kept.length) return;
    const file = task.filepath ? slashed(path.relative(this.root, task.filepath)) : '';
    if (file && !task.tasks?.length) this.broken ||= `${file}: ${describe(error)}`;
    this.result(file || fullName(task) || '(no name)', task, 'error');
  }

  testsOf(task) {
    return isTest(task) ? [task] : (task.tasks ?? []).flatMap((one) => this.testsOf(one));
  }

  isKeptBack(test) {
    if (this.ended.has(test.id) || this.started.has(test.id)) return false;
    const hasRun = ['pass', 'fail'].includes(test.result?.state) || test.result?.startTime;
    return this.known.get(test.id) === 'run' && !hasRun;
  }

  result(id, task, outcome, told = task.result?.errors) {
    const isRed = outcome === 'failed' || outcome === 'error';
    const errors = isRed ? (told ?? []).slice(0, MAX_ERRORS) : [];
    const stack = errors.map(stackOf).join('\n\n');
    const seconds = task.result?.duration;
    this.write({
      e: 'result',
      outcome,
      ...this.place(task, stack),
      id,
      seconds: seconds === undefined ? undefined : seconds / 1000,
      message: errors.length ? cut(errors.map(describe).join('\n\n')) : undefined,
      traceback: stack ? cut(stack) : undefined,
      output: this.output.get(task.id),
    });
    this.output.delete(task.id);
  }

  place(task, stack) {
    const file = task.filepath ?? task.file?.filepath;
    return { id: fullName(task), file: file && slashed(file), line: lineOf(task, stack) || undefined };
  }

  finish(files, errors, isGood) {
    this.isOver = true;
    const walk = (task) => {
      if (isTest(task)) this.end(task);
      else {
        (task.tasks ?? []).forEach(walk);
        this.endSuite(task);
      }
    };
    files.forEach((file) => {
      this.collect(file);
      walk(file);
    });
    const isIgnoring = this.vitest.config.dangerouslyIgnoreUnhandledErrors;
    const unhandled = isIgnoring ? [] : errors;
    for (const error of unhandled.slice(0, MAX_ERRORS)) {
      const what = error?.type ? `${error.type}: ` : '';
      this.write({ e: 'problem', text: cut(`${what}${describe(error ?? {})}\n${error?.stack ?? ''}`) });
    }
    if (this.broken && !this.executed) {
      this.write({ e: 'problem', status: 'build_error', text: cut(this.broken) });
    }
    const isRed = files.some((file) => file.result?.state === 'fail');
    this.write({ e: 'finish', ok: isGood && !isRed && !unhandled.length });
  }
}
