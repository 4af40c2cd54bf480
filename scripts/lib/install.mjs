// npm packages as the lock file names them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { say, show } from './shell.mjs';

/** Runs `npm ci` in a folder with a lock file when what is installed is not what the lock names. */
export function installPackages(folder = root) {
  const reason = staleness(folder);
  if (!reason) return;
  say(`installing npm packages, because ${reason}`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  show(npm, ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
}

function staleness(folder) {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules is missing';
  const has = packagesOf(installed);
  const stale = Object.entries(packagesOf(join(folder, 'package-lock.json'))).find(
    // The packages of other platforms are optional and absent.
    ([path, { version, optional }]) => path && !optional && has[path]?.version !== version,
  );
  return stale && `${stale[0]} is not ${stale[1].version}, which package-lock.json names`;
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
