// The examples, as a reader runs them, on real data and in full.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = async (name: string) => {
  const file = fileURLToPath(new URL(`../examples/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file], { maxBuffer: 1e8 });
  return stdout;
};

const numberAfter = (words: string, text: string) => Number(new RegExp(`${words}:? (-?[\\d.]+)`).exec(text)?.[1]);

test('seed: four measurements explain half of the variance', async () => {
  expect(numberAfter('explained variance', await run('seed'))).toBeGreaterThan(0.5);
});

test('linear: descent and neuron find the line of the formula', async () => {
  const lines = [...(await run('linear')).matchAll(/y = ([\d.]+) x(?: \+ ([\d.]+))?/g)];
  expect(lines).toHaveLength(3);
  for (const [, slope, intercept = '0'] of lines) {
    expect(Number(slope)).toBeCloseTo(0.5865, 3);
    expect(Number(intercept)).toBeCloseTo(0, 3);
  }
});

test('logistic: one neuron knows a virginica', async () => {
  expect(numberAfter('held-out flowers: .*accuracy', await run('logistic'))).toBeGreaterThanOrEqual(0.94);
});

test('iris: three species', async () => {
  expect(numberAfter('held-out flowers: accuracy', await run('iris'))).toBeGreaterThanOrEqual(0.94);
});

test('mnist: 8,000 real digits', async () => {
  const output = await run('mnist');
  expect(numberAfter('held-out digits: .*accuracy', output)).toBeGreaterThanOrEqual(0.955);
  expect(output).toContain('loaded back: the same predictions');
  expect(output).toContain('8000 digits to learn from, 2000 held out');
});
