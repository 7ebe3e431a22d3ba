/** The painter in an address: `#style=scream`, or a mix, `#style=hokusai:0.7+scream:0.3`. */

/** The style's part of an address. */
export function linkTo({ link, name }) {
  return `#style=${encodeURIComponent(link ?? name)}`;
}

/** What an address asks for: null, or `{places, share}` of one or two of `styles`; `{unknown}` is a name that none has. */
export function linked(hash, styles) {
  const text = new URLSearchParams(hash.slice(1).replaceAll("+", "%2B")).get("style");
  if (text === null) return null;
  const parts = text.split("+").slice(0, 2).map((part) => part.split(":"));
  const places = parts.map(([name]) => styles.findIndex((style) => style.name === name));
  if (places.includes(-1)) return { unknown: parts[places.indexOf(-1)][0] };
  const weights = parts.map(([, weight]) => (Number(weight) > 0 ? Number(weight) : 1));
  return { places, share: parts.length > 1 ? weights[1] / (weights[0] + weights[1]) : 0 };
}
