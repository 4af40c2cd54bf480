// Which build of the core this engine can run.

export type Variant = 'strict' | 'relaxed';

// (module (func (result v128) i32.const 1 i8x16.splat i32.const 2 i8x16.splat i8x16.relaxed_swizzle))
const RELAXED_PROBE = Uint8Array.from(
  [
    [0, 97, 115, 109, 1, 0, 0, 0],
    [1, 5, 1, 96, 0, 1, 123],
    [3, 2, 1, 0],
    [10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
  ].flat(),
);

/** The relaxed build where the engine accepts relaxed SIMD, else the strict one. */
export function pickVariant(): Variant {
  return WebAssembly.validate(RELAXED_PROBE) ? 'relaxed' : 'strict';
}
