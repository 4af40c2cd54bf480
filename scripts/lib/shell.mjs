// Running other programs, and saying in one line why.
import { spawn as spawnAsync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cache, root } from './paths.mjs';

// A shell that is not a login shell (CI) may lack cargo's folder; before the others, for Debian's rustc knows no wasm32.
const cargoBin = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin');
const folders = process.env.PATH.split(delimiter);
process.env.PATH = [...(folders.includes(cargoBin) ? [] : [cargoBin]), ...folders, join(cache, 'bin')].join(delimiter);

export const say = (line) => console.log(`wasmgrad: ${line}`);

/** A failure whose message is all that a person needs. */
export class Failure extends Error {}

/** Runs a script's work; a Failure ends it without a stack. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`wasmgrad: ${error.message}`);
    process.exitCode = 1;
  }
}

function spawn(command, args, { env, cwd = root, seconds, stdio }) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', ...stdio],
    encoding: 'utf8',
    timeout: seconds && seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
  });
  const { error, status, signal } = result;
  const reason =
    !error && status === 0 ? '' : (error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`));
  return {
    ok: reason === '',
    reason,
    stdout: result.stdout ?? '',
    output: `${result.stdout ?? ''}${result.stderr ?? ''}`,
  };
}

/** Runs a program whose output matters only when it fails. Throws then, else returns what it printed. */
export function run(command, args, options = {}) {
  const result = attempt(command, args, options);
  if (!result.ok) throw new Failure(`${[command, ...args].join(' ')}: ${result.reason}\n${result.output}`);
  return result.stdout;
}

/** Runs a program that may fail: `{ ok, reason, stdout, output }`. */
export const attempt = (command, args, options = {}) => spawn(command, args, { ...options, stdio: ['pipe', 'pipe'] });

/** Runs a program whose output a person follows. Throws when it fails. */
export function show(command, args, options = {}) {
  const { ok, reason } = spawn(command, args, { ...options, stdio: ['inherit', 'inherit'] });
  if (!ok) throw new Failure(`${command} failed (${reason})`);
}

/** Runs a program whose output both a person follows and the caller reads: `{ ok, reason, output }`. */
export function tee(command, args) {
  const child = spawnAsync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const pass = (from, to) =>
    from.setEncoding('utf8').on('data', (text) => {
      output += text;
      to.write(text);
    });
  pass(child.stdout, process.stdout);
  pass(child.stderr, process.stderr);
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ ok: false, reason: message, output }));
    child.on('close', (code) => resolve({ ok: code === 0, reason: `exit code ${code}`, output }));
  });
}

/** The path of the first program of this name that fits, or undefined. npm's own shims do not count. */
export function which(name, fits = () => true) {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return process.env.PATH.split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, file))
    .find((path) => isProgram(path) && fits(path));
}

export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
