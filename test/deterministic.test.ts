// Deterministic mode; test/engines compares it between engines.
import { expect, test } from 'vitest';
import * as wg from '../ts/index.js';

test('the build cannot change once there are tensors', async () => {
  using x = wg.zeros([1]);
  const before = wg.isDeterministic();
  if (before) {
    await expect(wg.setDeterministic(true)).resolves.toBeUndefined();
  } else {
    await expect(wg.setDeterministic(false)).resolves.toBeUndefined();
    expect(() => wg.setDeterministic(true)).toThrow(
      'setDeterministic: there are tensors, programs or seeds of the other build already; call it right after the import, before all else',
    );
  }
  expect(wg.isDeterministic()).toBe(before);
  expect(x.dataSync()).toEqual(Float32Array.of(0));
});

test.each([1, 'true', undefined, null])('setDeterministic(%j) is refused', (x) => {
  expect(() => wg.setDeterministic(x as never)).toThrow(/^setDeterministic: expected true or false, got/);
});
