/** The mean levels of what styles paint, by which the light of a mix is put right. */
import { toBgr } from "./pixels.js";

export class Levels {
  #known = new Map(); // by style
  #picture = null; // a promise

  /** `paint(bytes, input, width, height)` resolves to what a style file makes of a picture, uint8 BGR. */
  constructor(paint) {
    this.paint = paint;
  }

  /** Of a style `{id, bytes}`: three numbers, blue, green and red. */
  async of({ id, bytes }) {
    if (!this.#known.has(id)) this.#known.set(id, await this.measured(bytes));
    return this.#known.get(id);
  }

  async measured(bytes) {
    this.#picture ??= testPicture();
    this.#picture.catch(() => (this.#picture = null)); // the next mix asks for it anew
    const { input, width, height } = await this.#picture;
    const output = await this.paint(bytes, input, width, height);
    const sums = [0, 0, 0];
    output.forEach((level, place) => (sums[place % 3] += level));
    return sums.map((sum) => (3 * sum) / output.length);
  }
}

/** A picture with a photograph's spectrum, as the build made it. */
async function testPicture() {
  const answer = await fetch(new URL("../styles/levels.webp", import.meta.url));
  if (!answer.ok) throw new Error(`styles/levels.webp: ${answer.status}`);
  const picture = await createImageBitmap(await answer.blob());
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(picture, 0, 0);
  picture.close();
  const input = new Uint8Array(width * height * 3);
  toBgr(context.getImageData(0, 0, width, height).data, input);
  return { input, width, height };
}
