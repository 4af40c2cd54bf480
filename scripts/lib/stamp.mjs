// What a build step was made from, so that it runs only when that changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { at, root } from './paths.mjs';

/** A hash of the names and contents of files and folders below the root. */
export function hashOf(...inputs) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => filesOf(at(input)))) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesOf(join(path, name)));
}

/** Calls `make` unless `outputs` are there and `stamp` says they were made from the same `inputs`. */
export function whenStale({ stamp, inputs, outputs }, make) {
  const hash = hashOf(...inputs);
  const file = at(stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === hash && outputs.every((path) => existsSync(at(path)))) return;
  make();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}
