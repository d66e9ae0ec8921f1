// Streams what Jest does, one JSON object a line, to $GREENLANE_JEST_REPORT.
//
// Given by `--reporters`; nothing in the project changes. Each event is written when it happens,
// so that a run that dies leaves what it had finished and names the test that it was at.
'use strict';

const fs = require('fs');

const TEXT_LIMIT = 8000;
const OUTPUT_LIMIT = 4000;
const MAX_MESSAGES = 5;

function write(event) {
  try {
    const path = process.env.GREENLANE_JEST_REPORT;
    if (path) fs.appendFileSync(path, `${JSON.stringify(event)}\n`);
  } catch {
    // A full disk must not fail the tests.
  }
}

function result(path, test) {
  return {
    e: 'result',
    file: path,
    name: test.fullName,
    status: test.status,
    dur: test.duration,
    loc: test.location,
    inv: test.invocations,
    msg: (test.failureMessages || []).slice(0, MAX_MESSAGES).map((m) => m.slice(0, TEXT_LIMIT)),
  };
}

// Jest does not say which test of a file printed what.
function said(lines) {
  const text = (lines || []).map((line) => line.message).join('\n');
  return text ? text.slice(0, OUTPUT_LIMIT) : undefined;
}

module.exports = class GreenlaneReporter {
  constructor(globalConfig) {
    this.filter = (globalConfig && globalConfig.testNamePattern) || undefined;
    this.seen = new Map();
  }

  onRunStart(results) {
    write({ e: 'start', suites: results.numTotalTestSuites, filter: this.filter });
  }

  onTestFileStart(test) {
    this.seen.set(test.path, new Map());
    write({ e: 'file_start', file: test.path });
  }

  onTestCaseStart(test, info) {
    write({ e: 'test_start', file: test.path, name: info.fullName });
  }

  onTestCaseResult(test, info) {
    const seen = this.seen.get(test.path);
    if (seen && !(info.invocations > 1)) {
      seen.set(info.fullName, (seen.get(info.fullName) || 0) + 1);
    }
    write(result(test.path, info));
  }

  // Skipped tests, and all tests of runners that report no single ones, come only with the file.
  onTestFileResult(test, results) {
    const seen = this.seen.get(test.path) || new Map();
    this.seen.delete(test.path);
    for (const info of results.testResults) {
      const count = seen.get(info.fullName) || 0;
      if (count > 0) seen.set(info.fullName, count - 1);
      else write(result(test.path, { ...info, invocations: undefined }));
    }
    const error = results.testExecError;
    const told = results.testResults.length === 0 ? results.failureMessage : ''; // else of its tests
    const broken = told || (error && (error.stack || error.message || error));
    write({
      e: 'file_end',
      file: test.path,
      n: results.testResults.length,
      exec_error: broken ? String(broken).slice(0, TEXT_LIMIT) : undefined,
      out: said(results.console),
    });
  }

  onRunComplete() {
    write({ e: 'end' }); // `results.success` is set only after this
  }
};
