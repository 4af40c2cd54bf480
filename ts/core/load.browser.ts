// Pages: one of two embedded chunks is downloaded, unpacked and compiled before the importer runs.
import { initCore } from './core.js';
import { fitted } from './memory.js';
import type { Job } from './threads.js';
import { pickVariant, type Variant } from './variant.js';

const variant = pickVariant();
initCore(variant, await load(variant), { load, processors: navigator.hardwareConcurrency, makeWorker });

async function load(variant: Variant): Promise<WebAssembly.Module> {
  const { default: chunk } =
    variant === 'relaxed' ? await import('../../build/wasm-relaxed.js') : await import('../../build/wasm-strict.js');
  return WebAssembly.compile(fitted(await unpack(chunk)));
}

/** Gzipped bytes in base64 -> bytes. */
async function unpack(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

function makeWorker(source: string, job: Job): Worker {
  const script = new Blob([`onmessage = ({ data: job }) => { ${source} }`], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(script));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  worker.postMessage(job);
  return worker;
}
