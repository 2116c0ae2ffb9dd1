// WAV files read here, to the last bit; the sampling rates of others, so that the browser keeps them.

const word = (view, at) => String.fromCharCode(...new Uint8Array(view.buffer, at, 4));

// Channels and rate of a WAV file; null where it is another kind of file.
export function wav(bytes) {
  const view = new DataView(bytes);
  if (view.byteLength < 44 || word(view, 0) !== "RIFF" || word(view, 8) !== "WAVE") return null;
  let format = null;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const name = word(view, at), size = view.getUint32(at + 4, true), start = at + 8;
    if (name === "fmt ") format = described(view, start);
    if (name === "data" && format) {
      const end = Math.min(view.byteLength, start + size);
      return format.reader ? { channels: apart(view, start, end, format), rateHz: format.rateHz } : null;
    }
    at = start + size + (size % 2);
  }
  return null;
}

function described(view, at) {
  const kind = view.getUint16(at, true) === 0xfffe ? view.getUint16(at + 24, true) : view.getUint16(at, true);
  const bits = view.getUint16(at + 14, true);
  return {
    channels: view.getUint16(at + 2, true), rateHz: view.getUint32(at + 4, true), bits,
    reader: READERS[`${kind} ${bits}`],
  };
}

const READERS = {
  "1 8": (view, at) => (view.getUint8(at) - 128) / 2 ** 7,
  "1 16": (view, at) => view.getInt16(at, true) / 2 ** 15,
  "1 24": (view, at) => (view.getInt8(at + 2) * 2 ** 16 + view.getUint16(at, true)) / 2 ** 23,
  "1 32": (view, at) => view.getInt32(at, true) / 2 ** 31,
  "3 32": (view, at) => view.getFloat32(at, true),
  "3 64": (view, at) => view.getFloat64(at, true),
};

function apart(view, start, end, { channels, bits, reader }) {
  const step = bits / 8, n = Math.floor((end - start) / (step * channels));
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(n);
    for (let i = 0; i < n; i += 1) samples[i] = reader(view, start + (i * channels + channel) * step);
    return samples;
  });
}

const MP3_HZ = { 3: [44100, 48000, 32000], 2: [22050, 24000, 16000], 0: [11025, 12000, 8000] };

// Sampling rate of a FLAC, Ogg or MP3 file; undefined where it cannot be seen.
export function rateOf(bytes) {
  const view = new DataView(bytes);
  if (view.byteLength < 64) return undefined;
  if (word(view, 0) === "fLaC") return (view.getUint32(18) >>> 12) & 0xfffff;
  if (word(view, 0) === "OggS")
    return word(view, 29) === "vorb" ? view.getUint32(40, true) : word(view, 28) === "Opus" ? 48000 : undefined;
  let at = 0;
  if (word(view, 0).startsWith("ID3"))
    at = 10 + [6, 7, 8, 9].reduce((size, i) => size * 128 + view.getUint8(i), 0);
  const end = Math.min(view.byteLength - 4, at + 65536);
  for (; at < end; at += 1)
    if (view.getUint16(at) >= 0xffe0) {
      const rates = MP3_HZ[(view.getUint8(at + 1) >> 3) & 3];
      return rates?.[(view.getUint8(at + 2) >> 2) & 3];
    }
  return undefined;
}
