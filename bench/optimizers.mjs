// The whole update of a million parameters on one thread: the share of a copy loop's bandwidth, over the bytes that the update
// must move, in the same run. Lamb and Adafactor count two passes; Muon counts its products against the rate of a large one.
// Run by `node bench/optimizers.mjs [names...]`.
import * as wg from '../dist/index.js';

const SIDE = 1000;
const ROUNDS = 15;

/** Words of an element: those that are read or written (the weight, each slot and the gradient), and those that lie in memory. */
const words = (slots, passes = 1) => ({ moved: passes * (2 * (1 + slots) + 1), held: slots + 2 });
const CASES = {
  SGD: words(0),
  RMSprop: words(1),
  Adam: words(2),
  AdamW: words(2),
  Adagrad: words(1),
  Adadelta: words(2),
  Adamax: words(2),
  Nadam: words(2),
  Ftrl: words(2),
  Lion: words(1),
  Lamb: words(2, 2),
  Adafactor: words(1, 2),
};

await wg.ready();
wg.setThreads(1);
const given = process.argv.slice(2);
const names = [...Object.keys(CASES), 'Muon'].filter((name) => given.length === 0 || given.includes(name));
const dw = wg.randomNormal([SIDE, SIDE]);
const product = () => wg.matMul(dw, dw).dispose();

for (const name of names) {
  const w = wg.variable(wg.randomNormal([SIDE, SIDE]));
  const optimizer = new wg.optimizers[name]();
  const program = wg.compile((dw) => (optimizer.apply([[w, dw]]), []));
  const update = () => program(dw);
  const isMuon = name === 'Muon';
  const { moved, held } = CASES[name] ?? { moved: 0, held: 0 };
  // The copy holds as much memory as the update, so that it lies in the same cache.
  const [from, to] = [1, 0].map((x) => new Float32Array((held * SIDE * SIDE) / 2).fill(x));
  const other = isMuon ? product : () => to.set(from);
  const ratios = [];
  for (let round = -2; round < ROUNDS; round++) {
    const [mine, theirs] = [time(update), time(other)];
    // A copy moves each word that it holds once; Muon makes three products a round, five rounds.
    const best = isMuon ? 15 * theirs : (theirs * moved) / held;
    if (round >= 0) ratios.push({ ratio: best / mine, mine });
  }
  const { ratio, mine } = ratios.sort((a, b) => a.ratio - b.ratio)[ROUNDS >> 1];
  console.log(`${name.padEnd(10)} ${mine.toFixed(2).padStart(8)} ms ${ratio.toFixed(2).padStart(6)}`);
  program.dispose();
  wg.dispose(w);
  optimizer.dispose();
}

/** The least of three, in ms. */
function time(f) {
  return Math.min(
    ...Array.from({ length: 3 }, () => {
      const start = performance.now();
      f();
      return performance.now() - start;
    }),
  );
}
