// Texts that are written, pasted or chosen, as the numbers that the model takes.
import { onFiles } from "./files.js";
import { ngramColumns } from "./ngrams.js";
import { wordPieces } from "./wordpieces.js";

const MOST_CHARACTERS = 20000;

export function tensors(ort, sample) {
  return Object.fromEntries(Object.entries(sample).map(([name, numbers]) =>
    [name, new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), [1, numbers.length])]));
}

export function numbers(text, readers) {
  if (!/[^\s\p{C}\p{Z}]/u.test(text)) throw new Error("is empty: there is nothing to read");
  const beginning = Array.from(text.slice(0, 2 * MOST_CHARACTERS)).slice(0, MOST_CHARACTERS).join("");
  return Object.fromEntries(readers.map(([name, read]) => [name, read(beginning)]));
}

function readersOf(wanted) {
  return Object.values(wanted).map(one => {
    if ("share" in one) return ["ngrams", text => ngramColumns(text, one.share)];
    const tokenizer = JSON.parse(one.tokenizer);
    return ["ids", text => wordPieces(text, tokenizer.model.vocab)];
  });
}

export function start(about, ask) {
  const readers = readersOf(about.reading.by_encoder);
  const box = document.getElementById("text");
  document.getElementById("form").addEventListener("submit", submitted => {
    submitted.preventDefault();
    const text = box.value;
    const name = text.trim().length > 60 ? `${text.trim().slice(0, 60)} ...` : text.trim();
    ask(name, async () => ({ sample: numbers(text, readers) }));
  });
  onFiles(file => ask(file.name, async () => {
    let text;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    } catch {
      throw new Error("is not text in UTF-8: save it as UTF-8");
    }
    return { sample: numbers(text, readers) };
  }));
}
