/**
 * Two painters mixed, as `realtime` does it (realtime/painting/mixing.py tells why): the weighted mean of their networks'
 * numbers, but that kernels keep their length, and that the picture keeps its mean levels.
 */
import { inForm, plain } from "./folding.js";
import { properties } from "./style-file.js";
import { Weights } from "./weights.js";

const HEAD_BIAS = "network.head.bias";
const AS_THEY_ARE = /network\.(head|detail)\./; // layers whose kernels may become shorter
const STEP = 0.25; // levels
const DEEP = 64; // trainings one after the other

/** Why two painters cannot be mixed, whatever is tried. Its name crosses to the page with the message. */
export class NoMix extends Error {
  name = "NoMix";
}

/** The style file between two, at `share` 0..1 of the way to the other one; throws `NoMix` where there is none. */
export function mixed(one, other, share) {
  checkStarts(one, other);
  let [first, second, of] = [new Weights(one), new Weights(other), share];
  if (first.size < second.size) [first, second, of] = [second, first, 1 - share]; // it is kept in the larger one's form
  if (!first.tensors.size) throw new NoMix("they have no numbers");
  for (const name of first.tensors.keys()) {
    const [here, there] = [plain(first, name), plain(second, name)];
    if (!there || here.shape.join() !== there.shape.join()) throw new NoMix("their networks differ in shape");
    const mean = here.numbers.map((number, place) => (1 - of) * number + of * there.numbers[place]);
    if (here.shape.length === 4 && !AS_THEY_ARE.test(name)) lengthen(mean, here, there, of);
    first.set(name, inForm(name, { numbers: mean, shape: here.shape }));
  }
  return first.bytes;
}

/** The file with other mean levels of blue, green and red in its pictures: more by `off`, three numbers of 255. */
export function shifted(bytes, off) {
  const weights = new Weights(bytes);
  const name = [...weights.tensors.keys()].find((each) => each.endsWith(HEAD_BIAS));
  if (!name || JSON.parse(properties(bytes).network ?? "{}").output !== "linear") return bytes; // a tanh has no such bias
  const bias = weights.get(name);
  weights.set(name, bias.map((number, place) => number + STEP * Math.round(off[place % 3] / STEP)));
  return weights.bytes;
}

/** Makes the kernel of each output channel as long as those of both are on average. */
function lengthen(mean, here, there, of) {
  const count = mean.length / here.shape[0];
  const length = (numbers) => Math.sqrt(numbers.reduce((sum, number) => sum + number * number, 0));
  for (let from = 0; from < mean.length; from += count) {
    const kernel = mean.subarray(from, from + count);
    const [ours, theirs] = [here, there].map(({ numbers }) => length(numbers.subarray(from, from + count)));
    const scale = ((1 - of) * ours + of * theirs) / Math.max(length(kernel), Number.MIN_VALUE);
    kernel.forEach((number, place) => (kernel[place] = number * scale));
  }
}

/** Throws unless both were trained from one network, as their files tell it. */
function checkStarts(one, other) {
  const [ours, theirs] = [one, other].map((bytes) => properties(bytes));
  if (ours.training === theirs.training && ours.training) return;
  if (!ours.network || ours.network !== theirs.network) throw new NoMix("their networks differ in shape");
  if (!isSame(startOf(ours), startOf(theirs))) throw new NoMix("they were not trained from the same network");
}

function startOf({ training }) {
  let told = JSON.parse(training ?? "{}");
  for (let deep = 0; deep < DEEP && told.start_from instanceof Object; deep += 1) told = told.start_from;
  return told;
}

/** Whether two records tell of one network, as a file tells it of itself or as it is kept of a start. */
function isSame(one, other) {
  const [ours, theirs] = [one, other].map((record) => record.recipe ?? record);
  const free = ["title", "artist", "year", "license"];
  const both = Object.keys(ours).filter((key) => key in theirs && !free.includes(key));
  const known = ["name", "steps", "seed"].every((key) => both.includes(key));
  return known && one.step === other.step && both.every((key) => JSON.stringify(ours[key]) === JSON.stringify(theirs[key]));
}
