// Where JavaScript runs, besides this Node: programs that are there already, or that a package manager has. Each function
// gives a path, or '' with a line that says why not.
import { join } from 'node:path';
import { aptInstall } from './apt.mjs';
import { cache } from './paths.mjs';
import { attempt, isProgram, say, which } from './shell.mjs';

export const findDeno = () => which('deno') ?? fromNpm('Deno', 'deno@2', '.bin/deno');

export const findBun = () => {
  const name = `@oven/bun-${process.platform}-${process.arch}`;
  return which('bun') ?? fromNpm('Bun', name, `${name}/bin/bun`);
};

/** Node of a major version. */
export const findNode = (major) => {
  if (process.version.startsWith(`v${major}.`)) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  return fromNpm(`Node ${major}`, `${name}@${major}`, `${name}/bin/node`);
};

export function findChromium() {
  const find = () => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => which(name)).find(Boolean);
  const found = find();
  if (found) return found;
  say('installing Chromium with apt, because no Chromium is on this machine');
  if (aptInstall('chromium')) return find() ?? '';
  say('SKIPPED: what is tested in a page, because there is no Chromium and apt could not install one');
  return '';
}

/** How Chromium is started: a page asks for nothing but itself, and anybody may start it, root too. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function fromNpm(title, spec, path) {
  const folder = join(cache, spec.replaceAll(/[@/]/g, '-'));
  const program = join(folder, 'node_modules', path);
  if (isProgram(program)) return program;
  say(`installing ${title} into ${folder}, because it is not on this machine`);
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', spec];
  const { ok, output } = attempt('npm', args, { seconds: 300 });
  if (ok && isProgram(program)) return program;
  say(`SKIPPED: what is tested in ${title}, because npm could not install it:\n${output}`);
  return '';
}
