// Every snippet in README.md and docs/ runs. A page is one program; a `text` block is what the code before it prints.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  ...readdirSync(`${root}docs`).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
];

/** The code blocks of a page, each with the text that it should print, if the page says so. */
function snippets(page: string): { code: string; printed: string | undefined }[] {
  const blocks = [...readFileSync(`${root}${page}`, 'utf8').matchAll(/^```(js|ts|text)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, language, code], i) => {
    const next = blocks[i + 1];
    return language === 'text' ? [] : [{ code: code!, printed: next?.[1] === 'text' ? next[2] : undefined }];
  });
}

// What the README's program takes for granted: four measurements, and what follows from them.
const GIVEN = `
  import * as given from 'wasmgrad';
  const xTrain = given.randomNormal([64, 4]), xTest = given.randomNormal([16, 4]), xNew = given.randomNormal([3, 4]);
  const yTrain = xTrain.sum(1, true), yTest = xTest.sum(1, true);`;
const END = '\0';

async function run(page: string): Promise<string[]> {
  const program = [page === 'README.md' ? GIVEN : '', ...snippets(page).map(({ code }) => code)].join(
    `\nconsole.log(${JSON.stringify(END)});\n`,
  );
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const args = ['--input-type=module', '--eval', outputText];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return stdout.split(`${END}\n`).slice(1);
}

describe('the snippets of a page run, and print what it says', () => {
  test.each(pages.filter((page) => snippets(page).length > 0))('%s', async (page) => {
    const printed = await run(page);
    snippets(page).forEach((snippet, i) => {
      if (snippet.printed !== undefined) expect(printed[i], snippet.code).toBe(snippet.printed);
    });
  });
});
