// The page: built from the table of controls, follows the session, and steers it.
import { build, learnable } from "/controls.js";
import { Unknown, enter, enterByAddress, get, play, socketAddress } from "/session.js";

const find = (id) => document.getElementById(id);
const SAY_MS = 5000;
const GROUPS = [
  ["choice", "Painters"],
  ["action", "Actions"],
  ["number", "Amounts"],
  ["switch", "Switches"],
  ["window", "The window"],
];

let socket = null;
let controls = new Map();
let state = {};
let replay = null;
let saying = null;

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function say(sentence) {
  find("message").textContent = sentence;
  clearTimeout(saying);
  saying = setTimeout(() => { find("message").textContent = ""; }, SAY_MS);
}

function notice(sentence) {
  find("notice").textContent = sentence;
  find("notice").hidden = sentence === "";
}

function buildControls(rows) {
  controls = new Map();
  const sections = new Map();
  for (const row of rows) {
    const made = build(row, send);
    controls.set(row.name, made);
    learnable(made.element, row.name, () => state.midi, (name) => send({ learn: state.midi.learning === name ? null : name }));
    const group = row.window ? "window" : row.kind;
    const place = row.name === "quit" ? find("end") : undefined;
    if (place) place.replaceChildren(made.element);
    else sections.set(group, [...(sections.get(group) ?? []), made.element]);
  }
  find("controls").replaceChildren(...GROUPS.filter(([group]) => sections.has(group)).map(([group, title]) => {
    const section = document.createElement("section");
    const heading = document.createElement("h2");
    heading.textContent = title;
    heading.id = `group-${group}`;
    section.className = `group-${group}`;
    section.setAttribute("aria-labelledby", heading.id);
    const list = document.createElement("div");
    list.className = "list";
    list.append(...sections.get(group));
    section.append(heading, list);
    return section;
  }));
}

function showFigures(figures) {
  if (figures.style === undefined) return;
  const [width, height] = figures.size;
  const rate = figures.waiting === null ? `${figures.fps.toFixed(0)} fps · ${figures.latency_ms} ms`
    : `no picture for ${figures.waiting} s`;
  find("figures").textContent = [rate, `${width}×${height}`, figures.provider, ...figures.flags].join(" · ");
  find("stage").style.setProperty("--aspect", height ? width / height : 1.6);
  find("figures").classList.toggle("recording", figures.recording);
  find("title").textContent = figures.style;
  document.title = `${figures.style} · stylecam`;
}

function showSaved(files) {
  find("saved").hidden = files.length === 0;
  find("saved").querySelector("ul").replaceChildren(...files.toReversed().map((file) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = file.address;
    link.download = "";
    link.textContent = file.name;
    item.append(link);
    return item;
  }));
}

function showLearning(midi) {
  const name = midi?.learning;
  for (const [key, made] of controls) {
    made.element.classList.toggle("learning", key === name);
    const knob = midi?.learnt?.[key];
    if (midi) made.element.title = knob ? `MIDI: ${knob}` : "Hold to choose a MIDI knob";
  }
  find("learning").textContent = name ? "Move a knob or press a pad. To leave it, hold the control again." : "";
}

function follow(news) {
  if (news.error) say(news.error);
  if (news.said?.sentence && state.said !== undefined) say(news.said.sentence);
  Object.assign(state, news);
  if (news.styles) controls.get("style")?.list(news.styles);
  for (const [name, value] of Object.entries(news.values ?? {})) controls.get(name)?.show(value);
  if (news.figures) showFigures(news.figures);
  if (news.saved) showSaved(news.saved);
  if ("midi" in news) showLearning(news.midi);
}

async function connect() {
  try {
    const all = await get("/api");
    find("entry").hidden = true;
    state = {};
    buildControls(all.controls);
    open();
  } catch (error) {
    if (error instanceof Unknown) {
      notice("");
      find("entry").hidden = false;
      return;
    }
    lost(error instanceof TypeError ? "" : error.message); // fetch's own: nobody answers
  }
}

function open() {
  socket = new WebSocket(socketAddress());
  socket.onopen = () => {
    document.body.classList.add("live");
    notice("");
    if (replay) replay();
    else replay = play(find("picture"));
  };
  socket.onmessage = (event) => follow(JSON.parse(event.data));
  socket.onclose = ({ reason }) => lost(reason);
}

function lost(reason) {
  document.body.classList.remove("live");
  notice(`${reason || "The program cannot be reached"}. Trying again…`);
  setTimeout(connect, 1500);
}

find("entry").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await enter(find("token").value);
    find("token").value = "";
    await connect();
  } catch (error) {
    say(error.message);
  }
});

await enterByAddress().catch((error) => say(error.message));
await connect();
