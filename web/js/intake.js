/** What the user gives the page: a camera, files, the demo. Every failure is told in one sentence. */
import { listCameras, openCamera } from "./camera.js";
import { openFilm } from "./film.js";
import { styleOfFile } from "./gallery.js";
import { SENTENCES, cameraSentence } from "./sentences.js";
import { DemoSource, openPicture } from "./sources.js";

const STYLE_FILE = /\.onnx$/i;

export class Intake {
  #lost = null; // the camera that was unplugged
  #asking = new AbortController(); // for what was asked for last; aborted when something else is wanted

  #opening = Promise.resolve(); // a camera

  /** `sources` is the page's list of sources. */
  constructor(studio, messages, sources) {
    Object.assign(this, { studio, messages, sources });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#devicesChanged());
  }

  demo() {
    this.#use(new DemoSource(matchMedia("(orientation: portrait)").matches), "demo");
  }

  /** Opens a camera by its id, or the one that the user allows; resolves to whether it is there. */
  async camera(id = "") {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.messages.fail(SENTENCES.insecure);
      this.sources.show();
      return false;
    }
    const signal = this.#ask();
    const before = this.studio.loop.source;
    before.release?.(); // many phones have only one camera on at a time
    try {
      await this.#open(id, signal);
      this.messages.hide();
      await this.refresh();
      return true;
    } catch (error) {
      if (signal.aborted) return false; // nobody waits for it any more
      console.warn(error);
      this.messages.fail(cameraSentence(error));
      await this.#back(before, signal);
      return false;
    }
  }

  async #open(id, signal) {
    // After the one before: that may be given back only now.
    this.#opening = this.#opening.catch(() => {}).then(() => {
      signal.throwIfAborted();
      return openCamera(id, (lost) => this.#unplugged(lost), signal);
    });
    const source = await this.#opening;
    if (signal.aborted) source.close();
    signal.throwIfAborted();
    this.#use(source, `camera:${source.id}`);
  }

  /** Another camera could not be opened: opens the one again that was on. */
  async #back(before, signal) {
    try {
      if (before.release && before !== this.#lost) await this.#open(before.id, signal);
      else this.sources.show();
    } catch (error) {
      console.warn(error);
      if (!signal.aborted) this.demo();
    }
  }

  /** Pictures, films and style files, as dropped or chosen. */
  async files(files) {
    const given = [...files];
    for (const file of given.filter(({ name }) => STYLE_FILE.test(name))) await this.#style(file);
    const shown = given.find(({ name }) => !STYLE_FILE.test(name));
    if (shown) await this.#media(shown);
  }

  async refresh() {
    this.sources.cameras(await listCameras());
  }

  async #style(file) {
    try {
      const style = await styleOfFile(file);
      await this.studio.load(style);
      this.studio.add(style);
      await this.studio.choose(this.studio.styles.length - 1);
      this.messages.tell(SENTENCES.added(style.title));
    } catch (error) {
      console.warn(error);
      this.messages.fail(this.studio.painter.failed ? SENTENCES.painterStopped : SENTENCES.noStyle(file.name));
    }
  }

  async #media(file) {
    const signal = this.#ask();
    try {
      const source = await (file.type.startsWith("video/") ? openFilm(file) : openPicture(file));
      if (signal.aborted) source.close();
      else this.#use(source, "file");
    } catch (error) {
      console.warn(error);
      this.messages.fail(SENTENCES.noMedia(file.name));
      const { source } = this.studio.loop;
      if (source.released && !signal.aborted) await this.#back(source, signal); // it was on while another one was asked for
    }
  }

  #ask() {
    this.#asking.abort();
    this.#asking = new AbortController();
    return this.#asking.signal;
  }

  #use(source, value) {
    this.#asking.abort();
    if (this.#lost) this.messages.hide(); // it said that the camera is gone
    this.#lost = null;
    this.studio.use(source);
    this.sources.show(value, source.name);
  }

  #unplugged(source) {
    if (this.studio.loop.source !== source) return;
    this.#lost = source;
    source.gone = true;
    this.studio.view.noFigures();
    this.sources.show("gone", source.name);
    this.messages.stay(SENTENCES.unplugged);
  }

  async #devicesChanged() {
    await this.refresh();
    const back = this.#lost && (await listCameras()).some(({ id }) => id === this.#lost?.id);
    if (back) await this.camera(this.#lost.id);
  }
}
