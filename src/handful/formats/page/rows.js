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

function partOf(cell, part) {
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
    numbers: numbers.map(column => partOf(cell(column), column.part)),
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
