// What the machine's 128-bit vectors can do: multiply-adds on registers alone.
import binaryen from 'binaryen';

/** Engines compile what runs often once more, and large products time their tiles: that comes first. */
const WARM_UP_MS = 200;
const SAMPLES = 40;
const SAMPLE_MS = 2;
/** The loop on registers: sums enough to hide the latency of one operation, few enough to stay there. */
const SUMS = 8;
const STEPS = 10_000;

/** GFLOP/s of a loop of `variant`'s multiply-adds: `strict` or `relaxed`. */
export const peakRate = (variant) => flopsPerMs(peakLoop(variant), 2 * 4 * SUMS * STEPS) / 1e6;

/** Flops per millisecond of a function that does `flops` each time. */
export function flopsPerMs(run, flops) {
  const time = (count) => {
    const start = performance.now();
    run(count);
    return performance.now() - start;
  };
  let count = 1;
  for (const start = performance.now(); performance.now() - start < WARM_UP_MS;) {
    if (time(count) < SAMPLE_MS) count *= 2;
  }
  let best = Infinity;
  for (let i = 0; i < SAMPLES; i++) best = Math.min(best, time(count) / count);
  return flops / best;
}

/** Of `run(steps)`: sum[i] = a * b + sum[i], without memory: what no product can pass. */
export function peakModule(variant) {
  const each = (line) => Array.from({ length: SUMS }, (_, i) => line(i)).join('\n');
  const madd =
    variant === 'relaxed'
      ? (i) => `(f32x4.relaxed_madd (local.get $a) (local.get $b) (local.get $sum${i}))`
      : // Two factors that swap places, and other sums for each: no product is known before or shared.
        (i) =>
          `(f32x4.add (local.get $sum${i}) (f32x4.mul (local.get ${i % 2 ? '$a' : '$b'}) (local.get $c${i >> 1})))`;
  const text = `(module
    (global $out (export "out") (mut f32) (f32.const 0))
    (func (export "run") (param $steps i32) (local $a v128) (local $b v128) (local $swap v128)
      ${each((i) => `(local $sum${i} v128)`)}
      ${each((i) => `(local $c${i} v128)`)}
      (local.set $a (f32x4.splat (f32.const 0.9)))
      (local.set $b (f32x4.splat (f32.const 1.1)))
      ${each((i) => `(local.set $c${i} (f32x4.splat (f32.const ${0.5 + i / 100})))`)}
      (loop $next
        ${each((i) => `(local.set $sum${i} ${madd(i)})`)}
        (local.set $swap (local.get $a))
        (local.set $a (local.get $b))
        (local.set $b (local.get $swap))
        (br_if $next (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))
      ${each((i) => `(global.set $out (f32.add (global.get $out) (f32x4.extract_lane 0 (local.get $sum${i}))))`)}))`;
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.RelaxedSIMD);
  return new WebAssembly.Module(module.emitBinary());
}

function peakLoop(variant) {
  const instance = new WebAssembly.Instance(peakModule(variant));
  return (count) => {
    for (let i = 0; i < count; i++) instance.exports.run(STEPS);
  };
}
