/** A film's file as a source: it starts anew at its end, with its sound where the browser allows it. */
import { VideoSource } from "./sources.js";

const GESTURES = ["pointerdown", "pointerup", "keydown"]; // after one of them a browser allows sound

/** Opens a film; rejects where the browser cannot play it. */
export async function openFilm(file) {
  const source = new FilmSource(file);
  try {
    await source.start();
  } catch (error) {
    source.close();
    throw error;
  }
  source.unmute();
  return source;
}

class FilmSource extends VideoSource {
  #sound = null;

  constructor(file) {
    super(document.createElement("video"), file.name);
    this.url = URL.createObjectURL(file);
    this.image.loop = true;
    this.image.src = this.url;
  }

  /** Gives it its sound, at once or with the next click or key. */
  unmute = () => {
    const { image } = this;
    image.muted = false;
    if (image.paused) {
      image.muted = true; // the browser has stopped it for its sound
      image.play().catch((error) => console.warn(error));
    }
    const listening = image.muted ? addEventListener : removeEventListener;
    GESTURES.forEach((kind) => listening(kind, this.unmute));
  };

  /** The tracks of its sound, for a recording. */
  async soundTracks() {
    if (this.image.muted) this.unmute();
    this.#sound ??= new Sound(this.image);
    return this.#sound.tracks();
  }

  close() {
    super.close();
    GESTURES.forEach((kind) => removeEventListener(kind, this.unmute));
    this.#sound?.close();
    URL.revokeObjectURL(this.url);
    this.image.removeAttribute("src");
    this.image.load(); // else the browser keeps the film
  }
}

/** A film's sound, led off to be heard and recorded; a browser allows that once for each film. */
class Sound {
  #context = new AudioContext();
  #output = this.#context.createMediaStreamDestination();

  constructor(video) {
    const input = this.#context.createMediaElementSource(video);
    input.connect(this.#output);
    input.connect(this.#context.destination);
  }

  async tracks() {
    await this.#context.resume(); // a recording that starts before its sound would have none
    return this.#output.stream.getAudioTracks();
  }

  close() {
    this.#context.close().catch((error) => console.warn(error));
  }
}
