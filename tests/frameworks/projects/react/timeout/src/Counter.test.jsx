import { render, screen } from '@testing-library/react';
import { Counter } from './Counter';

describe('Counter', () => {
  test('is rendered', () => {
    render(<Counter />);
    screen.getByText('more');
  });

  test('waits for ever', () => new Promise(() => {}), 600000);
});
