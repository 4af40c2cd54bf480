// A private sysroot with std for wasm32, built from Debian's Rust sources with Debian's rustc: for machines
// whose rustup cannot download. Native builds keep the ordinary toolchain.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { aptInstall } from './apt.mjs';
import { cache } from './paths.mjs';
import { attempt, Failure, run, say, which } from './shell.mjs';

export const TRIPLE = 'wasm32-unknown-unknown';
const RUSTC = '/usr/bin/rustc';
const LIBRARY = '/usr/lib/rustlib/src/rust/library';
/** The crates that std is made of, besides its own. */
const VENDOR = `${LIBRARY}/vendor`;

/** Kinds of std by the target features they are built with; code and std must agree on atomics. */
const FEATURES = { plain: '' };

/** The environment of the sysroot `kind`, or undefined when it has not been made. */
export function findSysroot(kind = 'plain') {
  const folder = folderOf(kind);
  return folder && existsSync(folder) ? envOf(folder) : undefined;
}

/** Makes the sysroot `kind` (about a minute, once) and returns its environment. */
export function makeSysroot(reason, kind = 'plain') {
  say(`building Rust's std for wasm32 from Debian's sources (about a minute, once), because ${reason}`);
  installPackages();
  const folder = folderOf(kind);
  mkdirSync(cache, { recursive: true });
  // Made aside and renamed, so that an interruption leaves nothing half done.
  const draft = mkdtempSync(join(cache, 'draft-'));
  try {
    layOut(draft);
    buildStd(draft, FEATURES[kind]);
    writeWrapper(draft, folder);
    rmSync(join(draft, 'std'), { recursive: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return envOf(folder);
}

function folderOf(kind) {
  const version = attempt('dpkg-query', ['-W', '-f', '${Version}', 'rust-web-src']).stdout;
  return version && join(cache, `sysroot-${version}-${kind}`);
}

const envOf = (folder) => ({
  PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
  RUSTC: join(folder, 'bin', 'rustc'),
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker(),
});

const linker = () => `wasm-ld-${llvmMajor()}`;

/** wasm-ld must read the bitcode that rustc writes, so it is of the same LLVM. */
function llvmMajor() {
  return run(RUSTC, ['-vV']).match(/^LLVM version: (\d+)/m)[1];
}

function installPackages() {
  if (!existsSync(LIBRARY)) need('rustc-web', 'rust-web-src');
  if (!existsSync(VENDOR)) {
    throw new Failure(
      `Debian's rust-web-src is too old here: it lacks ${VENDOR}. Run "rustup target add ${TRIPLE}" where rustup can download.`,
    );
  }
  if (!which(linker())) need(`lld-${llvmMajor()}`);
}

function need(...packages) {
  if (!aptInstall(...packages)) {
    throw new Failure(
      `no Rust std for ${TRIPLE}. Run "rustup target add ${TRIPLE}", ` +
        `or on Debian "apt-get install ${packages.join(' ')}", and run this again.`,
    );
  }
}

/** The host's std and the sources come from Debian's own sysroot. */
function layOut(draft) {
  const host = run(RUSTC, ['-vV']).match(/^host: (.+)$/m)[1];
  const rustlib = join(draft, 'sysroot', 'lib', 'rustlib');
  mkdirSync(join(rustlib, TRIPLE, 'lib'), { recursive: true });
  for (const name of [host, 'src']) symlinkSync(join('/usr/lib/rustlib', name), join(rustlib, name));
  writeWrapper(draft, draft);
}

function writeWrapper(draft, folder) {
  const wrapper = join(draft, 'bin', 'rustc');
  mkdirSync(join(draft, 'bin'), { recursive: true });
  writeFileSync(wrapper, `#!/bin/sh\nexec ${RUSTC} --sysroot '${join(folder, 'sysroot')}' "$@"\n`);
  chmodSync(wrapper, 0o755);
}

/** Builds std through an empty crate and moves its rlibs into the sysroot. */
function buildStd(draft, features) {
  const crate = join(draft, 'std');
  mkdirSync(join(crate, 'src'), { recursive: true });
  mkdirSync(join(crate, '.cargo'));
  writeFileSync(join(crate, 'src', 'lib.rs'), '#![no_std]\n');
  writeFileSync(join(crate, 'Cargo.toml'), '[package]\nname = "empty"\nedition = "2021"\n[workspace]\n');
  writeFileSync(
    join(crate, '.cargo', 'config.toml'),
    `[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "${VENDOR}"\n`,
  );
  const flags = ['-C', `linker=${linker()}`, '-C', 'embed-bitcode=yes'];
  if (features) flags.push('-C', `target-feature=${features}`);
  run('cargo', ['build', '--release', '--target', TRIPLE, '-Z', 'build-std=core,alloc,std,panic_abort'], {
    cwd: crate,
    env: {
      RUSTC_BOOTSTRAP: '1',
      RUSTC: join(draft, 'bin', 'rustc'),
      CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'),
      CARGO_TARGET_DIR: join(crate, 'target'),
    },
  });
  const built = join(crate, 'target', TRIPLE, 'release', 'deps');
  for (const file of readdirSync(built)) {
    if (file.endsWith('.rlib') && !file.startsWith('libempty-')) {
      copyFileSync(join(built, file), join(draft, 'sysroot', 'lib', 'rustlib', TRIPLE, 'lib', file));
    }
  }
}
