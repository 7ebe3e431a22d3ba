/** Painting on the GPU, where there is one that paints the same pictures in less time. */
import { Painter } from "./painter.js";

const TRIAL = { width: 320, height: 240, times: 4 }; // of which the first lays out memory and compiles
const APART = 4; // levels that a GPU's rounding may differ by

/**
 * A painter on the GPU if it is faster in `style` than `painter`, else null. It needs a browser with WebGPU and
 * WebAssembly's promise integration; only such a one loads the larger runtime. `software` takes a GPU that the
 * processor plays, too: for tests.
 */
export async function gpuPainter(painter, style, { software = false } = {}) {
  if (!navigator.gpu || !WebAssembly.Suspending) return null;
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter || (!software && (adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter))) return null;
  const gpu = new Painter("webgpu", 1);
  try {
    const found = await gpu.trial(style, TRIAL);
    const usual = await painter.trial(style, TRIAL);
    const same = found.output.every((level, place) => Math.abs(level - usual.output[place]) <= APART);
    if (same && (software || found.ms < usual.ms)) return gpu;
  } catch (error) {
    console.warn(error);
  }
  gpu.close();
  return null;
}
