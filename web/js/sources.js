/**
 * Where frames come from. A source has `width`, `height`, `image` (what a canvas can draw: its newest frame), `name`,
 * `mirrors` (whether a person expects a mirror), `still`, `next()` (resolves when there is a frame that was not given
 * yet) and `close()`.
 */
import { SCENE_RATE, Scene } from "./demo-scene.js";
import { LONGEST } from "./stage.js";

/** What a video element plays: see film.js and camera.js. */
export class VideoSource {
  mirrors = false;
  still = false;
  #fresh = true;
  #wake = null;
  #closed = false;

  constructor(video, name) {
    this.image = video;
    this.name = name;
    video.muted = true; // else a browser may refuse to play
    video.playsInline = true;
  }

  /** Resolves when the first frame is there. */
  async start() {
    const video = this.image;
    const ready = new Promise((resolve, reject) => {
      video.addEventListener("loadeddata", resolve, { once: true });
      video.addEventListener("error", () => reject(video.error), { once: true });
    });
    await Promise.all([ready, video.play()]);
    if (!video.videoWidth) throw new Error("it has no picture");
    this.#watch();
  }

  /** Notes each new frame, also one that comes while the last one is painted. */
  #watch() {
    const arrived = () => {
      if (this.#closed) return;
      this.#fresh = true;
      this.#wake?.();
      this.#watch();
    };
    if (this.image.requestVideoFrameCallback) this.image.requestVideoFrameCallback(arrived);
    else requestAnimationFrame(arrived);
  }

  get width() {
    return this.image.videoWidth;
  }

  get height() {
    return this.image.videoHeight;
  }

  async next() {
    if (!this.#fresh) await new Promise((resolve) => (this.#wake = resolve));
    this.#fresh = false;
  }

  close() {
    this.#closed = true;
    this.#wake?.(); // who waits for a frame waits no longer
    this.image.pause();
  }
}

/** A picture, turned upright. */
export class PictureSource {
  mirrors = false;
  still = true;
  #given = false;
  #wake = null;

  constructor(image, name) {
    this.image = image;
    this.name = name;
    this.width = image.width;
    this.height = image.height;
  }

  /** Resolves once, and again after each `again()`. */
  async next() {
    if (this.#given) await new Promise((resolve) => (this.#wake = resolve));
    this.#given = true;
  }

  again() {
    this.#given = false;
    this.#wake?.();
  }

  close() {
    this.again();
    this.image.close();
  }
}

/** Reads a picture file, as large as it is shown. Rejects where the browser cannot. */
export async function openPicture(file) {
  const whole = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = LONGEST / Math.max(whole.width, whole.height);
  if (scale >= 1) return new PictureSource(whole, file.name);
  const [resizeWidth, resizeHeight] = [whole.width, whole.height].map((side) => Math.max(1, Math.round(side * scale)));
  const smaller = await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: "high" });
  whole.close();
  return new PictureSource(smaller, file.name);
}

/** The animated scene, for machines without a camera. */
export class DemoSource {
  name = "demo";
  mirrors = false;
  still = false;
  #shown = -Infinity;

  constructor(portrait) {
    [this.width, this.height] = portrait ? [480, 640] : [720, 480];
    this.image = document.createElement("canvas");
    this.image.width = this.width;
    this.image.height = this.height;
    this.scene = new Scene(this.image.getContext("2d"), this.width, this.height);
  }

  async next() {
    // A page that nobody sees gets no animation frames, and so it rests.
    while (document.hidden || performance.now() - this.#shown < 1000 / SCENE_RATE - 4) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    this.#shown = performance.now();
    this.scene.draw(this.#shown / 1000);
  }

  close() {}
}
