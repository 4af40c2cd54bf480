// The features of WebAssembly that the modules use, for those who read and write them with binaryen.
import binaryen from 'binaryen';

const { Features } = binaryen;

export const FEATURES =
  Features.SIMD128 |
  Features.RelaxedSIMD |
  Features.Atomics |
  Features.BulkMemory |
  Features.BulkMemoryOpt |
  Features.NontrappingFPToInt |
  Features.SignExt |
  Features.MutableGlobals |
  Features.Multivalue |
  Features.ReferenceTypes |
  Features.CallIndirectOverlong;
