// A module of WebAssembly in streams, each of one kind of numbers: LZMA, which predicts from what stands before, packs
// them a tenth smaller. https://webassembly.github.io/spec/core/binary/instructions.html

/** The numbers of locals and the offsets of loads and stores have streams of their own. */
const [REST, LOCALS, OFFSETS] = [0, 1, 2];
export const STREAMS = 3;

const CODE_SECTION = 10;

/** What follows an instruction's first byte: nothing, one number, the number of a local, a place in memory, something else. */
const [PLAIN, NUMBER, LOCAL, PLACE, OTHER] = [0, 1, 2, 3, 4];
const FORMS = new Uint8Array(256);
FORMS.fill(LOCAL, 0x20, 0x23).fill(NUMBER, 0x23, 0x27).fill(PLACE, 0x28, 0x3f).fill(NUMBER, 0x3f, 0x43);
// Blocks and branches, a call, references.
for (const op of [0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0xd0, 0xd2]) FORMS[op] = NUMBER;
for (const op of [0x0e, 0x11, 0x1c, 0x43, 0x44, 0xfc, 0xfd, 0xfe]) FORMS[op] = OTHER;

/** Goes through a module of so many bytes. `next` gives them one by one, and hears to which stream each belongs. */
export function walk(length: number, next: (stream: number) => number): void {
  let at = 0;

  function byte(stream = REST): number {
    at++;
    return next(stream);
  }
  function bytes(count: number): void {
    for (let i = 0; i < count; i++) byte();
  }
  /** A number in LEB128; for a signed one the value is of no use. */
  function number(stream = REST): number {
    let part = byte(stream);
    let value = part & 127;
    for (let shift = 7; part > 127; shift += 7) {
      part = byte(stream);
      value |= (part & 127) << shift;
    }
    return value;
  }
  function numbers(count: number): void {
    for (let i = 0; i < count; i++) number();
  }
  /** Alignment and offset. */
  function place(): void {
    number();
    number(OFFSETS);
  }
  function vectorInstruction(): void {
    const op = number();
    const ofLane = op >= 84 && op <= 91;
    if (op <= 11 || ofLane || op === 92 || op === 93) place();
    if (op === 12 || op === 13) bytes(16);
    if ((op >= 21 && op <= 34) || ofLane) byte();
  }
  function threadInstruction(): void {
    const isFence = number() === 3;
    if (isFence) byte();
    else place();
  }
  function instruction(): void {
    const op = byte();
    const form = FORMS[op];
    if (form === PLAIN) return;
    if (form === LOCAL) number(LOCALS);
    else if (form === NUMBER) number();
    else if (form === PLACE) place();
    else if (op === 0xfd) vectorInstruction();
    else if (op === 0xfe) threadInstruction();
    // Of bulk memory and tables, behind conversions.
    else if (op === 0xfc) numbers([0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1][number()]!);
    else if (op === 0x0e) numbers(number() + 1);
    else if (op === 0x1c) numbers(number());
    else if (op === 0x11) numbers(2);
    else bytes(op === 0x43 ? 4 : 8);
  }
  function functionBody(): void {
    const end = number() + at;
    for (let groups = number(); groups > 0; groups--) numbers(2);
    // oxlint-disable-next-line eslint/no-unmodified-loop-condition -- each byte moves it on
    while (at < end) instruction();
  }

  // The magic number and the version.
  bytes(8);
  while (at < length) {
    const section = byte();
    const size = number();
    if (section === CODE_SECTION) for (let count = number(); count > 0; count--) functionBody();
    else bytes(size);
  }
}

/** The streams' lengths, as words, and the streams -> the module. */
export function joinStreams(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = new DataView(packed.buffer, packed.byteOffset);
  const places: number[] = [];
  let end = 4 * STREAMS;
  for (let i = 0; i < STREAMS; i++) {
    places.push(end);
    end += header.getUint32(4 * i, true);
  }
  const module = new Uint8Array(end - 4 * STREAMS);
  let at = 0;
  walk(module.length, (stream) => (module[at++] = packed[places[stream]!++]!));
  return module;
}
