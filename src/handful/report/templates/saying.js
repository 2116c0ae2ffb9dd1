// Numbers and choices in plain words; a sentence is a list of texts and of nodes for names.

const rounded = x => Math.floor(x + 0.5);
const grouped = n => n.toLocaleString("en-US");

// A number with as many digits as people want: 12,345, 31.9, 0.4.
function amount(x) {
  return x >= 100 ? grouped(rounded(x)) : grouped(Number(x.toFixed(x >= 0.1 ? 1 : 2)));
}

// Share in percent, however small, without a tail of digits.
function percent(share) {
  return `${Number((100 * share).toPrecision(3))}\u202f%`;
}

// Enough digits to tell a threshold from 0 and from 1.
function probability(p) {
  const room = Math.min(p, 1 - p);
  if (room <= 0) return String(p);
  if (room < 1e-7) return p < 0.5 ? "under 0.0000001" : "over 0.9999999";
  return String(Number(p.toFixed(Math.min(7, 2 + Math.ceil(-Math.log10(room))))));
}

function ratio(x) {
  if (x === null) return "undefined";
  const short = Number(x >= 0.1 ? x.toFixed(3) : x.toPrecision(2));
  return short.toLocaleString("en-US", {maximumFractionDigits: 20});
}

// How many of 100, the way handful.report.choice says it.
function ofHundredWords(share) {
  const many = 100 * share;
  return 0 < many && many < 1 ? many.toFixed(1) : String(rounded(many));
}

function named(name) {
  const node = document.createElement("bdi");
  node.className = "tag";
  node.textContent = name.length > 40 ? `${name.slice(0, 24)}…${name.slice(-12)}` : name;
  if (name.length > 40) node.title = name;
  return node;
}

// A tag within a sentence: one without letters, like 9, stands in quotes.
function said(name) {
  return /\p{L}/u.test(name) ? [named(name)] : ["'", named(name), "'"];
}

function strong(text) {
  const node = document.createElement("strong");
  node.textContent = text;
  return node;
}

function say(element, ...parts) {
  element.replaceChildren(...parts.filter(part => part !== ""));
}

function priceParts(words, tag, done) {
  const missed = ofHundredWords(1 - done.tp / tag.n_positive);
  const alarmed = ofHundredWords(1 - done.tn / tag.n_negative);
  const [low, high] = done.specificity.map(end => ofHundredWords(1 - end)).reverse();
  return [
    `Of 100 ${words.many} of `, ...said(tag.tag), ` this misses about ${missed} `,
    `(at most ${ofHundredWords(1 - done.sensitivity[0])}) and raises a false alarm for about `,
    `${alarmed} of 100 others (${low}–${high}).`,
  ];
}

// Never rounded up: a promise must not grow by being printed.
const roundedDown = x => (Math.floor(x * 1000 + 1e-9) / 1000).toFixed(3);

function promiseParts(words, tag, promise) {
  const recall = String(promise.recall), sure = percent(promise.confidence);
  const standing = words.evaluated ? "Guaranteed" : "Checked, not guaranteed";
  if (promise.kept) {
    return [strong(`${standing}: `), `it finds at least ${percent(promise.recall)} of them `,
      `(a recall of ${recall}) at ${sure} confidence. That takes ${grouped(promise.need)}; `,
      "you have ", ...yours(words, tag, promise), "."];
  }
  return [strong("Too few for that promise. "), "With your ", ...yours(words, tag, promise),
    ` I can promise a recall (share found) of ${roundedDown(promise.canPromise)} at most at `,
    `${sure} confidence, not ${recall}: that needs ${grouped(promise.need)}. ${standing}.`];
}

function yours(words, tag, promise) {
  const n = tag.n_positive, noun = n === 1 ? words.one : words.many;
  const together = promise.have === n ? ""
    : ` (which count as ${grouped(promise.have)}, as some belong together)`;
  return [`${grouped(n)} ${noun} of `, ...said(tag.tag), together];
}

// What an alarm is worth, in whole samples: the base rate is what people overlook.
function worthParts(words, tag, done, prevalence) {
  const precision = precisionOf(tag, done, prevalence);
  if (precision === null) return ["It raises no alarm, so there is no alarm to judge. "];
  const worth = [" alarms are real: a ", strong(`precision of ${ratio(precision)}`),
    `${allowed(done, prevalence ?? sampleShare(tag))}. `];
  if (prevalence === null) {
    return [`On your samples ${grouped(done.tp)} of its ${grouped(done.tp + done.fp)}`, ...worth];
  }
  const whole = Math.max(1000, 10 ** Math.ceil(Math.log10(10 / prevalence) - 1e-9));
  const real = whole * prevalence, hits = real * done.tp / tag.n_positive;
  const alarms = (whole - real) * done.fp / tag.n_negative;
  return [
    `Of ${grouped(whole)} ${words.many}, ${amount(real)} are `, ...said(tag.tag),
    `: it finds ${amount(hits)} of them, and raises ${amount(alarms)} false alarms over the `,
    `other ${amount(whole - real)}. So ${amount(hits)} of ${amount(hits + alarms)}`, ...worth,
  ];
}

// Both rates at their worst and at their best.
function allowed({sensitivity, specificity}, prevalence) {
  const ends = [0, 1].map(i => precisionAt(sensitivity[i], specificity[i], prevalence));
  return ends.includes(null) ? "" : ` (${ends.map(ratio).join("–")})`;
}

function oneIn(share) {
  return share < 0.1 ? `1 in ${grouped(rounded(1 / share))}` : percent(share);
}

// A word that a POSIX shell hands on as it is.
function quoted(word) {
  if (/^[\w@%+=:,./][\w@%+=:,./-]*$/.test(word)) return word;
  if (!STEERS.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word.replace(/[\\']/g, "\\$&").replace(STEERING, escapedUnit);
  return `$'${escaped}'`;
}

// What could steer a terminal or reverse a line; lone low surrogates are bytes of file names.
const STEERING =
  /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;
const STEERS = new RegExp(STEERING.source, "u");

function escapedUnit(unit) {
  const code = unit.charCodeAt(0);
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
