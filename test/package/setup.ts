// Once before all: the tarball, and the runtimes it is tried in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findChromium, findDeno } from '../../scripts/lib/runtimes.mjs';
import { run } from '../../scripts/lib/shell.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    tarball: string;
    /** Paths of programs; empty where one cannot be had. */
    deno: string;
    chromium: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-tarball-'));
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder]));
  project.provide('tarball', join(folder, filename));
  project.provide('deno', findDeno());
  project.provide('chromium', findChromium());
  return () => rmSync(folder, { recursive: true });
}
