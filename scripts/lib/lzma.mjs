// Packs what ts/core/lzma.ts unpacks.
import lzma from 'lzma';

export const packLzma = (bytes) => Buffer.from(lzma.compress(bytes, 9));
