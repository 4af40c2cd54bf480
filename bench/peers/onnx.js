// An ONNX model of one matrix product, written as the protocol buffer that it is.

/** z = x y, for matrices (n, n), as the bytes of a model. */
export function matMulModel(n) {
  const dimension = message(number(1, n));
  const shape = message(bytes(1, dimension), bytes(1, dimension));
  const FLOAT = 1;
  const value = (name) =>
    message(text(1, name), bytes(2, message(bytes(1, message(number(1, FLOAT), bytes(2, shape))))));
  const node = message(text(1, 'x'), text(1, 'y'), text(2, 'z'), text(4, 'MatMul'));
  const graph = message(
    bytes(1, node),
    text(2, 'g'),
    bytes(11, value('x')),
    bytes(11, value('y')),
    bytes(12, value('z')),
  );
  const VERSION = 8;
  return Uint8Array.from(message(number(1, VERSION), bytes(7, graph), bytes(8, message(number(2, 13)))));
}

const message = (...fields) => fields.flat();
const number = (field, value) => [field << 3, ...varint(value)];
const bytes = (field, content) => [(field << 3) | 2, ...varint(content.length), ...content];
const text = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);

function varint(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
