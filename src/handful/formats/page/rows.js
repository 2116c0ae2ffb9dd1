// One row of a table, filled in as a form.

const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "?", "-"]);
const LARGEST = 1e18, DAY_MS = 86400000, FIRST_DAY = 719163; // of 1970, counted from year 1

export function tensors(ort, { numbers, categories }) {
  const given = {};
  if (numbers.length) given.numbers = new ort.Tensor("float32", Float32Array.from(numbers), [1, numbers.length]);
  if (categories.length) given.categories = new ort.Tensor("string", categories, [1, categories.length]);
  return given;
}

const cleaned = cell => (MISSING.has((cell ?? "").trim().toLowerCase()) ? null : cell.trim());

function numberOf(cell) {
  const value = cell === null ? NaN : Number(cell);
  return Math.abs(value) <= LARGEST ? value : NaN;
}

// A number as the model's column writes it: "1.200,50" or "$1,200"; NaN where it is not written so.
function readAs({ decimal, grouped, money }, cell) {
  const bare = (cell ?? "").replace("\u2212", "-").replace(/[ \u00a0\u202f\u2009]/g, " ").replace(/\u2019/g, "'");
  const text = money ? bare.replace(money, "").replace(/^([-+]?) +| +$/g, "$1") : bare;
  const other = decimal === "." ? "," : ".", [whole, tail, ...more] = text.split(decimal);
  const form = new RegExp(`^[-+]?(?:[1-9]\\d{0,2}([${other} '])\\d{3}(?:\\1\\d{3})*|\\d+)$`).exec(whole);
  if (!form || more.length || (tail !== undefined && !/^\d+$/.test(tail))) return NaN;
  if (form[1] === other && !grouped && tail === undefined) return NaN;
  return Number(`${form[1] ? whole.split(form[1]).join("") : whole}.${tail ?? 0}`);
}

function partOf(cell, { part, numerals }) {
  if (numerals) return readAs(numerals, cell);
  if (!part) return numberOf(cell);
  const when = cell === null ? NaN : Date.parse(/\dT\d/.test(cell) ? `${cell}Z` : cell);
  if (Number.isNaN(when)) return NaN;
  const date = new Date(when);
  return {
    day: Math.floor(when / DAY_MS) + FIRST_DAY, year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1, weekday: (date.getUTCDay() + 6) % 7,
    hour: date.getUTCHours() + date.getUTCMinutes() / 60,
  }[part];
}

// A number as the model's categories are written: six digits, no zeros behind the point.
function general(value) {
  const [digits, power] = value.toExponential(5).split("e");
  if (Number(power) < -4 || Number(power) >= 6) {
    const sign = Number(power) < 0 ? "-" : "+";
    return `${Number(digits)}e${sign}${String(Math.abs(Number(power))).padStart(2, "0")}`;
  }
  return String(Number(value.toPrecision(6)));
}

function named(cell) {
  const value = numberOf(cell);
  return cell === null ? "" : Number.isNaN(value) ? cell : general(value);
}

export function decoded(cells, { numbers, categories }) {
  const cell = column => cleaned(cells[column.name]);
  return {
    numbers: numbers.map(column => partOf(cell(column), column)),
    categories: categories.map(column => named(cell(column))),
  };
}

export function start(about, ask) {
  let number = 0;
  document.getElementById("form").addEventListener("submit", submitted => {
    submitted.preventDefault();
    const cells = Object.fromEntries(
      Array.from(document.querySelectorAll("[data-column]"), field => [field.dataset.column, field.value]));
    number += 1;
    const words = Object.entries(cells).filter(([, value]) => value).map(([name, value]) => `${name} ${value}`);
    ask(words.join(", ") || `row ${number}`, async () => ({ sample: decoded(cells, about.reading.schema) }));
  });
}
