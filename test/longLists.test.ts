// Operands, options, results and arguments cross into the core in a block that grows with them.
import { expect, test } from 'vitest';
import * as wg from '../ts/index.js';

const N = 20_000;

test('thousands of tensors are stacked, unstacked, split and joined', () => {
  wg.tidy(() => {
    const scalars = Array.from({ length: N }, (_, i) => wg.scalar(i));
    const x = wg.stack(scalars);
    expect(x.shape).toEqual([N]);
    expect(x.dataSync()[N - 1]).toBe(N - 1);
    expect(x.unstack()[N - 1]!.dataSync()[0]).toBe(N - 1);
    const parts = wg.split(x, new Array<number>(N).fill(1));
    expect(parts).toHaveLength(N);
    expect(wg.concat(parts).sub(x).abs().max().dataSync()[0]).toBe(0);
  });
});

test('a program takes and gives thousands of tensors', () => {
  const doubled = wg.compile((...xs: wg.Tensor[]) => xs.map((x) => x.mul(2)));
  const xs = Array.from({ length: 3000 }, (_, i) => wg.scalar(i));
  const ys = doubled(...xs);
  expect(ys[2999]!.dataSync()[0]).toBe(5998);
  wg.dispose([xs, ys]);
  doubled.dispose();
});
