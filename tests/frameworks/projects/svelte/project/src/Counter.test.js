import { flushSync, mount } from 'svelte';
import { describe, expect, test } from 'vitest';
import Counter from './Counter.svelte';

describe('Counter', () => {
  test('shows where it starts', () => {
    mount(Counter, { target: document.body, props: { start: 3 } });
    expect(document.body.textContent).toContain('count: 3');
  });

  test('counts clicks', () => {
    document.body.innerHTML = '';
    mount(Counter, { target: document.body });
    flushSync(() => document.querySelector('button').click());
    expect(document.body.textContent).toContain('count: 1');
  });
});
