// Marks a test file whose process was ended by `process.exit(0)`: node:test counts it as passed,
// although the results of its tests may never have left the process.
//
// Required by NODE_OPTIONS. The mark is a file in $GREENLANE_NODE_DIR that greenlane-node.cjs finds.
'use strict';

if (process.env.NODE_TEST_CONTEXT?.startsWith('child') && process.env.GREENLANE_NODE_DIR) {
  const { writeFileSync } = require('node:fs');
  const { join } = require('node:path');
  const { createHash } = require('node:crypto');
  const [, script] = process.argv;
  const usesRunner = () => process.moduleLoadList.includes('NativeModule test');
  const mark = () => {
    try {
      const name = createHash('sha1').update(script).digest('hex');
      writeFileSync(join(process.env.GREENLANE_NODE_DIR, `exited-${name}`), '');
    } catch {
      // The tests must not notice.
    }
  };
  let isDrained = false;
  process.once('beforeExit', () => {
    isDrained = true;
  });
  process.once('exit', (code) => {
    if (!isDrained && !code && script && usesRunner()) mark();
  });
}
