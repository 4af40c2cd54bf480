// Pages: families of ops are embedded chunks, which are downloaded, unpacked and compiled before the importer runs.
import type { Family } from '../ops.gen.js';
import { openCore } from './core.js';
import { unpackLzma } from './lzma.js';
import { fitted } from './memory.js';
import { joinStreams } from './streams.js';
import type { Job } from './threads.js';
import type { Variant } from './variant.js';

type Chunk = Promise<{ default: string }>;

const CHUNKS: Record<Family, Record<Variant, () => Chunk>> = {
  core: {
    strict: () => import('../../build/core-strict.js'),
    relaxed: () => import('../../build/core-relaxed.js'),
  },
  extra: {
    strict: () => import('../../build/extra-strict.js'),
    relaxed: () => import('../../build/extra-relaxed.js'),
  },
};

/** Downloads the families, unless the page has them. */
export function loadFamilies(...families: Family[]): Promise<void> {
  return openCore(families, { load, processors: navigator.hardwareConcurrency, makeWorker });
}

function load(variant: Variant, families: readonly Family[]): Promise<WebAssembly.Module[]> {
  return Promise.all(
    families.map(async (family) => {
      const { default: chunk } = await CHUNKS[family][variant]();
      const packed = Uint8Array.from(atob(chunk), (char) => char.charCodeAt(0));
      return WebAssembly.compile(fitted(joinStreams(unpackLzma(packed))));
    }),
  );
}

function makeWorker(source: string, job: Job): Worker {
  const script = new Blob([`onmessage = ({ data: job }) => { ${source} }`], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(script));
  worker.postMessage(job);
  return worker;
}
