// `npm test`: everything that CI runs, in order, up to the first failure. Ends with the sum of all tests.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { cargoCounts, vitestCounts } from './lib/counts.mjs';
import { checkOps } from './lib/ops.mjs';
import { at } from './lib/paths.mjs';
import { attempt, Failure, say, tee } from './lib/shell.mjs';
import { checkSpills } from './lib/spills.mjs';

const RELAXED = ['--features', 'wasmgrad-engine/relaxed'];
const tool = (name) => at('node_modules', '.bin', name);
const nextest = attempt('cargo', ['nextest', '--version']).ok;

const steps = [
  ['the format of the Rust code', command('cargo', 'fmt', '--all', '--check')],
  ['clippy', command('cargo', 'clippy', '--locked', '--workspace', '--all-targets', '--', '-D', 'warnings')],
  [
    'clippy, relaxed',
    command('cargo', 'clippy', '--locked', '--workspace', '--all-targets', ...RELAXED, '--', '-D', 'warnings'),
  ],
  ['the Rust tests', cargoTest()],
  ['the Rust tests, relaxed', cargoTest(...RELAXED)],
  ['the generated code', async () => checkOps()],
  ['the build', async () => build()],
  ['the machine code of matMul', checkSpills],
  [
    'the format of the TypeScript code',
    command(tool('prettier'), '--check', '{ts,test,scripts,examples,bench}/**/*.{ts,mjs,js}', '*.ts'),
  ],
  ['oxlint', command(tool('oxlint'))],
  ['the direction of imports', command('node', at('scripts', 'lint-imports.mjs'))],
  ['the types', command(tool('tsc'))],
  ['the TypeScript tests', vitest('strict', 'relaxed')],
  ['programs from outside', vitest('processes')],
  ['the examples and the documents', vitest('documents')],
  ['the package in other projects', vitest('package')],
];

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const [name, step] of steps) {
  say(`testing ${name}`);
  const start = performance.now();
  const counts = (await step().catch(failed)) ?? {};
  for (const kind of Object.keys(sum)) sum[kind] += counts[kind] ?? 0;
  say(`${counts.failed ? 'FAILED' : 'done'} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  if (counts.failed) break;
}
process.exitCode = sum.failed ? 1 : 0;
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`);

/** A step without tests of its own: it counts only when it fails. */
function command(program, ...args) {
  return async () => {
    const { ok, reason } = await tee(program, args);
    if (!ok) throw new Failure(`${program}: ${reason}`);
  };
}

function failed(error) {
  console.error(error instanceof Failure ? error.message : error);
  return { failed: 1 };
}

function cargoTest(...features) {
  const args = ['--locked', '--workspace', ...features];
  return async () => {
    const result = nextest
      ? await tee('cargo', ['nextest', 'run', '--no-tests=pass', '--no-fail-fast', ...args])
      : await tee('cargo', ['test', '--all-targets', '--no-fail-fast', ...args]);
    // Neither of the two runs the examples in the documentation.
    const docs = result.ok ? await tee('cargo', ['test', '--doc', ...args]) : { ok: false, output: '' };
    return atLeastOneFailed(cargoCounts(result.output + docs.output), docs.ok);
  };
}

function vitest(...projects) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-report-'));
    const report = join(folder, 'report.json');
    const only = projects.flatMap((project) => ['--project', project]);
    const { ok } = await tee(tool('vitest'), [
      'run',
      ...only,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]);
    try {
      return atLeastOneFailed(vitestCounts(JSON.parse(readFileSync(report, 'utf8'))), ok);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

/** A runner may fail without a failing test: code that does not compile, an error after the last test. */
function atLeastOneFailed(counts, ok) {
  return ok ? counts : { ...counts, failed: Math.max(counts.failed, 1) };
}
