import { mount } from 'svelte';
import { describe, test } from 'vitest';
import Counter from './Counter.svelte';

describe('Counter', () => {
  test('is mounted', () => {
    mount(Counter, { target: document.body });
  });

  test('waits for ever', () => new Promise(() => {}), 600000);
});
