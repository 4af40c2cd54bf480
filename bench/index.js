// `npm run bench`: wasmgrad beside what else trains in JavaScript. README.md says how to read it.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { matmul } from './matmul.js';
import { wg } from './peers.js';
import { startup } from './startup.js';
import { training } from './training.js';

const COLUMNS = ['wasmgrad', 'plain loops', 'tfjs cpu', 'brain.js'];

const lines = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, one thread, Node ${process.versions.node}, ` +
    `wasmgrad ${wg.version.wasmgrad}`,
  '',
  `| work | ${COLUMNS.join(' | ')} |`,
  `|---${'|--:'.repeat(COLUMNS.length)}|`,
];
console.log(lines.join('\n'));
for await (const row of rows()) {
  lines.push(`| ${row.work} | ${COLUMNS.map((name) => cell(name, row.sides[name])).join(' | ')} |`);
  console.log(lines.at(-1));
}
writeFileSync(new URL('results.md', import.meta.url), `${lines.join('\n')}\n`);

async function* rows() {
  yield* matmul();
  yield* training();
  yield startup();
}

function cell(name, side) {
  if (side === undefined) return '';
  const time = formatTime(side.seconds);
  return name === 'wasmgrad' ? `**${time}**` : `${time} (${side.ratio.toPrecision(side.ratio < 10 ? 2 : 3)}×)`;
}

function formatTime(seconds) {
  const [factor, unit] = seconds < 1e-3 ? [1e6, 'µs'] : [1e3, 'ms'];
  return `${Number((seconds * factor).toPrecision(3))} ${unit}`;
}
