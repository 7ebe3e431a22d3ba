/** What the page says. Each is one sentence that names the thing and the remedy. */

const CAMERA = {
  NotAllowedError:
    "The camera was refused: allow it in the browser's settings for this page, beside the address, then choose it again.",
  NotFoundError: "There is no camera here: plug one in and choose it, or drop a picture or film on this page.",
  NotReadableError: "The camera is used by another program: close that program, then choose the camera again.",
};
CAMERA.NoFrames = "The camera gives no pictures: close other programs that use it, plug it in again, and choose it again.";
CAMERA.SecurityError = CAMERA.NotAllowedError;
CAMERA.OverconstrainedError = CAMERA.NotFoundError;
CAMERA.AbortError = CAMERA.NotReadableError;

/** Why the camera could not be opened, of the error that the browser gave. */
export function cameraSentence(error) {
  return CAMERA[error.name] ?? `The camera cannot be opened (${error.name}): choose another one, or reload this page.`;
}

export const SENTENCES = {
  insecure: "A browser gives its camera to safe addresses only: open this page by https, or as localhost.",
  unplugged: "The camera is gone: plug it in again and it goes on, or choose another source.",
  oneThread:
    "WebAssembly threads are missing here, so one thread paints, at fewer lines: reload the page, or update the browser.",
  oneThreadInsecure:
    "Browsers give threads to safe addresses only, so one thread paints, at fewer lines: open this page by https, or as localhost.",
  noWasm: "This browser lacks WebAssembly SIMD, which the painters need: update it, or open this page in another one.",
  noStyles: "The painters cannot be loaded: check the connection, then reload this page.",
  noRecording: "This browser cannot record: take snapshots, or open this page in another one.",
  nothingRecorded: "Nothing was recorded: record again, for a second or longer.",
  recordingResized: (name) => `The picture changed its size, so the recording ended as ${name}: record again to go on.`,
  recordingLeft: (name) => `The film is over, so its recording ended as ${name}: record again to go on.`,
  recordingStopped: (name) => `The browser ended the recording, which is saved as ${name}: record again to go on.`,
  noSnapshot: "The snapshot cannot be made: press s again, or reload this page.",
  copied: "The link to this painter is copied.",
  noWorker:
    "The painters cannot start: reload this page, or update the browser, which needs module workers and OffscreenCanvas.",
  painterStopped: "The painters have stopped: reload this page.",
  notLoaded: (title) => `${title} cannot be loaded: check the connection, then choose it again.`,
  painterFailed: (title) => `${title} cannot paint here: choose another painter.`,
  noMix: (one, other) => `${one} and ${other} cannot be mixed: mix painters that were trained from the same network.`,
  mixFailed: "The mix cannot be made: check the connection, then press x again.",
  noStyle: (name) => `${name} is no style file: drop an .onnx file that stylecam made.`,
  noMedia: (name) => `${name} cannot be shown by this browser: drop a JPEG, PNG, WebP, MP4 or WebM file.`,
  added: (title) => `${title} is the newest painter, until this page is closed.`,
  saved: (name) => `Saved as ${name}.`,
  link: (url) => `The link to this painter: ${url}`,
  unknownStyle: (name) => `There is no painter "${name}" here: choose one of these.`,
};
