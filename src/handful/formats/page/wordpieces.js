// Numbers of the pieces of words of a text, as BERT's uncased vocabularies have them
// (Devlin et al. 2019, "BERT", section 3; Wu et al. 2016, section 4.1).

const MOST = 256, LONGEST_WORD = 100;
const SPECIAL = /(\[PAD\]|\[UNK\]|\[CLS\]|\[SEP\]|\[MASK\])/u;
const PUNCTUATION = /[\p{P}$+<=>^`|~]/u;
const IDEOGRAPH = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function words(text) {
  const clean = Array.from(text, c =>
    /[\t\n\r\p{White_Space}]/u.test(c) ? " " : /[\u0000\ufffd\p{C}]/u.test(c) ? "" : c).join("");
  const plain = Array.from(
    clean.replace(IDEOGRAPH, " $& ").normalize("NFD").replace(/\p{Mn}/gu, ""), c => c.toLowerCase()).join("");
  const apart = Array.from(plain, c => (PUNCTUATION.test(c) ? ` ${c} ` : c)).join("");
  return apart.split(/\p{White_Space}+/u).filter(Boolean);
}

function pieces(word, vocabulary) {
  const letters = Array.from(word), found = [];
  if (letters.length > LONGEST_WORD) return ["[UNK]"];
  for (let from = 0; from < letters.length; ) {
    let to = letters.length, piece = null;
    for (; to > from; to -= 1) {
      const tried = (from ? "##" : "") + letters.slice(from, to).join("");
      if (Object.hasOwn(vocabulary, tried)) { piece = tried; break; }
    }
    if (piece === null) return ["[UNK]"];
    found.push(piece);
    from = to;
  }
  return found;
}

export function wordPieces(text, vocabulary) {
  const found = text.split(SPECIAL).flatMap(part =>
    SPECIAL.test(part) ? [part] : words(part).flatMap(word => pieces(word, vocabulary)));
  return ["[CLS]", ...found.slice(0, MOST - 2), "[SEP]"].map(piece => vocabulary[piece]);
}
