// ts/ and build/ -> dist/: what npm publishes.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { at } from './paths.mjs';
import { run, say } from './shell.mjs';
import { whenStale } from './stamp.mjs';

const MODULES = ['strict.wasm', 'relaxed.wasm'];

export function buildJs() {
  whenStale(
    {
      stamp: 'build/.js-stamp',
      inputs: [
        'ts',
        'build/seam.d.ts',
        ...MODULES.map((file) => `build/${file}`),
        'scripts/lib/build-js.mjs',
        'tsup.config.ts',
        'tsconfig.json',
        'package.json',
      ],
      outputs: ['dist/index.js', 'dist/index.cjs', 'dist/index.d.ts', 'dist/browser.js', 'dist/browser.core.js'],
    },
    () => {
      say('building dist/, because the TypeScript sources or the modules changed');
      rmSync(at('dist'), { recursive: true, force: true });
      run('node', [at('node_modules', 'tsup', 'dist', 'cli-default.js'), '--silent']);
      for (const file of MODULES) copyFileSync(at('build', file), at('dist', file));
      markNamespaces();
      writeEsm();
      writeTypes();
    },
  );
}

/**
 * esbuild makes the object of each `export * as` by a call, `var x={};fill(x,{`, which the bundler of a page must keep with
 * all that it names. As a call that is said to be pure it goes where nobody uses the object.
 */
function markNamespaces() {
  const files = readdirSync(at('dist')).filter((file) => /^(chunk|browser).*\.js$/.test(file));
  let count = 0;
  for (const file of files) {
    const code = readFileSync(at('dist', file), 'utf8');
    const marked = code.replace(/\bvar ([\w$]+)=\{\};([\w$]+)\(\1,\{/g, (_, name, fill) => {
      count++;
      return `var ${name}=/* @__PURE__ */__namespace(${fill},{`;
    });
    if (marked === code) continue;
    const helper = 'const __namespace=(fill,names)=>{const made={};fill(made,names);return made};';
    writeFileSync(at('dist', file), `${helper}\n${marked}`);
  }
  if (count === 0) throw new Error('no object of a namespace found in dist/; does esbuild make them otherwise now?');
}

/** An import and a require in one process must meet the same tensors: the ES module hands on what CommonJS made. */
function writeEsm() {
  const names = Object.keys(createRequire(import.meta.url)(at('dist', 'index.cjs')));
  const list = (item) => names.map((name) => `  ${item(name)},\n`).join('');
  // A name of its own for each: `var` may be exported, but not declared.
  const taken = `const {\n${list((name) => `${name}: _${name}`)}} = wasmgrad;`;
  const given = `export {\n${list((name) => `_${name} as ${name}`)}};`;
  // By `require`: for an import Node would first look through the whole text for names, which takes as long as to run it.
  const load = `import { createRequire } from 'node:module';\n\nconst wasmgrad = createRequire(import.meta.url)('./index.cjs');`;
  writeFileSync(at('dist', 'index.js'), `${load}\n${taken}\n\n${given}\n`);
}

/** One text for both kinds of modules. It names the library of `Symbol.dispose`, which a user's project may not. */
function writeTypes() {
  const types = `/// <reference lib="esnext.disposable" />\n${readFileSync(at('dist', 'index.d.cts'), 'utf8')}`;
  for (const file of ['index.d.ts', 'index.d.cts']) writeFileSync(at('dist', file), types);
}
