/** The kernels that web/twins.py folds, 3x3 to 2x2 for each of four positions, and back. Biases are repeated. */

// Which rows of a 3x3 kernel fall on a small pixel: by position, then by small pixel.
const ONTO = [
  [[0, 1], [2]],
  [[0], [1, 2]],
];
// And back, each row as a sum: [position, small pixel, sign].
const FROM = [[[1, 0, 1]], [[0, 0, 1], [1, 0, -1]], [[0, 1, 1]]];
const PLACES = [0, 1, 2, 3]; // (position, small pixel) in one number

/** Of a kernel `[O, I, 3, 3]` to `[4 O, I, 2, 2]`; of a bias `[O]` to `[4 O]`. */
export function folded(numbers, shape) {
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
export function unfolded(numbers, shape) {
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
