/** Between what a canvas holds (RGBA) and what a style file takes and gives (BGR). */

/** RGBA pixels to BGR: `rgba` has 4 bytes a pixel, `bgr` is filled with 3. */
export function toBgr(rgba, bgr) {
  for (let from = 0, to = 0; to < bgr.length; from += 4, to += 3) {
    bgr[to] = rgba[from + 2];
    bgr[to + 1] = rgba[from + 1];
    bgr[to + 2] = rgba[from];
  }
}

/** BGR pixels to opaque RGBA; `rgba` is the memory of an ImageData. */
export function toRgba(bgr, rgba) {
  const words = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.byteLength >> 2);
  // Every browser runs on little-endian machines: the lowest byte of a word is red.
  for (let word = 0, from = 0; word < words.length; word += 1, from += 3) {
    words[word] = 0xff000000 | (bgr[from] << 16) | (bgr[from + 1] << 8) | bgr[from + 2];
  }
}
