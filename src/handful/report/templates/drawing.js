// The curves of one tag, in units of the data: from 0 to 1, upwards.

function shorter(x) {
  return String(Math.floor(x * 10000 + 0.5) / 10000);
}

function point(x, y) {
  return `${shorter(x)} ${shorter(y)}`;
}

function rocPath(tag) {
  const points = tag.tp.map((tp, i) => point(tag.fp[i] / tag.n_negative, tp / tag.n_positive));
  return `M${["0 0", ...points].join("L")}`;
}

function bandPath({low, high}) {
  const along = (ends, i) => point(i / (ends.length - 1), ends[i]);
  const there = high.map((_, i) => along(high, i)), back = low.map((_, i) => along(low, i));
  return `M${[...there, ...back.reverse()].join("L")}Z`;
}

function precisionPath(tag, prevalence) {
  const steps = tag.tp.map((tp, i) => {
    const y = precisionOf(tag, {tp, fp: tag.fp[i]}, prevalence);
    return `${i ? `V${shorter(y)}` : `M0 ${shorter(y)}`}H${shorter(tp / tag.n_positive)}`;
  });
  return steps.join("");
}

function drawn(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// Where a share lies on the paper of the drawing; the template's own frame.
const FRAME = {left: 44, top: 10, side: 264};
const across = x => FRAME.left + FRAME.side * x;
const down = y => FRAME.top + FRAME.side * (1 - y);

function placed(element, x, y) {
  element.setAttribute("cx", across(x).toFixed(2));
  element.setAttribute("cy", down(y).toFixed(2));
  element.toggleAttribute("hidden", false);
}

function reliabilityMarks(bins) {
  return bins.flatMap((bin, i) => {
    const x = across(bin.said).toFixed(2), y = down(bin.k / bin.n).toFixed(2);
    const ends = {x1: x, x2: x, y1: down(bin.low).toFixed(2), y2: down(bin.high).toFixed(2)};
    const count = bin.n < 10000 ? String(bin.n) : `${Math.floor(bin.n / 1000)}k`;
    return [
      drawn("line", {class: "whisk", ...ends}),
      drawn("circle", {class: "dot", cx: x, cy: y, r: 4.5}),
      drawn("text", {class: "n", x: countPlace(bins, i), y: 2, "text-anchor": "middle"}, count),
    ];
  });
}

// In the middle of its tenth: the counts cannot run into one another there.
function countPlace(bins, i) {
  const tenth = Math.min(9, Math.max(0, Math.ceil(bins[i].said * 10 - 1e-9) - 1));
  return across((tenth + 0.5) / 10).toFixed(2);
}

function drawCurves(part, tag, prevalence) {
  part("roc-curve").setAttribute("d", rocPath(tag));
  part("roc-band").setAttribute("d", bandPath(tag.roc_band));
  part("pr-curve").setAttribute("d", precisionPath(tag, prevalence));
  const share = down(prevalence ?? sampleShare(tag)).toFixed(2);
  part("pr-guess").setAttribute("y1", share);
  part("pr-guess").setAttribute("y2", share);
  part("bins").replaceChildren(...reliabilityMarks(tag.reliability));
}

function drawPoint(part, tag, counts, precision, threshold) {
  const found = counts.tp / tag.n_positive;
  placed(part("roc-point"), counts.fp / tag.n_negative, found);
  if (precision === null) part("pr-point").setAttribute("hidden", "");
  else placed(part("pr-point"), found, precision);
  const x = across(Math.min(1, threshold)).toFixed(2);
  part("line").setAttribute("x1", x);
  part("line").setAttribute("x2", x);
}
