/** Kernels as web/twins.py writes them, and as they were: those that it folds, 3x3 to 2x2, and those that it splits. */

const FOLDED = "/2x2"; // ends of names
const MEAN = "/mean";
const MIDDLE = "/middle";
const SIDE = 6; // of a kernel that is split
const [FROM_THE_MIDDLE, TO_THE_MIDDLE] = [2, 4];

// Which rows of a 3x3 kernel fall on a small pixel: by position, then by small pixel.
const ONTO = [
  [[0, 1], [2]],
  [[0], [1, 2]],
];
// And back, each row as a sum: [position, small pixel, sign].
const FROM = [[[1, 0, 1]], [[0, 0, 1], [1, 0, -1]], [[0, 1, 1]]];
const PLACES = [0, 1, 2, 3]; // (position, small pixel) in one number

/** A network's numbers of that name as they were in the first place: `{numbers, shape}`, or nothing. */
export function plain(weights, name) {
  const stem = stemOf(name);
  const has = (ending) => weights.tensors.has(stem + ending);
  const get = (ending) => weights.get(stem + ending);
  const shape = (ending) => weights.tensors.get(stem + ending).shape;
  if (has("")) return { numbers: Float64Array.from(get("")), shape: shape("") };
  if (has(FOLDED)) return unfolded(get(FOLDED), shape(FOLDED));
  return has(MEAN) && has(MIDDLE) ? joined(get(MEAN), get(MIDDLE), shape(MEAN)) : undefined;
}

/** And in the form that the name stands for. */
export function inForm(name, { numbers, shape }) {
  if (name.endsWith(FOLDED)) return folded(numbers, shape);
  if (name.endsWith(MEAN)) return kernels(numbers, (kernel) => [SIDE * SIDE * kernel[0]]);
  if (name.endsWith(MIDDLE)) return kernels(numbers, (kernel) => middle().map((place) => kernel[place] - kernel[0]));
  return numbers;
}

function stemOf(name) {
  const ending = [FOLDED, MEAN, MIDDLE].find((each) => name.endsWith(each)) ?? "";
  return name.slice(0, name.length - ending.length);
}

function joined(mean, beyond, [outputs, inputs]) {
  const numbers = Float64Array.from({ length: outputs * inputs * SIDE * SIDE }, (_, place) => {
    return mean[Math.floor(place / (SIDE * SIDE))] / (SIDE * SIDE);
  });
  for (let kernel = 0; kernel < outputs * inputs; kernel += 1) {
    middle().forEach((place, at) => (numbers[kernel * SIDE * SIDE + place] += beyond[4 * kernel + at]));
  }
  return { numbers, shape: [outputs, inputs, SIDE, SIDE] };
}

function kernels(numbers, part) {
  const found = [];
  for (let from = 0; from < numbers.length; from += SIDE * SIDE) found.push(...part(numbers.subarray(from, from + SIDE * SIDE)));
  return Float64Array.from(found);
}

/** Where the four pixels in the middle are. */
function middle() {
  const inside = [];
  for (let y = FROM_THE_MIDDLE; y < TO_THE_MIDDLE; y += 1) {
    for (let x = FROM_THE_MIDDLE; x < TO_THE_MIDDLE; x += 1) inside.push(SIDE * y + x);
  }
  return inside;
}

/** Of a kernel `[O, I, 3, 3]` to `[4 O, I, 2, 2]`; of a bias `[O]` to `[4 O]`. */
function folded(numbers, shape) {
  if (shape.length === 1) return Float64Array.from({ length: 4 * shape[0] }, (_, place) => numbers[place >> 2]);
  const [outputs, inputs] = shape;
  const small = new Float64Array(16 * outputs * inputs);
  each(outputs, inputs, (from, to) => {
    for (const [p, y, q, x] of positions()) {
      let sum = 0;
      for (const k of ONTO[p][y]) for (const l of ONTO[q][x]) sum += numbers[from + 3 * k + l];
      small[to(p, q) + 2 * y + x] = sum;
    }
  });
  return small;
}

/** The way back: `{numbers, shape}`. */
function unfolded(numbers, shape) {
  if (shape.length === 1) {
    return { numbers: Float64Array.from({ length: shape[0] / 4 }, (_, place) => numbers[4 * place]), shape: [shape[0] / 4] };
  }
  const [outputs, inputs] = [shape[0] / 4, shape[1]];
  const whole = new Float64Array(9 * outputs * inputs);
  each(outputs, inputs, (to, from) => {
    for (let k = 0; k < 3; k += 1) {
      for (let l = 0; l < 3; l += 1) {
        for (const [p, y, one] of FROM[k]) {
          for (const [q, x, other] of FROM[l]) whole[to + 3 * k + l] += one * other * numbers[from(p, q) + 2 * y + x];
        }
      }
    }
  });
  return { numbers: whole, shape: [outputs, inputs, 3, 3] };
}

/** Calls `visit(whole, small)` for each pair of channels: where its kernel begins, and for each position its folded one. */
function each(outputs, inputs, visit) {
  for (let output = 0; output < outputs; output += 1) {
    for (let input = 0; input < inputs; input += 1) {
      visit(9 * (output * inputs + input), (p, q) => 4 * ((4 * output + 2 * p + q) * inputs + input));
    }
  }
}

function positions() {
  return PLACES.flatMap((row) => PLACES.map((column) => [row >> 1, row & 1, column >> 1, column & 1]));
}
