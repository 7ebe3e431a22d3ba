/**
 * Paints, away from the page's own thread, so that the page never waits for a network.
 *
 * Each message is `{call, method, args}`; the answer is `{call, value}` or `{call, error}`, with its `name`, `message`
 * and `frame`.
 */
import { Levels } from "./levels.js";
import { mixed, shifted } from "./mixing.js";
import { toBgr, toRgba } from "./pixels.js";

const RUNTIMES = {
  wasm: { module: "../ort/ort.wasm.min.mjs", provider: "wasm" },
  webgpu: { module: "../ort/ort.jspi.min.mjs", provider: "webgpu" },
};
const KEPT = 3; // styles that stay in memory, the newest ones
const SMALLEST = 32; // px a side, of what a style can paint

let ort;
let provider;
const sessions = new Map(); // by style, the newest last
const canvas = new OffscreenCanvas(1, 1);
const pixels = canvas.getContext("2d", { willReadFrequently: true });
let last = null; // what was painted last, see `inspect`
const levels = new Levels(paintOnce);

const methods = {
  async start({ runtime, threads }) {
    const chosen = RUNTIMES[runtime];
    ort = await import(chosen.module);
    ({ provider } = chosen);
    ort.env.wasm.wasmPaths = new URL("../ort/", import.meta.url).href;
    ort.env.wasm.numThreads = threads;
    ort.env.logLevel = "error";
    return { value: { runtime, threads } };
  },

  /** Makes the style `id` of the bytes of its file; the value is the list of styles that had to go. */
  async load({ id, bytes }) {
    if (sessions.has(id)) return { value: [] };
    const session = await sessionOf(bytes);
    try {
      await check(session);
    } catch (error) {
      await session.release();
      throw error;
    }
    sessions.set(id, session);
    const gone = [...sessions.keys()].slice(0, -KEPT);
    for (const old of gone) {
      const unused = sessions.get(old);
      sessions.delete(old); // first, so that no failure leaves it here
      await unused.release();
    }
    return { value: gone };
  },

  /** The bytes of the mix of two styles, each `{id, bytes}`, at `share` of the way to the other one. */
  async mix({ one, other, share }) {
    const bytes = mixed(one.bytes, other.bytes, share);
    const [from, to, now] = [await levels.of(one), await levels.of(other), await levels.measured(bytes)];
    const off = now.map((level, colour) => (1 - share) * from[colour] + share * to[colour] - level);
    return { value: shifted(bytes, off) };
  },

  /**
   * Paints `frame`, an ImageBitmap, in the style `id`. The value's `ms` is the time of the network alone. The error
   * gives the frame back where the style had to go.
   */
  async paint({ id, frame }) {
    const session = sessionFor(id, frame);
    const { width, height } = frame;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    pixels.drawImage(frame, 0, 0);
    frame.close();
    const image = pixels.getImageData(0, 0, width, height);
    const input = new Uint8Array(width * height * 3);
    toBgr(image.data, input);
    const start = performance.now();
    const output = await run(session, input, width, height);
    const ms = performance.now() - start;
    last = { width, height, input, output };
    toRgba(output, image.data);
    pixels.putImageData(image, 0, 0);
    const painted = canvas.transferToImageBitmap();
    return { value: { painted, ms }, transfer: [painted] };
  },

  /** Paints a made-up frame: the shortest time in ms, and the picture. */
  async trial({ id, width, height, times }) {
    const session = sessionFor(id);
    const input = Uint8Array.from({ length: width * height * 3 }, (_, place) => 128 + 90 * Math.sin(place / 97));
    let [ms, output] = [Infinity, null];
    for (let time = 0; time < times; time += 1) {
      const start = performance.now();
      output = await run(session, input, width, height);
      ms = Math.min(ms, performance.now() - start);
    }
    return { value: { ms, output } };
  },

  /** The last frame as the network got it and what it gave, uint8 BGR: for tests. */
  async inspect() {
    return { value: last };
  },
};

/** The session of a style, which is the newest now; throws where it had to go for others. */
function sessionFor(id, frame) {
  const session = sessions.get(id);
  if (!session) throw Object.assign(new Error(`${id} had to go`), { name: "StyleGone", frame });
  sessions.delete(id);
  sessions.set(id, session);
  return session;
}

function sessionOf(bytes) {
  return ort.InferenceSession.create(new Uint8Array(bytes), {
    executionProviders: [provider],
    graphOptimizationLevel: "all",
  });
}

async function paintOnce(bytes, input, width, height) {
  const session = await sessionOf(bytes);
  try {
    return await run(session, input, width, height);
  } finally {
    await session.release();
  }
}

async function run(session, input, width, height) {
  const frame = new ort.Tensor("uint8", input, [1, height, width, 3]);
  const { stylized } = await session.run({ frame });
  return stylized.data;
}

/** Throws unless the session takes and gives pictures as every style file does. */
async function check(session) {
  if (session.inputNames.join() !== "frame" || session.outputNames.join() !== "stylized") {
    throw new Error("it has other inputs and outputs");
  }
  const [width, height] = [SMALLEST + 8, SMALLEST];
  const output = await run(session, new Uint8Array(width * height * 3), width, height);
  if (!(output instanceof Uint8Array) || output.length !== width * height * 3) {
    throw new Error("it gives no picture of the frame's size");
  }
}

async function answer({ call, method, args }) {
  try {
    const { value, transfer } = await methods[method](args);
    self.postMessage({ call, value }, transfer ?? []);
  } catch (error) {
    const { name = "Error", message = String(error), frame } = error ?? {};
    self.postMessage({ call, error: { name, message, frame } }, frame ? [frame] : []);
  }
}

// One after the other: WebGPU cannot make two networks at once, and none may go while it paints.
let turn = Promise.resolve();
self.onmessage = ({ data }) => {
  turn = turn.then(() => answer(data));
};
