// Pages: one of two embedded chunks is downloaded, unpacked and compiled before the importer runs.
import { initCore } from './core.js';
import { pickVariant } from './variant.js';

const { default: chunk } =
  pickVariant() === 'relaxed'
    ? await import('../../build/wasm-relaxed.js')
    : await import('../../build/wasm-strict.js');

initCore(await WebAssembly.compile(await unpack(chunk)));

/** Gzipped bytes in base64 -> bytes. */
function unpack(base64: string): Promise<ArrayBuffer> {
  const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}
