import { describe, expect, test } from 'vitest';
import { add, subtract } from '../src/calc.js';

describe('calc', () => {
  test('adds', () => {
    expect(add(1, 2)).toBe(3);
  });

  test.each([
    [3, 1, 2],
    [1, 0, 1],
  ])('subtracts (%i - %i)', (a, b, wanted) => {
    expect(subtract(a, b)).toBe(wanted);
  });

  test.skip('divides', () => {});
  test.todo('multiplies');
});
