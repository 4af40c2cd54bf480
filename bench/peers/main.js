// Runs all works with all sides, in one process but for PyTorch, and writes the table.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { wg } from './libraries.js';
import { peakRate } from '../peak.js';
import { matmul } from './matmul.js';
import { startTorch } from './torch.js';
import { prediction, training } from './training.js';

const COLUMNS = ['wasmgrad', 'tfjs wasm', 'tfjs cpu', 'jax-js', 'onnxruntime', 'pytorch'];
const torch = await startTorch(1);
const limit = peakRate('relaxed');

const lines = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, one thread, Node ${process.versions.node}, ` +
    `wasmgrad ${wg.version.wasmgrad}, PyTorch ${torch?.version ?? 'not installed'}; ` +
    `128-bit multiply-adds in registers: ${limit.toFixed(1)} GFLOP/s`,
  '',
  `| work | ${COLUMNS.join(' | ')} |`,
  `|---${'|--:'.repeat(COLUMNS.length)}|`,
];
console.log(lines.join('\n'));
for await (const row of rows()) {
  lines.push(`| ${row.work} | ${COLUMNS.map((name) => cell(name, row)).join(' | ')} |`);
  console.log(lines.at(-1));
}
writeFileSync(new URL('../peers.md', import.meta.url), `${lines.join('\n')}\n`);
torch?.stop();
process.exit();

async function* rows() {
  yield* matmul(torch);
  yield* training(torch);
  yield* prediction(torch);
}

function cell(name, { sides, flops }) {
  const side = sides[name];
  if (side === undefined) return '';
  const rate = flops ? `, ${(flops / side.seconds / 1e9).toFixed(1)} GFLOP/s` : '';
  const time = formatTime(side.seconds) + rate;
  return name === 'wasmgrad' ? `**${time}**` : `${time} (${side.ratio.toPrecision(side.ratio < 10 ? 2 : 3)}×)`;
}

function formatTime(seconds) {
  const [factor, unit] = seconds < 1e-3 ? [1e6, 'µs'] : [1e3, 'ms'];
  return `${Number((seconds * factor).toPrecision(3))} ${unit}`;
}
