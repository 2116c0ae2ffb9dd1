// Another sampling rate: a sum of sinc functions under a Kaiser window, as steep as the resampler
// with which the model was taught (Smith, "Digital Audio Resampling", 2002).

const PASSED = 0.9136, STOPPED_DB = 130; // share of the band that is kept, and what is left above it
const FINE = 1024; // points of the window's table for each sample

function bessel(x) {
  let sum = 1, term = 1;
  for (let k = 1; term > 1e-12 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function kernel(ratio) {
  const band = Math.min(1, ratio); // of the lower rate, in units of the input's
  const cut = (band * (PASSED + 1)) / 2, width = Math.PI * band * (1 - PASSED);
  const half = Math.ceil((STOPPED_DB - 8) / (2.285 * width) / 2);
  const beta = 0.1102 * (STOPPED_DB - 8.7), norm = bessel(beta);
  const table = new Float64Array(half * FINE + 2);
  for (let i = 0; i < table.length; i += 1) {
    const t = i / FINE, inside = Math.max(0, 1 - (t / half) ** 2);
    const sinc = t === 0 ? cut : Math.sin(Math.PI * cut * t) / (Math.PI * t);
    table[i] = (sinc * bessel(beta * Math.sqrt(inside))) / norm;
  }
  return { table, half };
}

export function resampled(samples, fromHz, toHz) {
  if (fromHz === toHz) return samples;
  const ratio = toHz / fromHz;
  const { table, half } = kernel(ratio);
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
