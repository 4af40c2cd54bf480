// `node scripts/run.mjs FILE [ARGS]`: makes all that FILE needs, at once when nothing is missing, and runs it.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './lib/build.mjs';
import { installPackages } from './lib/install.mjs';
import { at } from './lib/paths.mjs';
import { main, show } from './lib/shell.mjs';

main(() => {
  const [file, ...args] = process.argv.slice(2);
  build();
  // A folder with packages of its own (bench/) installs them only when it is asked for.
  const folder = dirname(at(file));
  if (existsSync(join(folder, 'package-lock.json'))) installPackages(folder);
  show('node', [at(file), ...args]);
});
