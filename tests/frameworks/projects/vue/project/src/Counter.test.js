import { mount } from '@vue/test-utils';
import { describe, expect, test } from 'vitest';
import Counter from './Counter.vue';

describe('Counter', () => {
  test('shows where it starts', () => {
    expect(mount(Counter, { props: { start: 3 } }).text()).toContain('count: 3');
  });

  test('counts clicks', async () => {
    const counter = mount(Counter);
    await counter.get('button').trigger('click');
    expect(counter.text()).toContain('count: 1');
  });
});
