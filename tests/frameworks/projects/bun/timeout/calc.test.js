import { expect, test } from 'bun:test';

test('is quick', () => expect(1).toBe(1));
test('hangs', () => new Promise((resolve) => setTimeout(resolve, 600000)), 1000000);
