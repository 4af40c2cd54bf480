// Takes a module apart into the streams that ts/core/streams.ts joins.
import { readFileSync } from 'node:fs';
import typescript from 'typescript';
import { at } from './paths.mjs';

const source = readFileSync(at('ts', 'core', 'streams.ts'), 'utf8');
const { outputText } = typescript.transpileModule(source, {
  compilerOptions: { target: typescript.ScriptTarget.ES2022, module: typescript.ModuleKind.ESNext },
});
const { joinStreams, STREAMS, walk } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);

export function partStreams(module) {
  const streams = Array.from({ length: STREAMS }, () => []);
  let place = 0;
  walk(module.length, (stream) => {
    streams[stream].push(module[place]);
    return module[place++];
  });
  const lengths = Uint32Array.from(streams, ({ length }) => length);
  const parted = Buffer.concat([Buffer.from(lengths.buffer), ...streams.map((stream) => Buffer.from(stream))]);
  if (!module.equals(joinStreams(parted))) throw new Error('a module does not come out of its streams as it was');
  return parted;
}
