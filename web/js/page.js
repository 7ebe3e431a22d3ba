/** The page's elements: what they show, and what they ask for. */
import { fillHelp } from "./controls.js";
import { Gallery, caption } from "./gallery.js";
import { linkTo } from "./link.js";

const QUIET = 3000; // ms without a hand, after which full screen shows the picture alone
const find = (selector) => document.querySelector(selector);

/** Tells the page's elements what the studio does. */
export class View {
  canvas = find("#picture");
  #source = "demo";
  #style = null;

  constructor(chosen) {
    this.gallery = new Gallery(find("#painters"), chosen);
    fillHelp(find("#keys"));
    const buttons = [...document.querySelectorAll("[data-act]")];
    this.switches = Object.fromEntries(buttons.map((button) => [button.dataset.act, button]));
    if (!document.fullscreenEnabled) this.switches.fullscreen.hidden = true; // an iPhone's browsers have none
  }

  added(style) {
    this.gallery.add(style);
  }

  chosen(place, loading) {
    this.gallery.choose(place);
    find("#painters").setAttribute("aria-busy", String(loading));
  }

  changed(state, { style, recording, mixer }) {
    const named = { "preserve-color": state.colours, "auto-cycle": state.cycle, mix: mixer.on };
    const on = { ...state, ...named, record: recording !== null };
    for (const [name, button] of Object.entries(this.switches)) {
      if (name in on) button.setAttribute("aria-pressed", String(on[name]));
    }
    slide(find("#strength"), state.strength);
    slide(find("#share"), mixer.share);
    document.body.classList.toggle("mixing", mixer.on);
    document.body.classList.toggle("bare", !state.hud);
    document.body.classList.toggle("recording", recording !== null);
    if (style === this.#style || !style) return;
    this.#style = style;
    find("#title").textContent = style.title;
    find("#artist").textContent = [style.artist, style.year].filter(Boolean).join(", ");
    history.replaceState(null, "", linkTo(style));
    this.#describe();
  }

  source(name) {
    this.#source = name;
    this.#describe();
  }

  figures({ fps, lines, ms }) {
    find("#figures").textContent = fps === null ? `${lines} lines` : `${Math.round(fps)} fps · ${lines} lines`;
    find("#figures").title = `${Math.round(ms)} ms in the network`;
  }

  noFigures() {
    find("#figures").textContent = "";
  }

  /** The painters are there, or will not come. */
  stopWaiting() {
    document.body.classList.remove("starting");
  }

  first() {
    this.stopWaiting();
    performance.mark("first-painting");
  }

  #describe() {
    const what = this.#source === "demo" ? "The demo scene" : this.#source;
    this.canvas.setAttribute("aria-label", this.#style ? `${what}, painted as ${caption(this.#style)}` : what);
  }
}

function slide(slider, share) {
  slider.value = String(Math.round(100 * share));
  slider.style.setProperty("--share", `${slider.value}%`);
}

/** The list of sources. */
export class Sources {
  #shown = "demo";

  constructor(view) {
    this.list = find("#source");
    this.view = view;
  }

  /** Shows which source is on; without a value the one that was on stays. */
  show(value = this.#shown, name = "") {
    this.#shown = value;
    const file = this.list.querySelector('[value="file"]');
    const gone = this.list.querySelector('[value="gone"]');
    file.hidden = value !== "file";
    gone.hidden = value !== "gone";
    if (value === "gone" && name) gone.textContent = `${name} (gone)`;
    if (value === "file" && name) file.textContent = name;
    if (name) this.view.source(name);
    this.list.value = value;
    if (this.list.selectedIndex < 0) this.list.value = "camera:"; // a camera without an id
    if (value !== "demo") find("#welcome").hidden = true;
  }

  cameras(cameras) {
    this.list.querySelectorAll('[value^="camera:"]').forEach((option) => option.remove());
    const known = cameras.length ? cameras : [{ id: "", label: "Camera" }];
    known.forEach(({ id, label }) => this.list.add(new Option(label, `camera:${id}`)));
    this.show();
  }
}

/** Dropping files anywhere on the page. */
export function acceptDrops(take) {
  let inside = 0;
  const mark = (change) => {
    inside = Math.max(0, inside + change);
    document.body.classList.toggle("dropping", inside > 0);
  };
  addEventListener("dragenter", () => mark(1));
  addEventListener("dragleave", () => mark(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-Infinity);
    if (event.dataTransfer.files.length) take(event.dataTransfer.files);
  });
}

/** In full screen the picture is alone until a hand moves. */
export function quietFullscreen() {
  let timer = 0;
  const wake = () => {
    document.body.classList.remove("quiet");
    clearTimeout(timer);
    if (document.fullscreenElement) timer = setTimeout(() => document.body.classList.add("quiet"), QUIET);
  };
  for (const kind of ["pointermove", "pointerdown", "keydown", "fullscreenchange"]) addEventListener(kind, wake);
  addEventListener("fullscreenchange", () => {
    document.body.classList.toggle("full", Boolean(document.fullscreenElement));
  });
}
