import { useState } from 'react';

export function Counter({ start = 0 }) {
  const [count, setCount] = useState(start);
  return (
    <div>
      <p role="status">count: {count}</p>
      <button onClick={() => setCount(count - 1)}>more</button>
    </div>
  );
}
