/** Snapshots and recordings of what the canvas shows. */

// H.264 plays everywhere; else VP8, which leaves more of a processor to the painters than VP9.
const KINDS = ["mp4;codecs=avc1.42E01F,mp4a.40.2", "mp4;codecs=avc1.42E01F,opus", "webm;codecs=vp8,opus", "webm", "mp4"];
const BITS = 8_000_000; // a second
const AT_MOST = 30; // frames a second

/** Saves the canvas as PNG; resolves to the file's name. */
export async function snapshot(canvas, style) {
  const picture = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return save(picture, style, "png");
}

/** A film of the canvas, with the sound of `video` if it has one. */
export class Recording {
  #parts = [];

  /** Starts one; rejects where the browser cannot record. */
  static async begin(canvas, style, video) {
    const kinds = KINDS.map((kind) => `video/${kind}`);
    const kind = kinds.find((candidate) => globalThis.MediaRecorder?.isTypeSupported(candidate));
    if (!kind || !canvas.captureStream) throw new Error("no MediaRecorder");
    const tracks = video ? await sound(video) : [];
    const stream = canvas.captureStream(AT_MOST);
    tracks.forEach((track) => stream.addTrack(track));
    return new Recording(stream, style, kind);
  }

  constructor(stream, style, kind) {
    this.style = style;
    this.stream = stream;
    this.recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: BITS });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.#parts.push(data));
    this.recorder.start(1000);
  }

  /** Ends it and saves the file; resolves to its name. */
  async end() {
    const ended = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
    this.recorder.stop();
    await ended;
    this.stream.getVideoTracks().forEach((track) => track.stop());
    const { mimeType } = this.recorder;
    return save(new Blob(this.#parts, { type: mimeType }), this.style, mimeType.includes("mp4") ? "mp4" : "webm");
  }
}

const outputs = new WeakMap(); // of a film's sound; a browser lets it be led off once only

async function sound(video) {
  if (!outputs.has(video)) {
    const context = new AudioContext();
    const output = context.createMediaStreamDestination();
    const input = context.createMediaElementSource(video);
    input.connect(output);
    input.connect(context.destination);
    outputs.set(video, output);
  }
  await outputs.get(video).context.resume(); // a recording that starts before its sound would have none
  return outputs.get(video).stream.getAudioTracks();
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
