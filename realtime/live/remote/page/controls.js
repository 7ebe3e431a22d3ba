// One element for each row of the table of controls. Each has show(value), and asks by send(message).

const LEARN_MS = 800; // for which a control is held until a knob can be moved for it
const TAP_MS = 400; // a switch that is held longer is turned back when it is let go
const PACE_MS = 40; // between two values of a slider

const upper = (text) => text[0].toUpperCase() + text.slice(1);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function build(control, send) {
  const makers = { action: makeAction, switch: makeSwitch, number: makeNumber, choice: makeChoice };
  const made = makers[control.kind](control, send);
  made.element.dataset.control = control.name;
  return made;
}

function makeAction(control, send) {
  const label = upper(control.help);
  const element = make("button", { className: "button", type: "button" }, label);
  let asked = 0;
  element.onclick = () => {
    // What ends the session is asked for twice.
    if (control.name === "quit" && Date.now() - asked > 4000) {
      asked = Date.now();
      element.textContent = "Press again to quit";
      setTimeout(() => { element.textContent = element.dataset.label; }, 4000);
      return;
    }
    send({ press: control.name });
  };
  if (control.name === "quit") element.textContent = "Quit";
  element.dataset.label = element.textContent;
  return { element, show() {} };
}

function makeSwitch(control, send) {
  const element = make("button", { className: "switch", type: "button", role: "switch" },
    make("span", {}, upper(control.help)), make("i", { ariaHidden: "true" }));
  let on = false;
  const show = (value) => {
    on = value;
    element.setAttribute("aria-checked", String(value));
  };
  const turn = () => {
    show(!on);
    send({ set: { [control.name]: on } });
  };
  if (control.held) {
    let since = 0;
    element.onpointerdown = (event) => {
      if (event.button !== 0) return;
      since = performance.now();
      turn();
    };
    const up = () => {
      if (since && performance.now() - since >= TAP_MS) turn();
      since = 0;
    };
    element.onpointerup = element.onpointerleave = up;
    element.onpointercancel = () => { // it became a scroll
      if (since) turn();
      since = 0;
    };
    element.oncontextmenu = (event) => event.preventDefault();
    element.onclick = (event) => { if (event.detail === 0) turn(); }; // a key, not a pointer
  } else {
    element.onclick = turn;
  }
  show(false);
  return { element, show };
}

function makeNumber(control, send) {
  const [low, high] = control.range;
  const id = `number-${control.name}`;
  const input = make("input", { type: "range", id, min: low, max: high, step: control.step / 10 });
  const output = make("output", {});
  output.htmlFor = id;
  const element = make("div", { className: "number" },
    make("label", { htmlFor: id }, upper(control.help)), output, input);
  const share = low === 0 && high === 1 && !control.unit;
  const text = (value) => share ? `${Math.round(value * 100)} %` : `${+value.toFixed(2)} ${control.unit}`.trim();
  let moved = -1000;
  let timer = null;
  const display = (value) => {
    output.textContent = text(value);
    input.setAttribute("aria-valuetext", text(value));
    input.style.setProperty("--part", `${(100 * (value - low)) / (high - low)}%`);
  };
  input.oninput = () => {
    moved = performance.now();
    display(input.valueAsNumber);
    timer ??= setTimeout(() => {
      timer = null;
      send({ set: { [control.name]: input.valueAsNumber } });
    }, PACE_MS);
  };
  let shown = low;
  const show = (value) => {
    shown = value;
    // What comes back while it is being moved is a moment old.
    const wait = moved + 400 - performance.now();
    if (wait > 0) {
      setTimeout(() => show(shown), wait);
      return;
    }
    input.value = value;
    display(value);
  };
  show(low);
  return { element, show };
}

function makeChoice(control, send) {
  const element = make("div", { className: "choice", role: "radiogroup", ariaLabel: upper(control.help) });
  let chosen = null;
  let listed = "";
  const show = (value) => {
    chosen = value;
    for (const input of element.querySelectorAll("input")) input.checked = input.value === value;
  };
  const list = (styles) => {
    const now = JSON.stringify(styles);
    if (now === listed) return;
    listed = now;
    const focused = document.activeElement?.value;
    element.replaceChildren(...styles.map((style, index) => {
      const input = make("input", { type: "radio", name: control.name, value: style.name });
      input.disabled = style.problem !== null;
      input.onchange = () => send({ set: { [control.name]: style.name } });
      const picture = make("img", { alt: "", loading: "lazy", width: 96, height: 96 });
      if (style.ready) picture.src = `/thumbnails/${index + 1}.png`;
      picture.onerror = () => picture.removeAttribute("src");
      const label = make("label", { title: style.problem ?? style.title }, input, picture,
        make("span", {}, style.title));
      label.classList.toggle("loading", !style.ready);
      return label;
    }));
    show(chosen);
    element.querySelector(`input[value="${CSS.escape(focused ?? "")}"]`)?.focus();
  };
  return { element, show, list };
}

// Holding a control, or L while it has the focus, asks for a knob of a MIDI device.
export function learnable(element, name, ready, learn) {
  let timer = null;
  let learnt = false;
  const start = (event) => {
    if (event.target.closest("input")) return; // which is being moved
    clearTimeout(timer);
    learnt = false;
    timer = setTimeout(() => {
      if (!ready()) return;
      learnt = true;
      learn(name);
    }, LEARN_MS);
  };
  const stop = () => clearTimeout(timer);
  element.addEventListener("pointerdown", start);
  for (const type of ["pointerup", "pointercancel", "pointerleave"]) element.addEventListener(type, stop);
  element.addEventListener("click", (event) => {
    if (!learnt) return;
    learnt = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  element.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "l" && !event.ctrlKey && !event.metaKey && !event.altKey && ready()) learn(name);
  });
}
