/** What a style file says about itself: the `stylecam.` properties of an ONNX model. */

const MOST_BYTES = 64 * 1024 * 1024;
const GRAPH = 7; // fields of ONNX's ModelProto, and of the entries of its metadata_props
const PROPERTIES = 14;
const KEY = 1;
const VALUE = 2;
const PREFIX = "stylecam.";
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,63}$/u;
const PNG = /^iVBORw0KGgo[A-Za-z0-9+/]*={0,2}$/;

/** The style in the bytes of a file that is called `fileName`; throws unless it can be one. */
export function readStyle(bytes, fileName) {
  if (bytes.byteLength > MOST_BYTES) throw new Error("it is too large");
  const said = properties(bytes);
  const stem = fileName.replace(/\.onnx$/i, "");
  const name = [said.name, stem].find((candidate) => NAME.test(candidate ?? "")) ?? "style";
  return {
    name,
    title: said.title || name,
    artist: said.artist ?? "",
    year: said.year ?? "",
    thumbnail: PNG.test(said.thumbnail ?? "") ? `data:image/png;base64,${said.thumbnail}` : "",
  };
}

/** What a style file says, by its keys without the prefix; throws where it is no ONNX model. */
export function properties(bytes) {
  const said = {};
  let graph = false;
  for (const [field, value] of fields(new Uint8Array(bytes))) {
    if (field === GRAPH) graph = true;
    if (field === PROPERTIES && value instanceof Uint8Array) {
      const entry = Object.fromEntries(fields(value));
      const key = text(entry[KEY]);
      if (key.startsWith(PREFIX)) said[key.slice(PREFIX.length)] = text(entry[VALUE]);
    }
  }
  if (!graph) throw new Error("it is not in the ONNX format");
  return said;
}

/** [field number, integer or bytes] of a protobuf message; throws where it is none. */
export function* fields(data) {
  let position = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 70 && position < data.length; shift += 7) {
      const byte = data[position];
      position += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error("it is incomplete or damaged");
  };
  while (position < data.length) {
    const tag = varint();
    const [field, kind] = [Math.floor(tag / 8), tag % 8];
    if (field === 0 || ![0, 1, 2, 5].includes(kind)) throw new Error("it is not in the ONNX format");
    if (kind === 0) {
      yield [field, varint()];
      continue;
    }
    const length = kind === 2 ? varint() : kind === 1 ? 8 : 4;
    if (position + length > data.length) throw new Error("it is incomplete or damaged");
    position += length;
    yield [field, data.subarray(position - length, position)];
  }
}

export function text(value) {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
}
