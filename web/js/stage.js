/** What is shown: the frame and its painting on one canvas, in the state that the controls have set. */

export const LONGEST = 1920; // px, of the canvas
const FADE = 5; // frames in which a new style comes

export class Stage {
  #frame = null; // ImageBitmaps of the same moment
  #painted = null;
  #before = null; // the last painting in the style before
  #fading = 0;

  /** `resizing()` is called before the canvas changes its size. */
  constructor(canvas, state, resizing) {
    Object.assign(this, { canvas, state, resizing });
    this.context = canvas.getContext("2d", { alpha: false });
  }

  /** Shows a frame and its painting, which may be missing; both are used up. */
  show(frame, painted) {
    this.#frame?.close();
    this.#frame = frame;
    if (painted) {
      if (this.#painted !== this.#before) this.#painted?.close();
      this.#painted = painted;
      if (this.#fading > 0) this.#fading -= 1;
    } else if (this.state.original || this.state.strength === 0) this.#drop(); // too old once it may be seen again
    this.#resize(frame);
    this.redraw();
  }

  /** The next paintings come in another style, and cover this one slowly. */
  fade() {
    if (this.#before !== this.#painted) this.#before?.close();
    this.#before = this.#painted;
    this.#fading = FADE + 1;
  }

  /** Forgets the pictures: another source follows. */
  clear() {
    this.#drop();
    this.#frame?.close();
    this.#frame = null;
  }

  /** Shows the frame alone: nothing paints it any more. */
  unpaint() {
    this.#drop();
    this.redraw();
  }

  #drop() {
    for (const bitmap of new Set([this.#painted, this.#before])) bitmap?.close();
    this.#painted = this.#before = null;
    this.#fading = 0;
  }

  redraw() {
    if (!this.#frame) return;
    const { context: c, canvas, state } = this;
    const { width, height } = canvas;
    const place = () => c.setTransform(state.mirror ? -1 : 1, 0, 0, 1, state.mirror ? width : 0, 0);
    c.imageSmoothingQuality = "medium"; // looks as "high" does, in half the time
    place();
    c.drawImage(this.#frame, 0, 0, width, height);
    if (this.#painted && !state.original) this.#paint(width, height);
    if (this.#painted && !state.original && state.split) {
      c.resetTransform();
      c.save();
      c.beginPath();
      c.rect(0, 0, width / 2, height);
      c.clip();
      place();
      c.drawImage(this.#frame, 0, 0, width, height);
      c.restore();
      c.resetTransform();
      c.fillStyle = "#fff";
      c.fillRect(Math.round(width / 2) - 1, 0, Math.max(2, Math.round(width / 320)), height);
    }
    c.resetTransform();
  }

  #paint(width, height) {
    const { context: c, state } = this;
    const fresh = this.#fading > 0 && this.#before && this.#before !== this.#painted ? 1 - this.#fading / (FADE + 1) : 1;
    // Luminosity: the painting's luma in the frame's own colours.
    c.globalCompositeOperation = state.colours ? "luminosity" : "source-over";
    if (fresh < 1) {
      c.globalAlpha = state.strength;
      c.drawImage(this.#before, 0, 0, width, height);
    }
    c.globalAlpha = state.strength * fresh;
    c.drawImage(this.#painted, 0, 0, width, height);
    c.globalAlpha = 1;
    c.globalCompositeOperation = "source-over";
  }

  #resize(frame) {
    const scale = Math.min(1, LONGEST / Math.max(frame.width, frame.height));
    const [width, height] = [Math.round(frame.width * scale), Math.round(frame.height * scale)];
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.resizing();
    this.canvas.width = width;
    this.canvas.height = height;
  }
}
