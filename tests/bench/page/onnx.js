// Writes ONNX models: the few fields of the format (onnx.proto3) that a graph of operators needs, as protocol buffers.

const FLOAT = 1;
const INT64 = 7;
const utf8 = new TextEncoder();

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function join(parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

// A field of a message: a whole number, a text, or bytes (a message within).
const number = (field, value) => join([varint(field << 3), varint(value)]);
const bytes = (field, value) => join([varint(field << 3 | 2), varint(value.length), value]);
const text = (field, value) => bytes(field, utf8.encode(value));

const valueInfo = (name, shape) => {
  const dims = shape.map((size) => bytes(1, number(1, size)));
  const tensorType = join([number(1, FLOAT), bytes(2, join(dims))]);
  return join([text(1, name), bytes(2, bytes(1, tensorType))]);
};

const raw = (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const tensor = (name, shape, values) => {
  const type = values instanceof Float32Array ? FLOAT : INT64;
  return join([...shape.map((size) => number(1, size)), number(2, type), text(8, name), bytes(9, raw(values))]);
};

/** Whole numbers and lists of them are all that the operators here ask for. */
const attribute = (name, value) => {
  const [type, values] = Array.isArray(value) ? [7, value.map((item) => number(8, item))] : [2, [number(3, value)]];
  return join([text(1, name), ...values, number(20, type)]);
};

const node = ([operator, inputs, outputs, attributes = {}]) => join([
  ...inputs.map((name) => text(1, name)),
  ...outputs.map((name) => text(2, name)),
  text(4, operator),
  ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
]);

/**
 * The bytes of a model.
 *
 * - `nodes`: `[operator, inputs, outputs, attributes]`, in order
 * - `inputs`, `outputs`: `{name: shape}`
 * - `constants`: `{name: [shape, Float32Array]}`
 */
export function model({ nodes, inputs, outputs, constants = {} }) {
  const graph = join([
    ...nodes.map((item) => bytes(1, node(item))),
    text(2, 'bench'),
    ...Object.entries(constants).map(([name, [shape, values]]) => bytes(5, tensor(name, shape, values))),
    ...Object.entries(inputs).map(([name, shape]) => bytes(11, valueInfo(name, shape))),
    ...Object.entries(outputs).map(([name, shape]) => bytes(12, valueInfo(name, shape))),
  ]);
  return join([number(1, 8), bytes(7, graph), bytes(8, join([text(1, ''), number(2, 17)]))]);
}


