import test from 'ava';
import { add, subtract } from '../src/calc.js';

test('adds', (t) => t.is(add(1, 2), 3));
test('subtracts', (t) => t.is(subtract(3, 1), 2));
test.skip('divides', (t) => t.pass());
