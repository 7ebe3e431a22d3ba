// The picture alone, for a second screen and for streaming programs.
import { enterByAddress, get, play } from "/session.js";

const picture = document.getElementById("picture");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function reached() {
  for (;;) {
    try {
      await get("/api");
      return;
    } catch {
      await pause(2000);
    }
  }
}

await enterByAddress().catch(() => {});
await reached();
const start = play(picture);
picture.addEventListener("error", async () => {
  await pause(1000);
  await reached();
  start();
});
