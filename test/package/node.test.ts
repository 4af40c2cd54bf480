import { expect, test } from 'vitest';
import { expectTrained, makeProject, resultOf, runIn } from './project.js';

test('an ES module in Node', async () => {
  const folder = await makeProject('node-esm');
  expectTrained(resultOf(await runIn(folder, 'node', 'program.mjs')));
});

test('a CommonJS module in Node, and both in one process', async () => {
  const folder = await makeProject('node-cjs');
  expectTrained(resultOf(await runIn(folder, 'node', 'program.cjs')));
  expect(resultOf(await runIn(folder, 'node', 'both.cjs'))).toEqual({ sum: [4, 6], ours: true, tensors: 3 });
});
