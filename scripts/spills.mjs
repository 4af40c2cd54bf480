// `npm run spills`: looks for vectors that the micro-kernels keep on the stack; builds first what is missing.
import { build } from './lib/build.mjs';
import { main } from './lib/shell.mjs';
import { checkSpills } from './lib/spills.mjs';

main(async () => {
  build();
  process.exitCode = (await checkSpills()).failed ? 1 : 0;
});
