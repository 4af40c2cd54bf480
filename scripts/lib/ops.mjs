// The op table as TypeScript: ts/ops.gen.ts, committed, so that a change of the table shows in a diff.
import { readFileSync, writeFileSync } from 'node:fs';
import { at } from './paths.mjs';
import { Failure, run, say } from './shell.mjs';
import { whenStale } from './stamp.mjs';

const OPS = 'ts/ops.gen.ts';

export function generateOps() {
  whenStale({ stamp: 'build/.ops-stamp', inputs: ['Cargo.lock', 'crates/engine'], outputs: [OPS] }, () => {
    say(`writing ${OPS}, because the engine changed`);
    writeFileSync(at(OPS), printOps());
  });
}

/** @throws Failure if the committed file is not the table's. */
export function checkOps() {
  if (readFileSync(at(OPS), 'utf8') !== printOps()) throw new Failure(`${OPS} is stale: run "npm run build"`);
}

const printOps = () => run('cargo', ['run', '--quiet', '--locked', '-p', 'wasmgrad-engine', '--example', 'op_table']);
