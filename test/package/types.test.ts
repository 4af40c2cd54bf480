import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { makeProject, runIn } from './project.js';

const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

test.each([
  ['Node, for both kinds of modules', ['--module', 'nodenext', 'module.mts', 'commonjs.cts']],
  ['a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler', 'module.mts']],
])('TypeScript finds the types in %s', async (_, options) => {
  const folder = await makeProject('types');
  await runIn(folder, 'node', tsc, '--strict', '--noEmit', ...options);
});
