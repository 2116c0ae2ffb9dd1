// Columns of the pieces of a text: runs of characters, words, their beginnings, pairs of words.

const SHARES = [4, 2, 4], SHORTEST = 2, LONGEST = 5, START = 4, NEAR = 9;
const WORD = /[\p{L}\p{N}_]+/gu, SPACES = /[\s\u001c-\u001f\u0085]+/u;

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
const encoder = new TextEncoder();

function crc32(text) {
  let value = 0xffffffff;
  for (const byte of encoder.encode(text)) value = (value >>> 8) ^ table[(value ^ byte) & 0xff];
  return (value ^ 0xffffffff) >>> 0;
}

function byCodePoint(one, other) {
  const left = Array.from(one, c => c.codePointAt(0)), right = Array.from(other, c => c.codePointAt(0));
  for (let at = 0; at < Math.min(left.length, right.length); at += 1)
    if (left[at] !== right[at]) return left[at] - right[at];
  return left.length - right.length;
}

function runs(token) {
  const framed = [" ", ...token, " "], found = [];
  for (let n = SHORTEST; n <= LONGEST; n += 1)
    for (let at = 0; at + n <= framed.length; at += 1) found.push(crc32(framed.slice(at, at + n).join("")));
  return found;
}

export function ngramColumns(text, share) {
  const plain = text.normalize("NFKC").toLowerCase();
  const words = plain.match(WORD) ?? [];
  const starts = words.map(word => Array.from(word).slice(0, START).join(""));
  const near = starts.flatMap((one, at) =>
    starts.slice(at + 1, at + 1 + NEAR).map(other => crc32([one, other].sort(byCodePoint).join(" "))));
  const known = [...words.map(crc32), ...starts.map(start => crc32(`${start}-`))];
  const columns = [];
  let first = 0;
  [plain.split(SPACES).filter(Boolean).flatMap(runs), known, near].forEach((hashes, kind) => {
    for (const hash of hashes) columns.push(first + (hash % (SHARES[kind] * share)));
    first += SHARES[kind] * share;
  });
  return columns;
}
