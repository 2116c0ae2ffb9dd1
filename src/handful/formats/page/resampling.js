// Another sampling rate: a sum of sinc functions under a Kaiser window, as steep as the resampler
// with which the model was taught (Smith, "Digital Audio Resampling", 2002).

// What that resampler's answer to a single click was measured to be: where it cuts, as a share of the
// band that is kept, how many samples it looks to each side, and how its window falls off.
const WHOLE = { cuts: 0.9568719, falls: 13.04 }; // one rate is a multiple of the other
const REACHES = { 2: 97.25, 3: 96.8333 }, REACHES_ELSE = 97.125; // by which one
const BROKEN = { cuts: 0.9568429, falls: 15.98, reaches: 109.67 };
const FINE = 1024; // points of the window's table for each sample

function bessel(x) {
  let sum = 1, term = 1;
  for (let k = 1; term > 1e-12 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function kernel(fromHz, toHz) {
  const times = Math.max(fromHz, toHz) / Math.min(fromHz, toHz), whole = Number.isInteger(times);
  const { cuts, falls } = whole ? WHOLE : BROKEN;
  const reaches = whole ? (REACHES[times] ?? REACHES_ELSE) : BROKEN.reaches;
  const band = Math.min(1, toHz / fromHz); // of the lower rate, in units of the input's
  const cut = band * cuts, half = reaches / band, norm = bessel(falls);
  const table = new Float64Array(Math.ceil(half * FINE) + 2);
  for (let i = 0; i < table.length; i += 1) {
    const t = i / FINE, inside = Math.max(0, 1 - (t / half) ** 2);
    const sinc = t === 0 ? cut : Math.sin(Math.PI * cut * t) / (Math.PI * t);
    table[i] = (sinc * bessel(falls * Math.sqrt(inside))) / norm;
  }
  return { table, half };
}

export function resampled(samples, fromHz, toHz) {
  if (fromHz === toHz) return samples;
  const ratio = toHz / fromHz;
  const { table, half } = kernel(fromHz, toHz);
  const out = new Float32Array(Math.round(samples.length * ratio));
  for (let m = 0; m < out.length; m += 1) {
    const centre = m / ratio;
    const first = Math.max(0, Math.ceil(centre - half));
    const last = Math.min(samples.length - 1, Math.floor(centre + half));
    let sum = 0;
    for (let k = first; k <= last; k += 1) {
      const place = Math.abs(centre - k) * FINE, at = Math.floor(place), part = place - at;
      sum += samples[k] * (table[at] + part * (table[at + 1] - table[at]));
    }
    out[m] = sum;
  }
  return out;
}
