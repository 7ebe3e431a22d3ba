/** The numbers of a network in a style file, read and replaced in place. */
import { fields, text } from "./style-file.js";

const GRAPH = 7; // fields of ONNX's ModelProto, GraphProto and TensorProto
const INITIALIZER = 5;
const DIMS = 1;
const KIND = 2;
const NAME = 8;
const RAW = 9;
const [FLOAT, HALF] = [1, 10];
const OF_NETWORK = "network."; // stands in the names of a network's own numbers

/** A copy of a style file whose numbers can be set. */
export class Weights {
  /** By name: `{shape, half, raw}`, of which `raw` is a part of `bytes`. */
  tensors = new Map();

  constructor(bytes) {
    this.bytes = new Uint8Array(bytes).slice();
    const graphs = [...fields(this.bytes)].filter(([field]) => field === GRAPH);
    for (const [field, value] of graphs.flatMap(([, graph]) => [...fields(graph)])) {
      if (field === INITIALIZER) this.#add([...fields(value)]);
    }
  }

  #add(tensor) {
    const values = Object.fromEntries(tensor);
    const name = text(values[NAME]);
    const half = values[KIND] === HALF;
    if (!name.includes(OF_NETWORK) || !(half || values[KIND] === FLOAT) || !values[RAW]) return;
    this.tensors.set(name, { shape: shapeOf(tensor), half, raw: values[RAW] });
  }

  /** How many bytes its numbers take. */
  get size() {
    return [...this.tensors.values()].reduce((sum, { raw }) => sum + raw.length, 0);
  }

  get(name) {
    const { half, raw } = this.tensors.get(name);
    const copy = raw.slice().buffer; // aligned
    return half ? Float32Array.from(new Uint16Array(copy), fromHalf) : new Float32Array(copy);
  }

  set(name, numbers) {
    const { half, raw } = this.tensors.get(name);
    const stored = half ? Uint16Array.from(numbers, toHalf) : Float32Array.from(numbers);
    raw.set(new Uint8Array(stored.buffer));
  }
}

/** Its dimensions come one by one, or packed in one field. */
function shapeOf(tensor) {
  const shape = [];
  for (const [field, value] of tensor) {
    if (field !== DIMS) continue;
    if (typeof value === "number") shape.push(value);
    else for (let at = 0, [size, shift] = [0, 1]; at < value.length; at += 1) {
      size += (value[at] & 0x7f) * shift;
      shift *= 128;
      if (value[at] < 0x80) {
        shape.push(size);
        [size, shift] = [0, 1];
      }
    }
  }
  return shape;
}

/** The number of 16 bits that IEEE 754 calls binary16. */
export function fromHalf(bits) {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

/** The nearest one, of two the even. */
export function toHalf(number) {
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const size = Math.abs(number);
  if (Number.isNaN(size)) return 0x7e00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -14)));
  const steps = even(size / 2 ** (exponent - 10)); // 1024 of them up to the next power of two
  if (exponent > 15 || (exponent === 15 && steps > 2047)) return sign | 0x7c00;
  return sign | (exponent === -14 && steps < 1024 ? steps : ((exponent + 14) << 10) + steps);
}

function even(number) {
  const below = Math.floor(number);
  const rest = number - below;
  return rest > 0.5 || (rest === 0.5 && below % 2) ? below + 1 : below;
}
