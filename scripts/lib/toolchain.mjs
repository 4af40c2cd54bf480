// Rust for WebAssembly: the target, the linker, wasm-pack. The ordinary way first, and where a machine
// cannot download, the way that needs only its package managers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, cache } from './paths.mjs';
import { attempt, Failure, run, say, which } from './shell.mjs';
import { findSysroot, makeSysroot } from './sysroot.mjs';

const TRIPLE = 'wasm32-unknown-unknown';

/** A refused download answers at once; one that is swallowed must not hold the build for long. */
const DOWNLOAD_SECONDS = 120;
const INSTALL_SECONDS = 1800;

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
  say(`adding the Rust target ${TRIPLE} with rustup, because it is not installed`);
  const added = attempt('rustup', ['target', 'add', TRIPLE], { seconds: DOWNLOAD_SECONDS });
  return added.ok && hasTarget() ? {} : makeSysroot(`rustup could not add ${TRIPLE} (${lastLine(added)})`);
}

function hasTarget() {
  const folder = attempt('rustc', ['--print', 'target-libdir', '--target', TRIPLE]).stdout.trim();
  return existsSync(folder) && readdirSync(folder).some((file) => file.startsWith('libstd-'));
}

/** The path of a wasm-pack of the minor version that package.json names. */
export function wasmPack() {
  const wanted = JSON.parse(readFileSync(at('package.json'), 'utf8')).devDependencies['wasm-pack'];
  const series = wanted.match(/\d+\.\d+/)[0];
  const fits = (path) => attempt(path, ['--version']).stdout.startsWith(`wasm-pack ${series}.`);
  const npms = at('node_modules', 'wasm-pack', 'binary', process.platform === 'win32' ? 'wasm-pack.exe' : 'wasm-pack');
  const found = [which('wasm-pack'), npms].find((path) => path && existsSync(path) && fits(path));
  if (found) return found;

  say(`fetching wasm-pack ${series}, because none is installed`);
  const fetched = attempt('node', [at('node_modules', 'wasm-pack', 'install.js')], { seconds: DOWNLOAD_SECONDS });
  if (fetched.ok && fits(npms)) return npms;
  say(
    `building wasm-pack ${series} with cargo (about 2 minutes, once), because the download failed (${lastLine(fetched)})`,
  );
  return cargoInstall('wasm-pack', [`wasm-pack@~${series}`, '--locked']);
}

/** Installs a wasm-bindgen of the version in Cargo.lock, unless one is there or wasm-pack can download it. */
export function wasmBindgen() {
  const version = lockedVersion('wasm-bindgen');
  const path = which('wasm-bindgen');
  if (path && attempt(path, ['--version']).stdout.trim().endsWith(` ${version}`)) return;
  // Not --locked: its own lock file may name a yanked crate.
  say(
    `building wasm-bindgen-cli ${version} with cargo (about 3 minutes, once), because Cargo.lock asks for that version`,
  );
  cargoInstall('wasm-bindgen', [`wasm-bindgen-cli@${version}`]);
}

function lockedVersion(crate) {
  const lock = readFileSync(at('Cargo.lock'), 'utf8');
  return lock.match(new RegExp(`name = "${crate}"\\nversion = "(.+?)"`))[1];
}

function cargoInstall(binary, args) {
  run('cargo', ['install', '--root', cache, ...args], {
    seconds: INSTALL_SECONDS,
    env: { CARGO_TARGET_DIR: join(cache, 'target') },
  });
  return join(cache, 'bin', binary);
}

const lastLine = ({ reason, output }) => output.trim().split('\n').at(-1) || reason;
