/** The page's side of the worker that paints. */

/** A worker with one runtime. `threads` is how many it was given. */
export class Painter {
  #worker;
  #calls = new Map();
  #next = 0;
  #loading = new Map(); // by style: a promise
  #failed = null;

  /** Whether it ever could paint. */
  begun = false;

  constructor(runtime, threads) {
    this.runtime = runtime;
    this.threads = threads;
    this.#worker = new Worker(new URL("./paint-worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#answered(data);
    this.#worker.onerror = (event) => this.#fail(event.message || "the worker cannot start");
    this.started = this.#call("start", { runtime, threads });
    this.started.then(
      () => (this.begun = true),
      ({ message }) => this.#fail(message), // who awaits it hears of it
    );
  }

  /** Whether it paints no more, whatever the style. */
  get failed() {
    return this.#failed !== null;
  }

  /** Makes the style ready, unless it is. Rejects where its file cannot be had or is no style: the error is `loading`. */
  async load(style) {
    if (!this.#loading.has(style.id)) {
      const loading = this.#load(style);
      this.#loading.set(style.id, loading);
      loading.catch((error) => {
        error.loading = true;
        this.#loading.delete(style.id);
      });
    }
    await this.#loading.get(style.id);
  }

  async #load(style) {
    const [bytes] = await Promise.all([style.bytes(), this.started]);
    const gone = await this.#call("load", { id: style.id, bytes });
    gone.forEach((id) => this.#loading.delete(id));
  }

  /** Paints an ImageBitmap, which is used up: `{painted, ms}`. */
  async paint(style, frame) {
    const give = (given) => this.#call("paint", { id: style.id, frame: given }, [given]);
    try {
      return await this.#ready(style, (gone) => give(gone?.frame ?? frame));
    } catch (error) {
      frame.close(); // where the worker did not get it
      throw error;
    }
  }

  /** Calls `act()` when the style is ready, and once more, with the error, where it had to go for others meanwhile. */
  async #ready(style, act) {
    await this.load(style);
    try {
      return await act();
    } catch (error) {
      if (error.name !== "StyleGone") throw error;
      this.#loading.delete(style.id);
      await this.load(style);
      return act(error);
    }
  }

  /** The bytes of the mix of two styles, see the worker's `mix`. */
  async mix(one, other, share) {
    const [ours, theirs] = await Promise.all([one.bytes(), other.bytes(), this.started]);
    return this.#call("mix", { one: { id: one.id, bytes: ours }, other: { id: other.id, bytes: theirs }, share });
  }

  /** Paints a made-up frame: see the worker's `trial`. */
  async trial(style, settings) {
    return this.#ready(style, () => this.#call("trial", { id: style.id, ...settings }));
  }

  inspect() {
    return this.#call("inspect", {});
  }

  close() {
    this.#fail("it was closed");
    this.#worker.terminate();
  }

  #call(method, args, transfer = []) {
    if (this.#failed) return Promise.reject(new Error(this.#failed));
    const call = (this.#next += 1);
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { method, resolve, reject });
      this.#worker.postMessage({ call, method, args }, transfer);
    });
  }

  #answered({ call, value, error }) {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(Object.assign(new Error(error.message), error));
    // WebAssembly that was stopped in the middle of a painting is in no state to go on.
    if (error?.name === "RuntimeError" && waiting?.method === "paint") this.#fail(error.message);
  }

  #fail(why) {
    this.#failed = why;
    for (const { reject } of this.#calls.values()) reject(new Error(why));
    this.#calls.clear();
  }
}

/** How many threads paint: all of two cores, else one is left for the page; more than four gain nothing. */
export function threadsHere() {
  if (!globalThis.crossOriginIsolated) return 1;
  const cores = navigator.hardwareConcurrency || 2;
  return cores <= 2 ? cores : Math.min(4, cores - 1);
}
