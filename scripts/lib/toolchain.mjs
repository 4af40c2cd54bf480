// Rust for WebAssembly: the target, the linker, wasm-pack. The ordinary way first, and where a machine
// cannot download, the way that needs only its package managers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, cache } from './paths.mjs';
import { attempt, Failure, isProgram, say, show, which } from './shell.mjs';
import { findSysroot, makeSysroot, TRIPLE } from './sysroot.mjs';

/** A refused download answers at once; one that is swallowed must not hold the build for long. */
const DOWNLOAD_SECONDS = 120;

/** The environment in which cargo builds for wasm32. */
export function wasmEnv() {
  if (!which('cargo')) {
    throw new Failure('no cargo found. Install Rust with rustup (https://rustup.rs) and run this again.');
  }
  if (process.env.WASMGRAD_RUST === 'sysroot') return findSysroot() ?? makeSysroot('WASMGRAD_RUST=sysroot asks for it');
  if (hasTarget()) return {};
  const sysroot = findSysroot();
  if (sysroot) return sysroot;
  if (!which('rustup')) return makeSysroot(`this Rust has no ${TRIPLE} and no rustup to add it`);
  say(`adding the Rust target ${TRIPLE} with rustup, because it is missing`);
  const added = attempt('rustup', ['target', 'add', TRIPLE], { seconds: DOWNLOAD_SECONDS });
  return added.ok && hasTarget() ? {} : makeSysroot(`rustup could not add ${TRIPLE} (${reasonOf(added)})`);
}

function hasTarget() {
  const folder = attempt('rustc', ['--print', 'target-libdir', '--target', TRIPLE]).stdout.trim();
  return existsSync(folder) && readdirSync(folder).some((file) => file.startsWith('libstd-'));
}

/** The path of a wasm-pack of the minor version that package.json names. */
export function wasmPack() {
  const wanted = JSON.parse(readFileSync(at('package.json'), 'utf8')).devDependencies['wasm-pack'];
  const series = wanted.match(/\d+\.\d+/)[0];
  const fits = (path) => versionOf(path).startsWith(`${series}.`);
  const shim = at('node_modules', 'wasm-pack');
  const npms = join(shim, 'binary', process.platform === 'win32' ? 'wasm-pack.exe' : 'wasm-pack');
  const found = which('wasm-pack', fits) ?? (isProgram(npms) && fits(npms) ? npms : undefined);
  if (found) return found;

  say(`fetching wasm-pack ${series}, because it is not installed`);
  const fetched = attempt('node', [join(shim, 'install.js')], { seconds: DOWNLOAD_SECONDS });
  if (fetched.ok && fits(npms)) return npms;
  say(`building wasm-pack ${series} with cargo (2 minutes, once), because the download failed: ${reasonOf(fetched)}`);
  // It only starts other programs, so it is built for speed of building.
  const env = { CARGO_PROFILE_RELEASE_OPT_LEVEL: '0', CARGO_TARGET_DIR: undefined };
  show('cargo', ['install', '--locked', '--root', cache, `wasm-pack@~${series}`], { env });
  return join(cache, 'bin', 'wasm-pack');
}

/** `wasm-pack 0.15.1` -> `0.15.1` */
const versionOf = (path) => attempt(path, ['--version']).stdout.trim().split(' ').at(-1);

/** The line of an output that says what went wrong. */
function reasonOf({ reason, output }) {
  const lines = output.trim().split('\n');
  return lines.find((line) => /^error/i.test(line)) ?? (lines.at(-1) || reason);
}
