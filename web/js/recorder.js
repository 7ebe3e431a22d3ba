/** Records when it is told to, and saves what it has in whatever way that ends. */
import { Recording } from "./saving.js";
import { SENTENCES } from "./sentences.js";

export class Recorder {
  current = null; // the Recording that runs
  #starting = false;

  /** `changed()` is called when one has begun or ended. */
  constructor(canvas, messages, changed) {
    Object.assign(this, { canvas, messages, changed });
  }

  /** Begins a recording of the canvas, called `name`, with the sound of `source` if that is a film. */
  async begin(name, source) {
    if (this.#starting) return;
    this.#starting = true;
    try {
      this.current = await Recording.begin(this.canvas, name, source?.soundTracks ? source : null);
      this.#follow(this.current);
    } catch (error) {
      console.warn(error);
      this.messages.fail(SENTENCES.noRecording);
    }
    this.#starting = false;
    this.changed();
  }

  /** Ends the recording, if one runs; `sentence(name)` says where it is. */
  end(sentence = SENTENCES.saved) {
    if (!this.current) return;
    this.current.sentence = sentence;
    this.current.end();
    this.current = null;
    this.changed();
  }

  /** The picture changes its size now, which no film can do. */
  resized() {
    this.end(SENTENCES.recordingResized);
  }

  /** A source goes, with its sound. */
  left(source) {
    if (source && this.current?.film === source) this.end(SENTENCES.recordingLeft);
  }

  async #follow(recording) {
    await recording.ended;
    if (this.current === recording) this.current = null;
    this.changed();
    const name = recording.save();
    if (name === null) this.messages.fail(SENTENCES.nothingRecorded);
    else if (recording.sentence) this.messages.tell(recording.sentence(name));
    else this.messages.fail(SENTENCES.recordingStopped(name));
  }
}
