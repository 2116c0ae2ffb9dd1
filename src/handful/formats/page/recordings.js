// Recordings of sensors from tables of numbers: a line a step, a column a channel.
import { onFiles } from "./files.js";

const SEPARATORS = [",", ";", "\t", "|", null]; // null: any white space
const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "?", "-"]);
const TIMES = new Set(["time", "t", "timestamp", "seconds", "sec", "s", "ms", "datetime", "date"]);
const LARGEST = 1e18, MOST_STEPS = 16 * 8192;

export function tensors(ort, { values, channels, steps }) {
  return { recording: new ort.Tensor("float32", values, [1, channels, steps]) };
}

const cells = (line, separator) =>
  (separator === null ? line.trim().split(/\s+/) : line.split(separator)).map(cell => cell.trim().replace(/^"+|"+$/g, ""));

function separatorOf(lines) {
  const head = lines.slice(0, 20);
  const fits = separator => {
    const counts = new Set(head.map(line => cells(line, separator).length));
    return counts.size === 1 && !counts.has(1);
  };
  const found = SEPARATORS.findIndex(fits);
  return found < 0 ? "," : SEPARATORS[found];
}

// NaN for a gap, null for what is no number.
function numberOf(cell) {
  if (MISSING.has(cell.toLowerCase())) return NaN;
  const value = /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : null;
  return value !== null && Math.abs(value) > LARGEST ? NaN : value;
}

function bridged(values) {
  const known = values.flatMap((value, at) => (Number.isNaN(value) ? [] : [at]));
  if (!known.length) return values.map(() => 0);
  let next = 0;
  return values.map((value, at) => {
    while (next < known.length && known[next] < at) next += 1;
    if (known[next] === at) return value;
    const right = known[next], left = known[next - 1];
    if (left === undefined) return values[right];
    if (right === undefined) return values[left];
    return values[left] + ((values[right] - values[left]) * (at - left)) / (right - left);
  });
}

export function decoded(text, { channels: wanted, every }) {
  const lines = text.split(/\r\n|\r|\n/).filter(line => line.trim());
  if (!lines.length) throw new Error("is empty");
  const separator = separatorOf(lines), first = cells(lines[0], separator);
  const hasNames = first.some(cell => numberOf(cell) === null);
  const names = hasNames ? first : first.map((_, i) => `channel ${i + 1}`);
  const rows = lines.slice(hasNames ? 1 : 0).map(line => cells(line, separator).map(numberOf));
  if (!rows.length) throw new Error("holds a header at most: there are no numbers");
  const wrong = rows.findIndex(row => row.length !== names.length || row.includes(null));
  if (wrong >= 0) throw new Error(`is no table of numbers: look at line ${wrong + 1 + (hasNames ? 1 : 0)}`);
  const kept = names.flatMap((name, i) => (TIMES.has(name.trim().toLowerCase()) ? [] : [i]));
  if (kept.length !== wanted) throw new Error(`has ${kept.length} channels, the others have ${wanted}`);
  if (rows.length > MOST_STEPS * every) throw new Error(`has ${rows.length} steps, far more than those learned from: cut it in parts`);
  return averaged(kept.map(i => bridged(rows.map(row => row[i]))), every);
}

function averaged(columns, every) {
  const n = columns[0].length;
  const used = Math.max(Math.floor(n / every) * every, Math.min(every, n));
  const steps = Math.ceil(used / every);
  const values = new Float32Array(columns.length * steps);
  columns.forEach((column, channel) => {
    for (let step = 0; step < steps; step += 1) {
      const part = column.slice(step * every, Math.min(used, (step + 1) * every));
      values[channel * steps + step] = part.reduce((sum, value) => sum + Math.fround(value), 0) / part.length;
    }
  });
  return { values, channels: columns.length, steps };
}

export function start(about, ask) {
  onFiles(file => ask(file.name, async () => ({ sample: decoded(await file.text(), about.reading) })));
}
