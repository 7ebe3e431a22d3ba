/** Threads need a page that is isolated from others. Where the host does not say so, the service worker does. */

const TRIED = "stylecam-isolated";

/** Reloads the page once, if that makes it isolated. Resolves to false where the page goes on as it is. */
export async function isolate() {
  if (globalThis.crossOriginIsolated || !navigator.serviceWorker || tried()) return false;
  try {
    const registration = await navigator.serviceWorker.register("sw.js");
    await active(registration);
    sessionStorage.setItem(TRIED, "1"); // not more than once, or a browser that does not obey would reload for ever
    location.reload();
    return true;
  } catch (error) {
    console.warn(error);
    return false;
  }
}

function tried() {
  try {
    return sessionStorage.getItem(TRIED) !== null;
  } catch {
    return true; // without a memory it could reload for ever
  }
}

function active({ active: ready, waiting, installing }) {
  const worker = ready ?? waiting ?? installing;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new Error("the service worker was not taken"));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}
