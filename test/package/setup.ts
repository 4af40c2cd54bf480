// Once before all: the tarball, and the runtimes it is tried in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { aptInstall } from '../../scripts/lib/apt.mjs';
import { cache } from '../../scripts/lib/paths.mjs';
import { attempt, isProgram, run, say, which } from '../../scripts/lib/shell.mjs';

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

function findDeno(): string {
  const folder = join(cache, 'deno');
  const installed = join(folder, 'node_modules', '.bin', 'deno');
  const found = which('deno') ?? (isProgram(installed) ? installed : undefined);
  if (found) return found;
  say(`installing Deno into ${folder}, because it is not on this machine`);
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', 'deno@2'];
  const { ok, output } = attempt('npm', args, { seconds: 300 });
  if (ok) return installed;
  say(`SKIPPED: the package in Deno, because npm could not install it:\n${output}`);
  return '';
}

function findChromium(): string {
  const find = () => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => which(name)).find(Boolean);
  const found = find();
  if (found) return found;
  say('installing Chromium with apt, because no Chromium is on this machine');
  if (aptInstall('chromium')) return find() ?? '';
  say('SKIPPED: the package in a page, because there is no Chromium and apt could not install one');
  return '';
}
