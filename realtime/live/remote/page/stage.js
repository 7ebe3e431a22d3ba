// The picture alone, for a second screen and for streaming programs.
import { enterByAddress, get, play, socketAddress } from "/session.js";

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

// A video that breaks off says nothing, so a socket tells when the program is gone.
function watch(opened) {
  const socket = new WebSocket(socketAddress());
  socket.onopen = opened;
  socket.onclose = async () => {
    await pause(1000);
    await reached();
    watch(start);
  };
}

await enterByAddress().catch(() => {});
await reached();
const start = play(picture);
watch(() => {});
