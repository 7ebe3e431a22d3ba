/** All that can be done on the page, whatever key or button asks for it. */
import { Loop } from "./loop.js";
import { Mender } from "./mender.js";
import { Mixer } from "./mixer.js";
import { Recorder } from "./recorder.js";
import { snapshot } from "./saving.js";
import { SENTENCES } from "./sentences.js";
import { Stage } from "./stage.js";

const STRENGTH_STEP = 0.1;
const CYCLE = 8000; // ms for which a painter stays

export class Studio {
  state = { original: false, split: false, colours: false, mirror: false, strength: 1, hud: true, cycle: false };
  styles = [];
  style = null; // what paints: the chosen one, or a mix
  chosen = null;
  #wanted = null; // what was asked for last
  #timer = 0;

  /** `view` has the canvas and is told what changed: see page.js. */
  constructor(painter, view, messages) {
    Object.assign(this, { painter, view, messages });
    this.recorder = new Recorder(view.canvas, messages, () => this.#changed());
    this.stage = new Stage(view.canvas, this.state, () => this.recorder.resized());
    this.mender = new Mender(this, messages);
    this.mixer = new Mixer(
      this,
      (style) => this.#show(style),
      ({ name }, one, other) =>
        messages.fail(name === "NoMix" ? SENTENCES.noMix(one.title, other.title) : SENTENCES.mixFailed),
    );
    this.loop = new Loop(this, {
      onFigures: (figures) => view.figures(figures),
      onFailure: (style, error) => this.mender.failed(style, error),
      onFirst: () => view.first(),
    });
  }

  get recording() {
    return this.recorder.current;
  }

  get wanted() {
    return this.#wanted;
  }

  get place() {
    return this.styles.indexOf(this.#wanted);
  }

  /** Paints a source from now on, which is closed when the next one comes. */
  use(source) {
    this.state.mirror = source.mirrors;
    this.state.original = false;
    this.recorder.left(this.loop.source);
    this.loop.use(source);
    this.#changed();
  }

  add(style) {
    this.styles.push(style);
    this.view.added(style);
  }

  /** Goes to the style of a number from 0, once it is loaded; until then the one before paints. */
  async choose(place) {
    const style = this.styles[place];
    if (!style) return;
    this.#wanted = style;
    this.view.chosen(place, true);
    try {
      await this.load(style);
    } catch (error) {
      if (this.#wanted === style) await this.mender.failed(style, error);
      return;
    }
    if (this.#wanted !== style) return;
    if (this.chosen !== style) this.mixer.left(this.chosen);
    this.chosen = style;
    this.view.chosen(place, false);
    if (!this.mixer.on) this.#show(style);
  }

  /** Makes a style ready. */
  load(style) {
    return this.mender.load(style);
  }

  /** Chooses what an address asks for, see `linked`. */
  async open({ places, share }) {
    await this.choose(places[0]);
    if (this.place === places[0] && places.length > 1) this.mixer.begin(this.styles[places[1]], share);
    this.#changed();
  }

  mix() {
    if (this.mixer.on) this.mixer.end();
    else if (this.chosen && this.styles.length > 1) this.mixer.begin();
    this.#changed();
  }

  /** Of the other painter in the mix, 0..1. */
  share(share) {
    this.mixer.take(Math.round(100 * share) / 100);
    this.#changed();
  }

  #show(style) {
    if (this.style && this.style !== style && !this.loop.source?.still) this.stage.fade();
    this.style = style;
    this.#changed();
    this.loop.source?.again?.();
  }

  step(direction) {
    const count = this.styles.length;
    return this.choose((this.place + direction + count) % count);
  }

  /** Turns a switch over, or sets it. */
  toggle(name, on = !this.state[name]) {
    this.state[name] = on;
    if (name === "cycle") {
      clearInterval(this.#timer);
      if (on) this.#timer = setInterval(() => this.step(1), CYCLE);
    }
    this.#changed();
  }

  strengthen(steps) {
    this.setStrength(Math.round((this.state.strength + steps * STRENGTH_STEP) * 10) / 10);
  }

  setStrength(strength) {
    this.state.strength = Math.min(1, Math.max(0, strength));
    this.#changed();
  }

  async snapshot() {
    try {
      this.messages.tell(SENTENCES.saved(await snapshot(this.view.canvas, this.style?.name ?? "picture")));
    } catch (error) {
      console.warn(error);
      this.messages.fail(SENTENCES.noSnapshot);
    }
  }

  async record() {
    if (this.recording) this.recorder.end();
    else await this.recorder.begin(this.style?.name ?? "film", this.loop.source);
  }

  /** Paints with another painter from now on. */
  async change(painter) {
    try {
      await (this.style ? painter.load(this.style) : painter.started);
    } catch (error) {
      painter.close();
      throw error;
    }
    const before = this.painter;
    this.painter = painter;
    before.close();
    this.loop.source?.again?.(); // what the one before did not finish
  }

  /** Goes on without a style that cannot be had, or cannot paint; else each frame would fail anew. */
  giveUp(style) {
    if (this.style === style) {
      this.style = this.chosen = null;
      this.mixer.left(null);
      this.stage.unpaint();
      this.view.noFigures();
      this.#changed();
    }
    if (!this.style) this.view.stopWaiting();
    this.#wanted = this.chosen;
    this.view.chosen(this.place, false);
  }

  #changed() {
    this.stage.redraw();
    this.view.changed(this.state, this);
  }
}
