// A line of the last half minute, newest at the right; drawn in the colours of the page.
const SECONDS = 30, GAP_S = 1;

export class Trace {
  constructor(canvas, {low = null, high = null, unit = ""} = {}) {
    Object.assign(this, {canvas, low, high, unit});
    this.clear();
  }

  clear() {
    this.points = []; // [seconds, value]
    this.spans = []; // [from, to]
    this.band = null;
    this.least = 0;
    this.draw(0);
  }

  add(points, now) {
    this.points.push(...points);
    const first = this.points.findIndex(([time]) => time >= now - SECONDS - GAP_S);
    if (first > 0) this.points.splice(0, first);
    this.spans = this.spans.filter(([, end]) => end >= now - SECONDS);
    this.draw(now);
  }

  limits() {
    if (this.low !== null) return [this.low, this.high];
    const most = Math.max(this.least / 2, 1e-6, ...this.points.map(([, value]) => Math.abs(value)));
    return [-1.1 * most, 1.1 * most];
  }

  draw(now) {
    const {canvas} = this, scale = devicePixelRatio || 1, {clientWidth: width, clientHeight: height} = canvas;
    if (!width) return;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d"), style = getComputedStyle(canvas);
    const colour = name => style.getPropertyValue(`--${name}`).trim();
    const [low, high] = this.limits(), foot = 18;
    const x = time => width * (1 - (now - time) / SECONDS);
    const y = value => (height - foot) * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
    context.scale(scale, scale);
    context.font = `12px ${style.fontFamily}`;
    this.ground(context, {colour, x, y, now, width, height, low, high});
    context.strokeStyle = colour("blue");
    context.lineWidth = 1.75;
    context.lineJoin = "round";
    context.beginPath();
    let before = -Infinity;
    for (const [time, value] of this.points) {
      if (time - before > GAP_S) context.moveTo(x(time), y(value));
      else context.lineTo(x(time), y(value));
      before = time;
    }
    context.stroke();
  }

  ground(context, {colour, x, y, now, width, height, low, high}) {
    const bottom = height - 18;
    context.fillStyle = colour("orange");
    context.globalAlpha = 0.3;
    for (const [start, end] of this.spans) context.fillRect(x(start), 0, Math.max(2, x(end) - x(start)), bottom);
    if (this.band) {
      context.fillStyle = colour("blue");
      context.globalAlpha = 0.18;
      context.fillRect(0, y(this.band[1]), width, Math.max(2, y(this.band[0]) - y(this.band[1])));
    }
    context.globalAlpha = 1;
    context.fillStyle = colour("muted");
    context.strokeStyle = colour("rule");
    context.lineWidth = 1;
    const lines = this.unit ? [-80, -60, -40, -20] : [0];
    for (const value of lines.filter(value => value > low && value < high)) {
      context.beginPath();
      context.moveTo(0, y(value));
      context.lineTo(width, y(value));
      context.stroke();
      context.fillText(this.unit ? String(value).replace("-", "−") : "still", 2, y(value) - 3);
    }
    for (let back = 0; back <= SECONDS; back += 10) {
      const words = back ? `${back} s ago` : "now", wide = context.measureText(words).width;
      context.fillText(words, Math.min(width - wide, Math.max(0, x(now - back) - wide / 2)), height - 4);
    }
  }
}
