// Runs all works with all sides, in one process but for PyTorch, and writes the table.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { wg } from './libraries.js';
import { peakRate } from '../peak.js';
import { coreSides } from './cores.js';
import { matmul } from './matmul.js';
import { prediction } from './prediction.js';
import { startTorch } from './torch.js';
import { training } from './training.js';

const limit = peakRate('relaxed');
const lines = [];
await table(1, ['wasmgrad', 'tfjs wasm', 'tfjs cpu', 'jax-js', 'onnxruntime', 'brain.js', 'pytorch']);
lines.push('');
await table(2, ['wasmgrad', 'one thread', 'pytorch', 'two cores']);
writeFileSync(new URL('../peers.md', import.meta.url), `${lines.join('\n')}\n`);
process.exit();

async function table(threads, columns) {
  const torch = await startTorch(threads);
  print(
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, ${['one thread', 'two threads'][threads - 1]}, ` +
      `Node ${process.versions.node}, wasmgrad ${wg.version.wasmgrad}, PyTorch ${torch?.version ?? 'not installed'}; ` +
      `128-bit multiply-adds in registers: ${limit.toFixed(1)} GFLOP/s on one`,
  );
  print('');
  print(`| work | ${columns.join(' | ')} |`);
  print(`|---${'|--:'.repeat(columns.length)}|`);
  for await (const row of rows(torch, threads)) {
    print(`| ${row.work} | ${columns.map((name) => cell(name, row)).join(' | ')} |`);
  }
  torch?.stop();
}

function print(line) {
  lines.push(line);
  console.log(line);
}

async function* rows(torch, threads) {
  const cores = threads > 1 ? coreSides() : {};
  yield* matmul(torch, threads, cores);
  yield* training(torch, threads, cores);
  if (threads === 1) yield* prediction(torch);
}

function cell(name, { sides, flops }) {
  const side = sides[name];
  if (name === 'two cores') return `${(sides['one core'].seconds / side.seconds).toFixed(1)}×`;
  if (side === undefined) return '';
  const rate = flops ? `, ${(flops / side.seconds / 1e9).toFixed(1)} GFLOP/s` : '';
  const time = formatTime(side.seconds) + rate;
  return name === 'wasmgrad' ? `**${time}**` : `${time} (${side.ratio.toPrecision(side.ratio < 10 ? 2 : 3)}×)`;
}

function formatTime(seconds) {
  const [factor, unit] = seconds < 1e-3 ? [1e6, 'µs'] : [1e3, 'ms'];
  return `${Number((seconds * factor).toPrecision(3))} ${unit}`;
}
