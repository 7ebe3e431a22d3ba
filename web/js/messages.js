/** Sentences over the picture, which screen readers read too. */

const SHOWN = 5000; // ms for what went well; a failure stays longer
const FAILURE_SHOWN = 15000;

export class Messages {
  #timer = 0;

  constructor(box) {
    this.box = box;
    this.text = box.querySelector("p");
    box.querySelector("button").addEventListener("click", () => this.hide());
  }

  tell(sentence) {
    this.#show(sentence, false, SHOWN);
  }

  fail(sentence) {
    this.#show(sentence, true, FAILURE_SHOWN);
  }

  /** Of a failure after which the page cannot go on: it stays. */
  stay(sentence) {
    this.#show(sentence, true);
  }

  hide() {
    this.box.dataset.shown = "false";
    this.text.textContent = "";
  }

  #show(sentence, failure, ms) {
    clearTimeout(this.#timer);
    this.text.setAttribute("role", failure ? "alert" : "status");
    this.text.textContent = sentence;
    this.box.classList.toggle("failure", failure);
    this.box.dataset.shown = "true";
    if (ms) this.#timer = setTimeout(() => this.hide(), ms);
  }
}
