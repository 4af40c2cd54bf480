// A project of somebody else: a folder outside the repository with a fixture and the packed library installed.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, inject } from 'vitest';
import reference from '../reference/package.json' with { type: 'json' };

const exec = promisify(execFile);

/** Copies a fixture into a new folder, which goes after the tests of the file, and installs the tarball there. */
export async function makeProject(fixture: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `wasmgrad-${fixture}-`));
  afterAll(() => rm(folder, { recursive: true }));
  await cp(new URL(`fixtures/${fixture}/`, import.meta.url), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: fixture, private: true }));
  // Scripts are allowed, as on most machines: the library must have none.
  await runIn(folder, 'npm', 'install', '--ignore-scripts=false', '--no-audit', '--no-fund', inject('tarball'));
  return folder;
}

/** Runs a program in a folder and returns what it printed. */
export async function runIn(folder: string, command: string, ...args: string[]): Promise<string> {
  try {
    return (await exec(command, args, { cwd: folder })).stdout;
  } catch (error) {
    const failure = error as Error & { stdout: string };
    failure.message += `\n${failure.stdout}`;
    throw failure;
  }
}

/** What a program of the fixtures prints on its last line, after `fit`'s progress. */
export function resultOf(stdout: string): unknown {
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** Every fixture runs one program with one seed: the numbers are Keras's, up to the order of sums. */
export function expectTrained(result: unknown): void {
  const { untrained, loss, mae, predictions } = reference;
  const near = (value: number) => expect.closeTo(value, 5);
  expect(result).toEqual({
    untrained: near(untrained),
    loss: near(loss),
    mae: near(mae),
    predictions: predictions.map(([value]) => [near(value!)]),
  });
}
