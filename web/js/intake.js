/** What the user gives the page: a camera, files, the demo. Every failure is told in one sentence. */
import { listCameras, openCamera } from "./camera.js";
import { openFilm } from "./film.js";
import { styleOfFile } from "./gallery.js";
import { SENTENCES, cameraSentence } from "./sentences.js";
import { DemoSource, openPicture } from "./sources.js";

const STYLE_FILE = /\.onnx$/i;

export class Intake {
  #lost = null; // the camera that was unplugged
  #asked = 0;

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
    const asked = (this.#asked += 1);
    try {
      const source = await openCamera(id, () => this.#unplugged(source));
      if (asked !== this.#asked) {
        source.close(); // something else was chosen meanwhile
        return false;
      }
      this.messages.hide();
      this.#use(source, `camera:${source.id}`);
      await this.refresh();
      return true;
    } catch (error) {
      console.warn(error);
      this.messages.fail(cameraSentence(error));
      this.sources.show();
      return false;
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
      await this.studio.painter.load(style);
      this.studio.add(style);
      await this.studio.choose(this.studio.styles.length - 1);
      this.messages.tell(SENTENCES.added(style.title));
    } catch (error) {
      console.warn(error);
      this.messages.fail(SENTENCES.noStyle(file.name));
    }
  }

  async #media(file) {
    const asked = (this.#asked += 1);
    try {
      const source = await (file.type.startsWith("video/") ? openFilm(file) : openPicture(file));
      if (asked === this.#asked) this.#use(source, "file");
      else source.close();
    } catch (error) {
      console.warn(error);
      this.messages.fail(SENTENCES.noMedia(file.name));
    }
  }

  #use(source, value) {
    this.#asked += 1;
    this.#lost = null;
    this.studio.use(source);
    this.sources.show(value, source.name);
  }

  #unplugged(source) {
    if (this.studio.loop.source !== source) return;
    this.#lost = source.id;
    this.messages.fail(SENTENCES.unplugged);
  }

  async #devicesChanged() {
    await this.refresh();
    const back = this.#lost && (await listCameras()).some(({ id }) => id === this.#lost);
    if (back) await this.camera(this.#lost);
  }
}
