// The library as a whole: which it is, and whether it is there.

/** Set by the build. */
declare const VERSION: string;

/** Of this library. */
export const version = { wasmgrad: VERSION };

/** Resolves when ops can run: at once, since importing the library loads its core. */
export async function ready(): Promise<void> {}

/** The only backend. */
export function getBackend(): 'wasm' {
  return 'wasm';
}

/**
 * Whether there is such a backend: `wasm` is the only one. For another name it warns, and ops go on in WebAssembly, so
 * that programs written for several backends run unchanged.
 */
export async function setBackend(name: string): Promise<boolean> {
  if (name === 'wasm') return true;
  console.warn(
    `setBackend: there is no backend "${name}": wasmgrad computes in WebAssembly everywhere; leave the call out, or pass "wasm"`,
  );
  return false;
}
