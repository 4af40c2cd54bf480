// Everything between a fresh clone and dist/.
import { buildJs } from './build-js.mjs';
import { buildWasm } from './build-wasm.mjs';
import { installPackages } from './install.mjs';
import { generateOps } from './ops.mjs';

/** Installs and builds what is missing or stale. */
export function build() {
  installPackages();
  buildWasm();
  generateOps();
  buildJs();
}
