// `npm run build`: installs and builds what is missing or stale.
import { buildJs } from './build-js.mjs';
import { buildWasm } from './build-wasm.mjs';
import { installPackages } from './lib/install.mjs';
import { main } from './lib/shell.mjs';

main(() => {
  installPackages();
  buildWasm();
  buildJs();
});
