/** Another painter in the one that is chosen: their mix is made anew, beside the frames, whenever its share changes. */

export class Mixer {
  share = 0.5; // of the other one
  #other = null;
  #before = null; // the painter that was chosen before
  #made = ""; // the id of the mix that paints
  #making = false;

  /** `studio` has `chosen`, `styles` and `painter`; `show(style)` paints with it; `failed(error, one, other)` says so. */
  constructor(studio, show, failed) {
    Object.assign(this, { studio, show, failed });
  }

  get on() {
    return this.#other !== null;
  }

  /** The painter `style` was left for another one, which ends the mix. */
  left(style) {
    this.#before = style;
    this.#other = null;
  }

  /** Mixes `other` in, else the painter that was chosen before; where none was, the next one. */
  begin(other = this.#before, share = this.share) {
    const { chosen, styles } = this.studio;
    this.#other = other && other !== chosen ? other : styles[(styles.indexOf(chosen) + 1) % styles.length];
    this.#made = "";
    this.take(share);
  }

  end() {
    this.#other = null;
    if (this.studio.chosen) this.show(this.studio.chosen);
  }

  /** The other painter has this share from now on, 0..1. */
  take(share) {
    this.share = Math.min(1, Math.max(0, share));
    this.#follow();
  }

  async #follow() {
    if (this.#making) return; // it looks again at its end
    this.#making = true;
    try {
      for (let next = this.#wanted(); next && next.id !== this.#made; next = this.#wanted()) await this.#make(next);
    } finally {
      this.#making = false;
    }
  }

  #wanted() {
    const { chosen } = this.studio;
    return this.on && chosen ? between(chosen, this.#other, this.share) : null;
  }

  async #make(wanted) {
    const { painter } = this.studio;
    const [one, other] = wanted.parts;
    try {
      const bytes = wanted.share > 0 && wanted.share < 1 ? await painter.mix(one, other, wanted.share) : null;
      const style = bytes ? { ...wanted, bytes: async () => bytes.slice().buffer } : wanted.share ? other : one;
      await painter.load(style);
      if (this.#wanted()?.id !== wanted.id) return;
      this.#made = wanted.id;
      this.show(style);
    } catch (error) {
      if (painter !== this.studio.painter) return; // it was closed for another one: once more
      console.warn(error);
      this.end();
      this.failed(error, one, other);
    }
  }
}

/** What a mix is called. Its `link` stands in addresses. */
function between(one, other, share) {
  const percent = Math.round(100 * share);
  const each = (key) => [...new Set([one[key], other[key]].filter(Boolean))].join("; ");
  return {
    id: `${one.id}+${other.id} ${percent}`,
    parts: [one, other],
    share: percent / 100,
    name: percent === 50 ? `${one.name}+${other.name}` : `${one.name}-${100 - percent}+${other.name}-${percent}`,
    link: `${one.name}:${(100 - percent) / 100}+${other.name}:${percent / 100}`,
    title: `${one.title} ${100 - percent} % + ${other.title} ${percent} %`,
    artist: each("artist"),
    year: "",
    thumbnail: "",
  };
}
