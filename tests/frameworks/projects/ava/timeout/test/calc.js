import test from 'ava';

test('is quick', (t) => t.pass());
test('hangs', async (t) => {
  t.timeout(600000);
  await new Promise((resolve) => setTimeout(resolve, 600000));
});
