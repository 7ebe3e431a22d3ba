/** What is done about failures: another painter takes the place of one that paints no more, else the page says what helps. */
import { Painter, threadsHere } from "./painter.js";
import { SENTENCES } from "./sentences.js";

export class Mender {
  #spare = 1; // painters that may follow one that failed in WebAssembly: a second failure is the machine's
  #mending = null; // a promise

  constructor(studio, messages) {
    Object.assign(this, { studio, messages });
  }

  /** Makes a style ready, once more where the painter is closed for another one meanwhile, or fails. */
  async load(style) {
    const { painter } = this.studio;
    try {
      await painter.load(style);
    } catch (error) {
      if (painter === this.studio.painter && !(painter.failed && (await this.#mend()))) throw error;
      await this.load(style);
    }
  }

  /** A style could not be loaded (then the error is `loading`), or could not paint a frame. */
  async failed(style, error) {
    if (error.name === "StyleGone") return; // the next frame asks for it again
    console.warn(error);
    const { studio } = this;
    const { painter } = studio;
    const broken = painter.failed || (painter.runtime === "webgpu" && !error.loading); // the GPU is lost
    if (broken && (await this.#mend())) return;
    if (painter.failed) this.#halt(painter.begun ? SENTENCES.painterStopped : SENTENCES.noWorker);
    else if (style === studio.style && style !== studio.chosen) studio.mixer.end();
    else if (style === studio.style || style === studio.wanted) {
      studio.giveUp(style);
      this.messages.fail((error.loading ? SENTENCES.notLoaded : SENTENCES.painterFailed)(style.title));
    }
  }

  /** Nothing paints any more. */
  #halt(sentence) {
    this.studio.giveUp(this.studio.style);
    this.messages.stay(sentence);
  }

  /** Resolves to whether another painter is there now. Each frame asks until it is. */
  #mend() {
    this.#mending ??= this.#replaced().finally(() => (this.#mending = null));
    return this.#mending;
  }

  async #replaced() {
    if (this.studio.painter.runtime === "wasm") {
      if (this.#spare === 0) return false;
      this.#spare -= 1;
    }
    try {
      await this.studio.change(new Painter("wasm", threadsHere()));
      return true;
    } catch (error) {
      console.warn(error);
      return false;
    }
  }
}
