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

/** Writes behind what the file holds ('a'), or in place of it ('w'). */
export async function writeContent(
  place: string,
  path: string,
  content: string | Uint8Array,
  flag: 'a' | 'w',
): Promise<void> {
  const fs = await fileSystem(place);
  try {
    await fs.writeFile(path, content, { flag });
  } catch (error) {
    throw new WasmgradError(`${place}: the file cannot be written: ${(error as Error).message}`);
  }
}

/** Makes the folder of a file, if there is none. */
export async function makeFolderOf(place: string, path: string): Promise<void> {
  const fs = await fileSystem(place);
  const folder = path.replace(/[\\/]?[^\\/]*$/, '');
  if (folder !== '') await fs.mkdir(folder, { recursive: true });
}

/** Whether there is such a file. */
export async function fileExists(place: string, path: string): Promise<boolean> {
  const fs = await fileSystem(place);
  return fs.access(path).then(
    () => true,
    () => false,
  );
}

/** Removes a file, if there is one. */
export async function removeFile(place: string, path: string): Promise<void> {
  await (await fileSystem(place)).rm(path, { force: true });
}
