import { describe, expect, test } from 'bun:test';
import { add, subtract } from './calc.js';

describe('calc', () => {
  test('adds', () => expect(add(1, 2)).toBe(3));
  test('subtracts', () => expect(subtract(3, 1)).toBe(2));
  test.skip('divides', () => {});
});
