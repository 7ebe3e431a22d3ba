/** All keys in one table; the buttons of the page carry the same names. */

/** As in the window of `realtime`: `name`, `keys` and `help` of each control. */
export const CONTROLS = [
  { name: "style", keys: [..."123456789"], help: "choose a style" },
  { name: "next-style", keys: ["n"], help: "next style" },
  { name: "previous-style", keys: ["p"], help: "previous style" },
  { name: "original", keys: ["space"], help: "original (tap, or hold)" },
  { name: "split", keys: ["v"], help: "before / after" },
  { name: "strength", keys: ["[", "]"], help: "how much is painted" },
  { name: "mix", keys: ["x"], help: "mix with the previous style" },
  { name: "mix-share", keys: [",", "."], help: "share of the previous style" },
  { name: "preserve-color", keys: ["c"], help: "keep the camera's colours" },
  { name: "mirror", keys: ["m"], help: "mirror left and right" },
  { name: "snapshot", keys: ["s"], help: "snapshot (PNG)" },
  { name: "record", keys: ["r"], help: "record" },
  { name: "fullscreen", keys: ["f"], help: "full screen" },
  { name: "hud", keys: ["h"], help: "figures and messages" },
  { name: "help", keys: ["?"], help: "help with the keys" },
  { name: "auto-cycle", keys: ["a"], help: "next style every few seconds" },
];

const HELD = 300; // ms from which a key counts as held

/** Calls `act(name, place)` for each key: `place` is that of the key among the control's keys. */
export function listen(act) {
  let down = 0;
  addEventListener("keydown", (event) => {
    if (commanding(event) || document.querySelector("dialog[open]")) return;
    const key = keyOf(event);
    const control = CONTROLS.find(({ keys }) => keys.includes(key));
    if (!control || taken(event.target, key)) return;
    event.preventDefault();
    if (event.repeat && !["strength", "mix-share"].includes(control.name)) return;
    if (control.name === "original") down = event.timeStamp;
    const place = control.keys.indexOf(key);
    act(control.name, control.name === "style" && event.shiftKey ? place + 9 : place);
  });
  addEventListener("keyup", (event) => {
    if (event.code !== "Space" || !down) return;
    if (event.timeStamp - down > HELD) act("original", 0);
    down = 0;
  });
}

/** Whether the key is the browser's. AltGr, which Windows reports as Ctrl and Alt, only types: "[" on many keyboards. */
function commanding(event) {
  return event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph"));
}

function keyOf(event) {
  if (event.code === "Space") return "space";
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (CONTROLS.some(({ keys }) => keys.includes(key))) return key;
  const digit = /^Digit([1-9])$/.exec(event.code); // shift makes other characters of them
  return digit ? digit[1] : key;
}

/** Whether what has the focus needs the key itself. */
function taken(target, key) {
  if (target instanceof HTMLSelectElement) return true;
  return key === "space" && target instanceof HTMLButtonElement && target.matches(":focus-visible");
}

/** Fills the table of the help. */
export function fillHelp(table) {
  for (const { keys, help } of CONTROLS) {
    const row = table.insertRow();
    const shown = keys.length > 2 ? [`${keys[0]} – ${keys.at(-1)}`] : keys;
    const cell = row.insertCell();
    shown.forEach((key) => cell.append(Object.assign(document.createElement("kbd"), { textContent: key }), " "));
    row.insertCell().textContent = help;
  }
}
