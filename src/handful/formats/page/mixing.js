// Several channels as one, and of long sounds pieces from all over, as the model was taught.

const SEGMENT_S = 0.125, REMEMBERED_S = 4, OPPOSITE = -0.5, SAME = 0;
const WHOLE_S = 30, PIECES = 6, PIECE_S = 5;

// The mean of all channels, those turned round that are opposite to the first. A segment is mixed
// by what was heard before it, the first one by itself.
export function mixed(channels, rateHz) {
  if (channels.length === 1) return channels[0];
  const n = channels[0].length, segment = Math.max(1, roundedToEven(SEGMENT_S * rateHz));
  const forget = 0.5 ** (SEGMENT_S / REMEMBERED_S);
  const products = channels.map(() => 0), powers = channels.map(() => 0);
  let signs = null;
  const out = new Float32Array(n);
  const mix = (from, to) => {
    for (let at = from; at < to; at += 1)
      out[at] = channels.reduce((sum, channel, i) => sum + channel[at] * signs[i], 0) / channels.length;
  };
  for (let from = 0; from < n; from += segment) {
    const to = Math.min(n, from + segment), first = signs === null;
    if (!first) mix(from, to);
    if (to - from < segment && !first) break;
    channels.forEach((channel, i) => {
      let product = 0, power = 0;
      for (let at = from; at < to; at += 1) {
        product += channel[at] * channels[0][at];
        power += channel[at] ** 2;
      }
      products[i] = forget * products[i] + product;
      powers[i] = forget * powers[i] + power;
    });
    signs = channels.map((_, i) => {
      const size = Math.sqrt(powers[i] * powers[0]);
      const alike = size > 0 ? products[i] / size : 0;
      return (signs?.[i] ?? 1) < 0 ? (alike <= SAME ? -1 : 1) : alike < OPPOSITE ? -1 : 1;
    });
    if (first) mix(from, to);
  }
  return out;
}

function roundedToEven(value) {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 ? near - 1 : near;
}

// All of a short sound; of a long one six pieces of 5 s, spread evenly.
export function pieces(samples, rateHz) {
  const seconds = samples.length / rateHz;
  if (seconds <= WHOLE_S) return samples;
  const length = Math.trunc(PIECE_S * rateHz);
  const last = samples.length - length;
  const out = new Float32Array(PIECES * length);
  for (let piece = 0; piece < PIECES; piece += 1) {
    const begin = Math.trunc((piece * last) / (PIECES - 1));
    out.set(samples.subarray(begin, begin + length), piece * length);
  }
  return out;
}
