// The direction of imports in ts/: a file imports only from its own rank and those before it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import typescript from 'typescript';
import { at } from './lib/paths.mjs';
import { Failure, main } from './lib/shell.mjs';

// A name is a file or a folder of ts/.
const RANKS = [
  ['core', 'ops.gen'],
  ['tensor', 'heap', 'graph'],
  [
    'compile',
    'serialization',
    'identifiers',
    'weightRule',
    'random',
    'runtime',
    'util',
    'utils',
    'math',
    'testUtil',
    'io',
    'plots',
  ],
  [
    'initializers',
    'regularizers',
    'constraints',
    'activations',
    'layers',
    'losses',
    'metrics',
    'optimizers',
    'schedules',
    'callbacks',
    'data',
    'preprocessing',
  ],
  ['model'],
  ['api'],
  ['index', 'browser', 'browser.core'],
];

main(() => {
  const files = readdirSync(at('ts'), { recursive: true }).filter((file) => file.endsWith('.ts'));
  const faults = files.flatMap(faultsOf);
  if (faults.length > 0) throw new Failure(['imports that point the wrong way:', ...faults].join('\n  '));
});

function faultsOf(file) {
  const rank = rankOf(file);
  if (rank < 0) return [`ts/${file} has no rank: give it one in scripts/lint-imports.mjs`];
  const text = readFileSync(at('ts', file), 'utf8');
  return typescript
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative('.', join(dirname(file), name)))
    .filter((imported) => !imported.startsWith('..') && rankOf(imported) > rank)
    .map((imported) => `ts/${file} imports ${imported}, which stands after it`);
}

function rankOf(file) {
  const name = file.split(/[\\/]/)[0].replace(/\.[jt]s$/, '');
  return RANKS.findIndex((names) => names.includes(name));
}
