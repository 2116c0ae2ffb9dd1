// Pixels shrunk by whole factors and laid over white, to the last digit as Pillow does it.

// By how much a decoder that scales JPEGs would shrink one: 8, 4, 2 or 1.
export function jpegScale(width, height, atLeastPx) {
  const most = Math.min(Math.floor(width / atLeastPx), Math.floor(height / atLeastPx));
  return [8, 4, 2].find(scale => scale <= most) ?? 1;
}

// Means of boxes of factor x factor RGBA pixels; what is left at the edges makes smaller boxes.
export function shrunk({ data, width, height }, factor) {
  if (factor < 2) return { data, width, height };
  const across = Math.ceil(width / factor), down = Math.ceil(height / factor);
  const small = new Uint8ClampedArray(across * down * 4);
  const sums = new Float64Array(across * 4);
  for (let row = 0; row < down; row += 1) {
    sums.fill(0);
    const last = Math.min(height, (row + 1) * factor);
    for (let y = row * factor; y < last; y += 1)
      for (let x = 0, at = y * width * 4; x < width; x += 1, at += 4) {
        const to = Math.floor(x / factor) * 4;
        sums[to] += data[at];
        sums[to + 1] += data[at + 1];
        sums[to + 2] += data[at + 2];
        sums[to + 3] += data[at + 3];
      }
    for (let column = 0; column < across; column += 1) {
      const n = (Math.min(width, (column + 1) * factor) - column * factor) * (last - row * factor);
      const times = Math.trunc(Math.fround(2 ** 32 / (256 * n)));
      for (let colour = 0; colour < 4; colour += 1)
        small[(row * across + column) * 4 + colour] =
          Math.floor(((sums[column * 4 + colour] + (n >> 1)) * times) / 2 ** 24);
    }
  }
  return { data: small, width: across, height: down };
}

// RGB without transparency, Uint8Array, from RGBA.
export function overWhite(data) {
  const pixels = new Uint8Array((data.length / 4) * 3);
  for (let at = 0, to = 0; at < data.length; at += 4, to += 3) {
    const solid = data[at + 3];
    for (let colour = 0; colour < 3; colour += 1) {
      const mixed = data[at + colour] * solid + 255 * (255 - solid) + 128;
      pixels[to + colour] = (mixed + (mixed >> 8)) >> 8;
    }
  }
  return pixels;
}
