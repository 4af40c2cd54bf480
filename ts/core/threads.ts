// Workers that help with large ops. The core starts them when there is work for them, and shares the work itself.
import type * as FileSystem from 'node:fs/promises';
import type { Family } from '../ops.gen.js';
import { canShare } from './memory.js';
import type { Variant } from './variant.js';

/** The core, or the whole; then further families of ops, which import from it. */
export type Modules = readonly WebAssembly.Module[];

/** What a worker is given. */
export interface Job {
  readonly modules: Modules;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  /** Where its stack ends. */
  readonly stack: number;
}

/** What this place has. */
export interface Host {
  /** The compiled modules of families of ops, which a page downloads first; other places have one for all. */
  load(variant: Variant, families: readonly Family[]): Modules | Promise<Modules>;
  readonly processors: number;
  /** Lets the engine use wider vectors than WebAssembly has, if this place can. */
  widen?(variant: Variant): void;
  /** The files of this place, if it has some. */
  openFiles?(): Promise<typeof FileSystem>;
  /** Runs `source`, a script in which `job` stands for the job, in a worker that does not keep the process alive. */
  makeWorker(source: string, job: Job): { terminate(): unknown };
}

/**
 * At most so many threads help by themselves. What a machine calls processors are halves of cores where there are many,
 * and two halves compute as fast as one whole.
 */
const MOST_BY_DEFAULT = 8;

/** How many threads are used where the user says nothing. */
export function defaultThreads(processors: number): number {
  if (!canShare) return 1;
  return processors <= 2 ? processors : Math.min(Math.ceil(processors / 2), MOST_BY_DEFAULT);
}

/** A worker's whole program. It stands alone: its text is sent. */
function help({ modules, memory, thread, stack }: Job): void {
  const words = new Int32Array(memory.buffer);
  const env = {
    memory,
    now: () => performance.now(),
    wait: (address: number, expected: number, ms: number) => Atomics.wait(words, address >>> 2, expected, ms),
    wake: (address: number) => Atomics.notify(words, address >>> 2),
    start: () => {},
  };
  const [first, ...families] = modules;
  const { exports } = new WebAssembly.Instance(first!, { env });
  for (const family of families) void new WebAssembly.Instance(family, { env, core: exports });
  const call = (name: string) => {
    (exports.stack as WebAssembly.Global).value = stack;
    (exports[name] as (thread: number) => void)(thread);
  };
  try {
    call('thread_run');
  } catch (error) {
    call('thread_lost');
    throw error;
  }
}

const SOURCE = `(${help})(job);`;

/** The workers of a core. */
export class Workers {
  private readonly workers: { terminate(): unknown }[] = [];

  constructor(private readonly host: Host) {}

  /** Starts one, if this place allows it: a policy of a page may not, and then there are fewer threads. */
  start(job: Job): void {
    try {
      this.workers.push(this.host.makeWorker(SOURCE, job));
    } catch {
      // The first thread does all that nobody takes.
    }
  }

  stopAll(): void {
    for (const worker of this.workers.splice(0)) worker.terminate();
  }
}
