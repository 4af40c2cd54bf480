// Deterministic mode; test/engines compares it between engines.
import { expect, test } from 'vitest';
import * as wg from '../ts/index.js';

test('the build cannot change once there are tensors', async () => {
  using _x = wg.zeros([1]);
  if (wg.isDeterministic()) {
    await expect(wg.setDeterministic(true)).resolves.toBeUndefined();
  } else {
    await expect(wg.setDeterministic(false)).resolves.toBeUndefined();
    expect(() => wg.setDeterministic(true)).toThrow(
      'setDeterministic: there are tensors, programs or seeds of the other build already; call it right after the import, before all else',
    );
    expect(wg.isDeterministic()).toBe(false);
  }
});

test.each([1, 'true', undefined, null])('setDeterministic(%j) is refused', (x) => {
  expect(() => wg.setDeterministic(x as never)).toThrow(/^setDeterministic: expected true or false, got/);
});
