/** Webcams: which there are, and one as a source. */
import { VideoSource } from "./sources.js";

const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const PATIENCE = 10_000; // ms for the first picture

/** `[{id, label}]`; names are known only once a camera was allowed. */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId)
    .map(({ deviceId, label }, place) => ({ id: deviceId, label: label || `Camera ${place + 1}` }));
}

/** Whether the user allowed the camera before, so that it can be opened unasked. */
export async function cameraAllowed() {
  try {
    return (await navigator.permissions.query({ name: "camera" })).state === "granted";
  } catch {
    return false; // the browser does not tell
  }
}

/**
 * Opens a camera, without `id` the one that the user allows. `lost(source)` is called when it is unplugged; `signal` is
 * aborted when something else is wanted.
 */
export async function openCamera(id, lost, signal) {
  const which = id ? { deviceId: { exact: id } } : { facingMode: "user" };
  const stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which }, audio: false });
  const source = new CameraSource(stream, id);
  try {
    await Promise.race([source.start(), darkness(source.track, signal)]);
  } catch (error) {
    source.close(); // else it would stay on
    throw error;
  }
  source.track.addEventListener("ended", () => lost(source));
  return source;
}

class CameraSource extends VideoSource {
  constructor(stream, id) {
    const [track] = stream.getVideoTracks();
    super(document.createElement("video"), track.label || "camera");
    const settings = track.getSettings();
    Object.assign(this, { stream, track, id: settings.deviceId ?? id, mirrors: settings.facingMode !== "environment" });
    this.image.srcObject = stream;
  }

  /** Gives the camera back; its last picture stays. */
  release() {
    this.released = true;
    this.stream.getTracks().forEach((track) => track.stop());
  }

  close() {
    super.close();
    this.release();
    this.image.srcObject = null;
  }
}

/** Rejects when it is clear that a camera gives no picture, or when none is wanted any more. */
function darkness(track, signal) {
  return new Promise((_, reject) => {
    const none = () => reject(new DOMException("no picture came", "NoFrames"));
    const look = () => (document.hidden ? setTimeout(look, PATIENCE) : none()); // nobody waits for a hidden page
    setTimeout(look, PATIENCE);
    track.addEventListener("ended", none);
    signal.addEventListener("abort", () => reject(signal.reason));
    if (signal.aborted) reject(signal.reason); // while the user was asked
  });
}
