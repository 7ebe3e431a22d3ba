/** Webcams: which there are, and one as a source. */
import { VideoSource } from "./sources.js";

const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

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

/** Opens a camera, without `id` the one that the user allows; `lost` is called when it is unplugged. */
export async function openCamera(id, lost) {
  const which = id ? { deviceId: { exact: id } } : { facingMode: "user" };
  const stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which }, audio: false });
  const [track] = stream.getVideoTracks();
  const video = document.createElement("video");
  video.srcObject = stream;
  const source = new VideoSource(video, track.label || "camera");
  const settings = track.getSettings();
  source.id = settings.deviceId ?? id;
  source.mirrors = settings.facingMode !== "environment";
  source.stream = stream;
  track.addEventListener("ended", lost);
  await source.start();
  return source;
}
