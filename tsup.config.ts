// ts/ -> dist/: Node's entry as CommonJS, the pages' entry as ES module, the types. scripts/lib/build-js.mjs does the rest.
import { readdirSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';
import manifest from './package.json' with { type: 'json' };

const shared: Options = {
  target: 'es2022',
  // Beside the bundle; `ts/` itself runs from the tree, with the folder that vitest.config.ts names.
  define: { WASM_FOLDER: '"./"', VERSION: JSON.stringify(manifest.version) },
  treeshake: true,
  // Half of what an engine parses when it starts is comments and space.
  minifyWhitespace: true,
  minifySyntax: true,
};

/** Parts of the modules: `core-strict`, and so on. */
const chunks = Object.fromEntries(
  readdirSync('build')
    .filter((file) => file.endsWith('.js'))
    .map((file) => [file.slice(0, -'.js'.length), `build/${file}`]),
);

export default defineConfig([
  {
    ...shared,
    entry: ['ts/index.ts'],
    format: ['cjs'],
    platform: 'node',
    // Node prints the line of an error that nobody caught.
    esbuildOptions: (options) => {
      options.lineLimit = 120;
    },
    shims: true,
    // tsup sets `baseUrl`, which TypeScript 6 accepts only so.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  },
  {
    ...shared,
    entry: { browser: 'ts/browser.ts', 'browser.core': 'ts/browser.core.ts', ...chunks },
    format: ['esm'],
    platform: 'browser',
    // What both entries are made of is in one chunk: a page that has both has one class `Tensor`.
    splitting: true,
    // Node's bundle keeps its names, for those who read a stack; a page downloads a fifth less without them.
    minifyIdentifiers: true,
  },
]);
