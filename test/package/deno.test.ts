import { inject, test } from 'vitest';
import { expectTrained, makeProject, resultOf, runIn } from './project.js';

const deno = inject('deno');

test.skipIf(!deno)('a TypeScript program in Deno', async () => {
  const folder = await makeProject('deno');
  expectTrained(resultOf(await runIn(folder, deno, 'run', '--check', '--allow-read', 'program.ts')));
});
