import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';
import { makeProject } from './project.js';

test('the tarball holds the built library, its licences and nothing else', () => {
  const files = execFileSync('tar', ['-tzf', inject('tarball')], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const outside = files.filter((file) => !file.startsWith('package/dist/')).toSorted();
  expect(outside).toEqual(
    ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'package.json'].map((file) => `package/${file}`),
  );
});

test('installing it installs nothing else and runs no script', async () => {
  const folder = await makeProject('node-esm');
  const { dependencies, scripts } = JSON.parse(
    readFileSync(join(folder, 'node_modules', 'wasmgrad', 'package.json'), 'utf8'),
  );
  expect(dependencies).toBeUndefined();
  expect(Object.keys(scripts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/install|prepare/)]));
});

test('what pages download names no module of Node, for bundlers would look for it', async () => {
  const folder = join(await makeProject('node-esm'), 'node_modules/wasmgrad/dist');
  const forPages = readdirSync(folder).filter((file) => file.endsWith('.js') && file !== 'index.js');
  expect(forPages).toContain('browser.js');
  for (const file of forPages) expect(readFileSync(join(folder, file), 'utf8')).not.toContain('node:');
});

/** Bytes of gzip, raised in the commit that needs it; docs/decisions/size.md says what they are. */
const BUDGETS = { core: 100_500, extra: 23_000 };

test.each(Object.entries(BUDGETS))('what pages download for %s keeps to its budget', async (family, budget) => {
  const folder = await makeProject('node-esm');
  const chunks = ['strict', 'relaxed'].map((variant) =>
    join(folder, `node_modules/wasmgrad/dist/${family}-${variant}.js`),
  );
  for (const chunk of chunks) expect(gzipSync(readFileSync(chunk), { level: 9 }).length).toBeLessThan(budget);
});
