import { mount } from '@vue/test-utils';
import { describe, test } from 'vitest';
import Counter from './Counter.vue';

describe('Counter', () => {
  test('is mounted', () => {
    mount(Counter).get('button');
  });

  test('waits for ever', () => new Promise(() => {}), 600000);
});
