// What threads do to a process.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** What a program of this folder prints, which ends by itself. */
async function run(program: string, ...args: string[]): Promise<Record<string, unknown>> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

// One dies as it takes a chunk, the other inside of a kernel.
test.each([16, 256])(
  'a worker that dies (with a stack of %i bytes) is told of, and others take its place',
  async (stack) => {
    const { ofOp, after, ofFit, isRight } = await run('frail.cjs', String(stack));
    expect(ofOp).toBe(
      'matMul: a worker thread died during this step; nothing of it was applied, so it can be run again; wasmgrad goes on with 2 threads',
    );
    expect(after).toBe(2);
    expect(ofFit).toMatch(
      /^fit: step \d+ of the run: a worker thread died during this step; (nothing of it was|it was partly) applied.*; wasmgrad goes on with 1 thread$/,
    );
    expect(isRight).toBe(true);
  },
);

test('workers at rest take no time, and do not keep a process alive', async () => {
  const { ms } = await run('idle.mjs');
  expect(ms).toBeLessThan(100);
});
