/** Frame by frame: from the source to the painter to the stage. One frame is painted while the source makes the next. */
import { Pace } from "./pace.js";

const FIGURES = 1000; // ms between two figures

export class Loop {
  #source = null;
  #run = 0;
  #shown = [];

  /**
   * `studio` has `painter`, `style` and `stage`; `onFigures({fps, lines, ms})` is told once a second,
   * `onFailure(style)` when a style cannot paint, `onFirst()` when the first painting is shown.
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
    this.#go(this.#run);
  }

  async #go(run) {
    const source = this.#source;
    while (run === this.#run) {
      await source.next();
      if (run !== this.#run) return;
      try {
        await this.#turn(source, run);
      } catch (error) {
        if (run !== this.#run) return;
        console.warn(error);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    }
  }

  async #turn(source, run) {
    const { stage, style, state } = this.studio;
    const start = performance.now();
    if (!source.width) return; // a camera that has just gone
    const frame = await createImageBitmap(source.image);
    const idle = !style || ((state.original || state.strength === 0) && !source.still);
    const painted = idle ? null : await this.#painting(style, source, frame);
    if (run !== this.#run) {
      frame.close();
      painted?.painted.close();
      return;
    }
    stage.show(frame, painted?.painted ?? null);
    if (!painted) return;
    if (!source.still) this.pace.took(performance.now() - start, Math.min(source.width, source.height));
    this.#figures(painted);
    this.onFirst?.();
    this.onFirst = null;
  }

  async #painting(style, source, frame) {
    const { painter } = this.studio;
    const [width, height] = this.pace.size(source);
    const small = await createImageBitmap(frame, { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" });
    try {
      const { painted, ms } = await painter.paint(style, small);
      return { painted, ms, lines: Math.min(width, height) };
    } catch (error) {
      if (painter !== this.studio.painter) return null; // it was closed for another one
      console.warn(error);
      this.onFailure(style);
      return null;
    }
  }

  #figures({ ms, lines }) {
    const now = performance.now();
    this.#shown.push(now);
    const first = this.#shown[0];
    if (now - first < FIGURES && !this.#source.still) return;
    const fps = ((this.#shown.length - 1) * 1000) / (now - first);
    this.#shown = [now];
    this.onFigures({ fps: this.#source.still ? null : fps, lines, ms });
  }
}
