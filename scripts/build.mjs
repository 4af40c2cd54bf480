// `npm run build`
import { build } from './lib/build.mjs';
import { main } from './lib/shell.mjs';

main(build);
