const assert = require('node:assert');
const { add, subtract } = require('../src/calc');

describe('calc', () => {
  it('adds', () => assert.equal(add(1, 2), 3));
  it('subtracts', () => assert.equal(subtract(3, 1), 2));

  describe('with state', () => {
    let tries = 0;
    beforeEach(() => {
      tries += 1;
    });
    it('passes at last', function () {
      this.retries(1);
      assert.equal(tries, 2);
    });
  });

  it.skip('divides', () => {});
  it('multiplies');
});
