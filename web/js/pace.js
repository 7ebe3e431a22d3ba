/** The size at which frames are painted, so that the picture keeps its rate on every machine. */

export const RATE = 24; // frames a second that are held
const BUDGET = 1000 / RATE;
const STEP = 16; // lines, so that the strokes do not change their size all the time
const FEWEST = 160; // with fewer, nothing is left of the painter's strokes
const MOST = 720; // more lines only make the strokes smaller
const FIRST = 240; // before anything was measured
const SETTLING = 3; // frames after a change, in which memory is laid out anew
const SAMPLE = 10; // frames that decide
const SPARE = 0.85; // of the time, before more lines are tried

/** Told how long frames took, says at how many lines (px of the shorter side) the next one is painted. */
export class Pace {
  #times = [];
  #settling = SETTLING;

  constructor() {
    this.lines = FIRST;
  }

  /** Width and height for a source's frame; `still` pictures have all the time there is. */
  size({ width, height, still = false }) {
    const lines = Math.min(still ? MOST : this.lines, width, height);
    const scale = lines / Math.min(width, height);
    return [Math.max(32, Math.round(width * scale)), Math.max(32, Math.round(height * scale))];
  }

  /** A frame took `ms` from its capture to the screen; `most` is the source's own number of lines. */
  took(ms, most) {
    if (this.#settling > 0) {
      this.#settling -= 1;
      return;
    }
    this.#times.push(ms);
    if (this.#times.length < SAMPLE) return;
    const median = this.#times.sort((a, b) => a - b)[SAMPLE >> 1];
    this.#times = [];
    const fitting = (share) => this.#lines(Math.min(this.lines, most) * Math.sqrt((share * BUDGET) / median), most);
    if (median > BUDGET) this.#change(fitting(0.95));
    else if (fitting(SPARE) > this.lines) this.#change(fitting(SPARE));
  }

  #lines(wanted, most) {
    const ceiling = Math.max(FEWEST, Math.min(MOST, Math.ceil(most / STEP) * STEP));
    return Math.min(ceiling, Math.max(FEWEST, Math.floor(wanted / STEP) * STEP));
  }

  #change(lines) {
    if (lines === this.lines) return;
    this.lines = lines;
    this.#settling = SETTLING;
  }
}
