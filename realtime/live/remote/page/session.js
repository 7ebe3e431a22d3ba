// How the page talks to the program: the token, and requests.

export class Unknown extends Error {}

export async function enter(token) {
  const answer = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!answer.ok) throw new Error((await answer.json()).error);
}

// The token stands behind the # of the address, which is sent to nobody. It becomes a cookie, and leaves the address.
export async function enterByAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  history.replaceState(null, "", location.pathname);
  await enter(token);
}

// An address with another token, given to a tab that is open, opens the page anew.
addEventListener("hashchange", () => {
  if (new URLSearchParams(location.hash.slice(1)).has("token")) location.reload();
});

export function socketAddress() {
  return `${location.origin.replace(/^http/, "ws")}/api/page`;
}

export async function get(path) {
  const answer = await fetch(path);
  if (answer.status === 401) throw new Unknown();
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.json();
}

// Shows the video in an image while anybody looks, and again after it broke off.
export function play(image) {
  let number = 0;
  const start = () => {
    image.src = document.hidden ? "" : `/video.mjpg?${++number}`;
    image.hidden = document.hidden;
  };
  document.addEventListener("visibilitychange", start);
  start();
  return start;
}
