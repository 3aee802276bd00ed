// An answer goes out in pieces, as it does with a model that thinks in between.
const CHUNK_CHARACTERS = 6;

export function chunks(text = "", { chunk_characters = CHUNK_CHARACTERS } = {}) {
  return text.match(new RegExp(`[^]{1,${chunk_characters}}`, "g")) ?? [];
}

// Each is a piece of its own on the wire.
export function flushed(response, text) {
  return new Promise((resolve) => response.write(text, () => setImmediate(resolve)));
}
