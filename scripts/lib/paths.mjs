// Where things lie: the work tree, and the cache of tools outside it.
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const at = (...parts) => join(root, ...parts);

/** Tools and sysroots made once per machine. `WASMGRAD_CACHE` moves it. */
export const cache =
  process.env.WASMGRAD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'wasmgrad');

/** Cargo's output: one folder per kind of build below it. */
export const target = process.env.CARGO_TARGET_DIR ?? at('target');
