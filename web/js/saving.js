/** Snapshots and recordings of what the canvas shows. */

// H.264 plays everywhere; else VP8, which leaves more of a processor to the painters than VP9.
const KINDS = ["mp4;codecs=avc1.42E01F,mp4a.40.2", "mp4;codecs=avc1.42E01F,opus", "webm;codecs=vp8,opus", "webm", "mp4"];
const BITS = 8_000_000; // a second
const AT_MOST = 30; // frames a second
const PATIENCE = 1000; // ms after a failure, in which the recorder may give its last part

/** Saves the canvas as PNG; resolves to the file's name. Rejects where the browser makes none. */
export async function snapshot(canvas, style) {
  const picture = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!picture) throw new Error("no picture");
  return save(picture, style, "png");
}

/** A film of the canvas, with the sound of `film`, a source, if there is one. */
export class Recording {
  #parts = [];

  /** Starts one; rejects where the browser cannot record. */
  static async begin(canvas, style, film) {
    const kinds = KINDS.map((kind) => `video/${kind}`);
    const kind = kinds.find((candidate) => globalThis.MediaRecorder?.isTypeSupported(candidate));
    if (!kind || !canvas.captureStream) throw new Error("no MediaRecorder");
    const tracks = film ? await film.soundTracks() : [];
    const stream = canvas.captureStream(AT_MOST);
    tracks.forEach((track) => stream.addTrack(track));
    return new Recording(stream, style, kind, film);
  }

  constructor(stream, style, kind, film) {
    Object.assign(this, { style, stream, film });
    this.recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: BITS });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.#parts.push(data));
    // It may also end by itself.
    this.ended = new Promise((resolve) => {
      this.recorder.addEventListener("stop", resolve, { once: true });
      this.recorder.addEventListener("error", () => setTimeout(resolve, PATIENCE), { once: true });
    });
    this.recorder.start(1000);
  }

  end() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }

  /** Saves the file once it has `ended`: its name, or null where nothing was recorded. */
  save() {
    this.stream.getVideoTracks().forEach((track) => track.stop());
    const { mimeType } = this.recorder;
    const film = new Blob(this.#parts, { type: mimeType });
    return film.size ? save(film, this.style, mimeType.includes("mp4") ? "mp4" : "webm") : null;
  }
}

function save(blob, style, ending) {
  const two = (number) => String(number).padStart(2, "0");
  const now = new Date();
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("");
  const link = document.createElement("a");
  link.download = `stylecam-${style}-${day}-${time}.${ending}`;
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return link.download;
}
