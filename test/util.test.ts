// tfjs's util and test_util, and what the library says of itself.
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import * as wg from '../ts/index.js';
import { testErrors } from './tensor/table.js';

const { util, test_util: compare } = wg;

describe('util', () => {
  test.each<[string, unknown, unknown]>([
    ['sizeFromShape', util.sizeFromShape([2, 3, 4]), 24],
    ['sizeFromShape of a scalar', util.sizeFromShape([]), 1],
    ['arraysEqual', util.arraysEqual([1, 2], Int32Array.of(1, 2)), true],
    ['arraysEqual of other lengths', util.arraysEqual([1], [1, 2]), false],
    ['clamp', [util.clamp(0, -1, 2), util.clamp(0, 1, 2), util.clamp(0, 3, 2)], [0, 1, 2]],
    ['flatten of ragged lists', util.flatten([[1, [2]], [], [Float32Array.of(3, 4), true]]), [1, 2, 3, 4, 1]],
    ['inferShape', util.inferShape([[1, 2, 3]]), [1, 3]],
    ['computeStrides', util.computeStrides([2, 3, 4]), [12, 4]],
    ['toNestedArray', util.toNestedArray([2, 2], Float32Array.of(1, 2, 3, 4)), [[1, 2], [3, 4]]],
    ['isTypedArray', [util.isTypedArray(new Uint8Array(1)), util.isTypedArray([1])], [true, false]],
  ])('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected);
  }); // prettier-ignore

  test('shuffle moves every element, and shuffleCombo both lists alike', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (list) => {
        const shuffled = [...list];
        util.shuffle(shuffled);
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(list.toSorted((a, b) => a - b));
        const [a, b] = [Float64Array.from(list), list.map(String)];
        util.shuffleCombo(a, b);
        expect(Array.from(a, String)).toEqual(b);
      }),
    );
  });

  test('now goes forward', () => {
    const start = util.now();
    expect(util.now()).toBeGreaterThanOrEqual(start);
  });

  testErrors([
    ['assert', () => util.assert(false, () => 'a text'), 'a text'],
    ['assertShapesMatch', () => util.assertShapesMatch([1], [1, 2], 'place'), 'place: shapes [1] and [1,2] differ'],
    ['assertNonNull', () => util.assertNonNull(null), 'expected a value, got null'],
    ['shuffleCombo', () => util.shuffleCombo([1], [1, 2]), 'shuffleCombo: lists of lengths 1 and 2'],
    ['toNestedArray', () => util.toNestedArray([2, 2], [1]), 'toNestedArray: 1 values do not fill shape [2,2]'],
  ]);
});

describe('test_util', () => {
  test('accepts what is equal or close', () => {
    wg.tidy(() => {
      compare.expectArraysClose(wg.tensor([1, 2]), [1.0005, 2]);
      compare.expectArraysClose([[1], [NaN]], [[1], [NaN]]);
      compare.expectArraysClose([[1, 2]], [1, 2]);
      compare.expectArraysEqual(wg.tensor([1, -0]), [1, 0]);
      compare.expectNumbersClose(1, 1.1, 0.2);
      compare.expectValuesInRange([0, 1], 0, 1);
    });
  });

  testErrors([
    ['far', () => compare.expectArraysClose([1, 2], [1, 2.1]), /element 1 is 2, expected 2.1/],
    ['another shape', () => compare.expectArraysClose([[1, 2]], [[1], [2]]), /shape \[1,2\] differs from .* \[2,1\]/],
    ['not equal', () => compare.expectArraysEqual(wg.tensor([1]), [1.0001]), /element 0 is 1, expected 1.0001/],
    ['NaN', () => compare.expectArraysClose([NaN], [1]), /element 0 is NaN, expected 1/],
    ['out of range', () => compare.expectValuesInRange([0, NaN], 0, 1), /element 1 is NaN, expected 0 to 1/],
  ]);
});

describe('the library', () => {
  test('is there at once', async () => {
    await wg.ready();
    expect([await wg.setBackend('wasm'), wg.getBackend()]).toEqual([true, 'wasm']);
    expect(wg.version.wasmgrad).toMatch(/^\d+\.\d+\.\d+/);
  });

  test.each(['webgl', 'cpu'])('setBackend("%s") warns, and ops go on', async (name) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      expect([await wg.setBackend(name), wg.getBackend()]).toEqual([false, 'wasm']);
      expect(warn.mock.calls).toEqual([[expect.stringMatching(`there is no backend "${name}".*leave the call out`)]]);
    } finally {
      warn.mockRestore();
    }
  });

  test('nextFrame lets other events pass', async () => {
    const passed = new Promise<void>((resolve) => setTimeout(resolve, 0));
    let frames = 0;
    for (let done = false; !done; frames++) {
      done = await Promise.race([passed.then(() => true), wg.nextFrame().then(() => false)]);
    }
    expect(frames).toBeGreaterThan(0);
  });
});
