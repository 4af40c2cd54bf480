// Files, where the program runs in Node, Deno or Bun.
import { openFiles } from '../core/core.js';
import { WasmgradError } from '../core/errors.js';

function fileSystem(place: string): NonNullable<ReturnType<typeof openFiles>> {
  const files = openFiles();
  if (files === undefined) {
    throw new WasmgradError(
      `${place}: pages have no files; use model.toBytes() and wg.loadModel(bytes), and store the bytes where you like`,
    );
  }
  return files;
}

/** The bytes of a file. @throws if it cannot be read, or there are no files. */
export async function readFile(place: string, path: string): Promise<Uint8Array> {
  const fs = await fileSystem(place);
  try {
    return await fs.readFile(path);
  } catch (error) {
    throw new WasmgradError(`${place}: the file cannot be read: ${(error as Error).message}`);
  }
}

/** Writes a file beside the old one, which it then replaces: a crash leaves one of them whole. */
export async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  const fs = await fileSystem(`save("${path}")`);
  // Several may write the same file at once, from other threads and processes too: the last to finish stays.
  const beside = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    const file = await fs.open(beside, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(beside, path);
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw new WasmgradError(`save("${path}"): the file cannot be written: ${(error as Error).message}`);
  }
}
