// The memory of the core, and the module as this engine takes it.

/** Whether threads can share memory here. Pages must be cross-origin isolated for it. */
export const canShare =
  typeof SharedArrayBuffer === 'function' &&
  (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

/** How the module imports its memory; behind it stands a byte with its limits. */
const MEMORY_IMPORT = '\x03env\x06memory\x02';
/** The limits: both ends are given, and it is one thread's own. */
const UNSHARED = 1;
/** Where threads have memory in common, its largest size is reserved at once: 4 GB, in pages. */
const MOST_PAGES = 65536;
const LEAST_PAGES = MOST_PAGES / 16;

/** The module for this engine: its memory is shared where threads can share it. */
export function fitted(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (!canShare) {
    // It stands behind the types, near the beginning.
    const start = String.fromCharCode(...wasm.subarray(0, 4096)).indexOf(MEMORY_IMPORT);
    wasm[start + MEMORY_IMPORT.length] = UNSHARED;
  }
  return wasm;
}

/** A memory for the module, which holds its data: scripts/lib/share.mjs has put them into a section of their own. */
export function newMemory(module: WebAssembly.Module): WebAssembly.Memory {
  const data = new DataView(WebAssembly.Module.customSections(module, 'data')[0]!);
  const memory = reserve(data.getUint32(0, true));
  const bytes = new Uint8Array(memory.buffer);
  for (let at = 4; at < data.byteLength;) {
    const [address, length] = [data.getUint32(at, true), data.getUint32(at + 4, true)];
    bytes.set(new Uint8Array(data.buffer, at + 8, length), address);
    at += 8 + length;
  }
  return memory;
}

/** As much as the machine lets us have at most. */
function reserve(initial: number): WebAssembly.Memory {
  for (let maximum = MOST_PAGES; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: canShare });
    } catch (error) {
      if (maximum <= LEAST_PAGES) throw error;
    }
  }
}
