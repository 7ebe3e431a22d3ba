/** Starts the page and ties keys, buttons and files to the studio. */
import { cameraAllowed } from "./camera.js";
import { listen } from "./controls.js";
import { bundledStyles } from "./gallery.js";
import { Intake } from "./intake.js";
import { isolate } from "./isolation.js";
import { linked } from "./link.js";
import { Messages } from "./messages.js";
import { Sources, View, acceptDrops, quietFullscreen } from "./page.js";
import { Painter, threadsHere } from "./painter.js";
import { SENTENCES } from "./sentences.js";
import { Studio } from "./studio.js";

// The smallest module with an instruction of WebAssembly's SIMD.
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
const SHARE_STEP = 0.1; // of a key, for the mix
const find = (selector) => document.querySelector(selector);

async function start() {
  const messages = new Messages(find("#message"));
  if (!globalThis.WebAssembly?.validate(new Uint8Array(SIMD))) {
    document.body.classList.remove("starting");
    messages.stay(SENTENCES.noWasm);
    return;
  }
  if (await isolate()) return; // the page is loaded anew
  const painter = new Painter("wasm", threadsHere());
  const view = new View((place) => studio.choose(place));
  const studio = new Studio(painter, view, messages);
  const intake = new Intake(studio, messages, new Sources(view));
  wire(studio, intake);
  globalThis.stylecam = studio; // for who looks in with the browser's tools
  intake.demo();
  if (!globalThis.crossOriginIsolated) messages.tell(isSecureContext ? SENTENCES.oneThread : SENTENCES.oneThreadInsecure);
  open(intake).catch((error) => console.warn(error)); // a camera may take long, or never give a picture
  await paint(studio, messages);
  if (studio.style) await faster(studio);
}

/** Goes on with another painter where that is faster; meanwhile the page paints. */
async function faster(studio) {
  const { fasterPainter } = await import("./fastest.js");
  const other = await fasterPainter(studio.painter, studio.style).catch(() => null);
  if (other) await studio.change(other).catch((error) => console.warn(error)); // the one before goes on
}

async function paint(studio, messages) {
  try {
    (await bundledStyles()).forEach((style) => studio.add(style));
  } catch (error) {
    console.warn(error);
    studio.view.stopWaiting();
    messages.stay(SENTENCES.noStyles);
    return;
  }
  addEventListener("hashchange", () => follow(studio, messages));
  await follow(studio, messages);
}

/** Chooses the painter of the address, else the one that is on. */
async function follow(studio, messages) {
  const asked = linked(location.hash, studio.styles);
  if (asked?.unknown !== undefined) messages.tell(SENTENCES.unknownStyle(asked.unknown.slice(0, 40)));
  if (asked?.places) await studio.open(asked);
  else if (studio.place < 0) await studio.choose(0);
}

async function open(intake) {
  await intake.refresh();
  if (await cameraAllowed()) await intake.camera();
}

function wire(studio, intake) {
  const help = find("#help");
  const acts = {
    style: (place) => studio.choose(place),
    "next-style": () => studio.step(1),
    "previous-style": () => studio.step(-1),
    original: () => studio.toggle("original"),
    split: () => studio.toggle("split"),
    strength: (place) => studio.strengthen(place ? 1 : -1),
    mix: () => studio.mix(),
    "mix-share": (place) => studio.share(studio.mixer.share + (place ? SHARE_STEP : -SHARE_STEP)),
    "preserve-color": () => studio.toggle("colours"),
    mirror: () => studio.toggle("mirror"),
    snapshot: () => studio.snapshot(),
    record: () => studio.record(),
    fullscreen,
    hud: () => studio.toggle("hud"),
    help: () => help.showModal(),
    "auto-cycle": () => studio.toggle("cycle"),
    share: () => share(studio),
    camera: () => intake.camera(),
    open: () => find("#file").click(),
    dismiss: () => (find("#welcome").hidden = true),
  };
  listen((name, place) => acts[name](place));
  for (const button of document.querySelectorAll("[data-act]")) {
    button.addEventListener("click", () => acts[button.dataset.act](0));
  }
  find("#strength").addEventListener("input", ({ target }) => studio.setStrength(target.value / 100));
  find("#share").addEventListener("change", ({ target }) => studio.share(target.value / 100));
  find("#source").addEventListener("change", ({ target }) => {
    if (target.value === "demo") intake.demo();
    else if (target.value.startsWith("camera:")) intake.camera(target.value.slice("camera:".length));
    target.blur(); // the keys are the page's again
  });
  find("#file").addEventListener("change", ({ target }) => {
    intake.files(target.files);
    target.value = ""; // the same file may be chosen again
  });
  // After a click the keys are the page's again; who came by the keyboard stays where they are.
  addEventListener("click", ({ detail, target }) => detail > 0 && target.closest("button")?.blur());
  help.addEventListener("click", ({ target }) => target === help && help.close());
  acceptDrops((files) => intake.files(files));
  quietFullscreen();
}

async function fullscreen() {
  try {
    await (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  } catch (error) {
    console.warn(error); // a browser that refuses it says so itself
  }
}

async function share({ style, messages }) {
  const url = location.href;
  try {
    if (navigator.share) await navigator.share({ title: style?.title, url });
    else {
      await navigator.clipboard.writeText(url);
      messages.tell(SENTENCES.copied);
    }
  } catch (error) {
    if (error.name !== "AbortError") messages.tell(SENTENCES.link(url));
  }
}

start();
