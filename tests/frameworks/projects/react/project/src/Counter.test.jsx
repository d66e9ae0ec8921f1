import { fireEvent, render, screen } from '@testing-library/react';
import { Counter } from './Counter';

describe('Counter', () => {
  test('shows where it starts', () => {
    render(<Counter start={3} />);
    expect(screen.getByRole('status').textContent).toBe('count: 3');
  });

  test('counts clicks', () => {
    render(<Counter />);
    fireEvent.click(screen.getByText('more'));
    expect(screen.getByRole('status').textContent).toBe('count: 1');
  });
});
