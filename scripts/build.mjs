// Builds what is stale: the wasm modules.
import { buildWasm } from './build-wasm.mjs';
import { main } from './lib/shell.mjs';

main(buildWasm);
