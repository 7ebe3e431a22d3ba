/** The painters: what is known of each, and their thumbnails. */
import { readStyle } from "./style-file.js";

/** The bundled painters, in the order of the keys. */
export async function bundledStyles() {
  const answer = await fetch("styles/index.json");
  if (!answer.ok) throw new Error(`styles/index.json: ${answer.status}`);
  return (await answer.json()).map(({ file, ...style }) => ({ ...style, id: file, bytes: () => download(file) }));
}

async function download(file) {
  const answer = await fetch(`styles/${file}`);
  if (!answer.ok) throw new Error(`styles/${file}: ${answer.status}`);
  return answer.arrayBuffer();
}

let given = 0; // files

/** The style in a file that the user gives; rejects where it cannot be one. */
export async function styleOfFile(file) {
  const bytes = await file.arrayBuffer();
  const style = readStyle(bytes, file.name);
  given += 1;
  return { ...style, id: `${file.name} ${given}`, bytes: async () => bytes };
}

/** "The Scream, Edvard Munch, 1893" */
export function caption({ title, artist, year }) {
  return [title, artist, year].filter(Boolean).join(", ");
}

/** The list of thumbnails; `chosen(place)` is called when one is pressed. */
export class Gallery {
  constructor(list, chosen) {
    this.list = list;
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) chosen([...list.children].indexOf(button.parentElement));
    });
  }

  add(style) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", caption(style));
    button.title = caption(style);
    const place = this.list.children.length + 1;
    if (place <= 9) button.setAttribute("aria-keyshortcuts", String(place));
    button.append(thumbnail(style), named("span", "name", style.title));
    if (place <= 9) button.append(named("kbd", "", String(place)));
    item.append(button);
    this.list.append(item);
  }

  choose(place) {
    [...this.list.children].forEach((item, other) => {
      item.firstChild.setAttribute("aria-pressed", String(other === place));
    });
    this.list.children[place]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function thumbnail(style) {
  if (!style.thumbnail) return named("span", "blank", style.title.slice(0, 1));
  const image = document.createElement("img");
  image.src = style.thumbnail;
  image.alt = "";
  image.decoding = "async";
  return image;
}

function named(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  element.setAttribute("aria-hidden", "true");
  return element;
}
