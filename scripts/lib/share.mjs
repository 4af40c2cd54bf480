// Makes a module one that many threads run: see `shareable`.

/** Numbers of sections: https://webassembly.github.io/spec/core/binary/modules.html#sections */
const [CUSTOM, IMPORT, MEMORY, DATA] = [0, 2, 5, 11];
/** 4 GB in pages, as the most that the memory may have. */
const MOST_PAGES = 65536;

/**
 * The same module with its memory as an import, `env.memory`, shared between threads. Its data would be written anew by
 * each thread: so they become a custom section `data`, which the first one writes: the least pages of memory, then for each part address,
 * length, bytes.
 */
export function shareable(wasm) {
  const sections = readSections(wasm);
  const find = (id) => sections.find((section) => section.id === id)?.bytes ?? Buffer.of(0);
  const [, least] = readNumber(find(MEMORY), 2);
  const memory = [...text('env'), ...text('memory'), 2, 3, ...number(least), ...number(MOST_PAGES)];
  const [end, imports] = readNumber(find(IMPORT), 0);
  const parts = [
    { id: IMPORT, bytes: Buffer.from([...number(imports + 1), ...memory, ...find(IMPORT).subarray(end)]) },
    ...sections.filter(({ id }) => id > IMPORT && id !== MEMORY && id < DATA),
    {
      id: CUSTOM,
      bytes: Buffer.concat([
        Buffer.from(text('data')),
        Buffer.from(Uint32Array.of(least).buffer),
        ...readData(find(DATA)),
      ]),
    },
  ];
  // What stands before the imports: the types.
  parts.unshift(...sections.filter(({ id }) => id > CUSTOM && id < IMPORT));
  const written = parts.flatMap(({ id, bytes }) => [Buffer.from([id, ...number(bytes.length)]), bytes]);
  return Buffer.concat([wasm.subarray(0, 8), ...written]);
}

function readSections(wasm) {
  const sections = [];
  for (let at = 8; at < wasm.length;) {
    const [start, length] = readNumber(wasm, at + 1);
    sections.push({ id: wasm[at], bytes: wasm.subarray(start, start + length) });
    at = start + length;
  }
  return sections;
}

/** Active segments `0, i32.const ADDRESS, end, LENGTH, bytes` -> address, length, bytes. */
function readData(bytes) {
  let [at, count] = readNumber(bytes, 0);
  const parts = [];
  for (; count > 0; count--) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0x41) throw new Error('a data segment is not at a constant address');
    const [behind, address] = readNumber(bytes, at + 2);
    const [start, length] = readNumber(bytes, behind + 1);
    at = start + length;
    parts.push(Buffer.from(Uint32Array.of(address, length).buffer), bytes.subarray(start, at));
  }
  return parts;
}

/** An unsigned number in LEB128 and the place behind it; a positive signed one reads the same. */
function readNumber(bytes, at) {
  let [value, shift] = [0, 0];
  for (; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [at, value];
  }
}

function number(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}

const text = (name) => [name.length, ...Buffer.from(name)];
