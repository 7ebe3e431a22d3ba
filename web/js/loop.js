/** Frame by frame: from the source to the painter to the stage. While one is painted, the next one is taken. */
import { Pace } from "./pace.js";

const FIGURES = 1000; // ms between two figures

export class Loop {
  #source = null;
  #run = 0;
  #shown = [];

  /**
   * `studio` has `painter`, `style` and `stage`; `onFigures({fps, lines, ms})` is told once a second,
   * `onFailure(style, error)` when a style cannot paint, `onFirst()` when the first painting is shown.
   */
  constructor(studio, { onFigures, onFailure, onFirst }) {
    Object.assign(this, { studio, onFigures, onFailure, onFirst });
    this.pace = new Pace();
  }

  get source() {
    return this.#source;
  }

  /** Paints this source from now on; the one before is closed. */
  use(source) {
    this.#run += 1;
    this.#source?.close();
    this.#source = source;
    this.#shown = [];
    this.studio.stage.clear();
    this.#go(this.#run).catch((error) => console.warn(error));
  }

  async #go(run) {
    const source = this.#source;
    let coming = this.#capture(source);
    while (run === this.#run) {
      const { frame, small } = await coming;
      const { style } = this.studio;
      const start = performance.now();
      const painting = small && style ? this.#paint(style, small) : null;
      coming = this.#capture(source); // while the worker paints
      const painted = await painting;
      if (run !== this.#run || !frame) {
        frame?.close();
        painted?.painted.close();
        continue;
      }
      this.#show(frame, painted, start);
    }
    const { frame, small } = await coming;
    frame?.close();
    small?.close();
  }

  /** The source's next frame, whole and as small as it is painted; without a small one nothing is to be painted. */
  async #capture(source) {
    await source.next();
    const { state, style } = this.studio;
    const idle = !style || ((state.original || state.strength === 0) && !source.still);
    try {
      const frame = await createImageBitmap(source.image);
      if (idle) return { frame, small: null };
      const [resizeWidth, resizeHeight] = this.pace.size(source);
      // "low" looks the same down to half the size, in half the time; below it loses pixels.
      const resizeQuality = !source.still && 2 * resizeHeight >= source.height ? "low" : "medium";
      return { frame, small: await createImageBitmap(frame, { resizeWidth, resizeHeight, resizeQuality }) };
    } catch (error) {
      console.warn(error); // a camera that has just gone has no picture
      return { frame: null, small: null };
    }
  }

  async #paint(style, small) {
    const { painter } = this.studio;
    const lines = Math.min(small.width, small.height);
    try {
      return { ...(await painter.paint(style, small)), lines };
    } catch (error) {
      if (painter !== this.studio.painter) return null; // it was closed for another one
      this.onFailure(style, error);
      return null;
    }
  }

  #show(frame, painted, start) {
    const source = this.#source;
    this.studio.stage.show(frame, painted?.painted ?? null);
    if (!painted) return;
    if (!source.still) this.pace.took(performance.now() - start, Math.min(source.width, source.height));
    this.#figures(painted);
    this.onFirst?.();
    this.onFirst = null;
  }

  #figures({ ms, lines }) {
    const now = performance.now();
    this.#shown.push(now);
    const first = this.#shown[0];
    if ((now - first < FIGURES && !this.#source.still) || this.#source.gone) return;
    const fps = ((this.#shown.length - 1) * 1000) / (now - first);
    this.#shown = [now];
    this.onFigures({ fps: this.#source.still ? null : fps, lines, ms });
  }
}
