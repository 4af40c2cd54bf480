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
      partNamespaces();
      writeEsm();
      writeTypes();
    },
  );
}

/**
 * esbuild makes the object of each `export * as` by a call, `var x={};fill(x,{a:()=>b,...})`, of which the bundler of a page
 * must keep all members if it keeps one. A file of its own, `export{b as a,...}`, gives each member by itself. Objects that
 * nobody hands on are calls that are said to be pure: they go where nobody uses them.
 */
function partNamespaces() {
  const read = (file) => readFileSync(at('dist', file), 'utf8');
  const files = readdirSync(at('dist')).filter((file) => /^(chunk|browser).*\.js$/.test(file));
  const shared = files.find((file) => OBJECTS.test(read(file)));
  if (shared === undefined)
    throw new Error('no object of a namespace found in dist/; does esbuild make them otherwise now?');
  let code = read(shared);
  const exported = new Map(listed(code.match(EXPORTS)[1]));
  /** Members of the objects, by the names under which the file exports these. */
  const parted = new Map();
  code = code.replaceAll(new RegExp(OBJECTS, 'g'), (_, name, fill, members) => {
    if (!exported.has(name)) return `const ${name}=/* @__PURE__ */__namespace(${fill},{${members}});`;
    parted.set(
      exported.get(name),
      [...members.matchAll(/([\w$]+):\(\)=>([\w$]+)/g)].map(([, member, local]) => [member, local]),
    );
    exported.delete(name);
    return '';
  });
  for (const [, local] of [...parted.values()].flat())
    if (!exported.has(local)) exported.set(local, `member_${exported.size}`);
  code = code.replace(EXPORTS, `export{${[...exported].map(([local, name]) => `${local} as ${name}`)}};`);
  writeFileSync(
    at('dist', shared),
    `const __namespace=(fill,names)=>{const made={};fill(made,names);return made};\n${code}`,
  );
  for (const file of files.filter((one) => one.startsWith('browser'))) {
    const names = [];
    const rest = read(file).replace(/(?<![\w$])([\w$]+) as (\w+), /g, (all, name, space) => {
      if (!parted.has(name)) return all;
      const members = parted.get(name).map(([member, local]) => `${exported.get(local)} as ${member}`);
      writeFileSync(at('dist', `${space}.js`), `export{${members}}from'./${shared}';\n`);
      names.push(`export * as ${space} from './${space}.js';\n`);
      return '';
    });
    if (names.length !== parted.size) throw new Error(`${file} does not export all of the namespaces`);
    writeFileSync(at('dist', file), names.join('') + rest);
  }
}

const OBJECTS = /\bvar ([\w$]+)=\{\};([\w$]+)\(\1,\{([^}]*)\}\);?/;
const EXPORTS = /export\s*\{([^}]*)\};?\s*$/;

/** The pairs of `a as b, c`. */
function listed(list) {
  return list.split(',').map((item) => {
    const [local, name = local] = item.trim().split(' as ');
    return [local, name];
  });
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
