// Rules and counts, as in handful.metrics: what is not looked up is computed in the same way.
// A place is how many of a tag's thresholds (descending) are reached: 0 calls nothing positive.

// Probability from which a yes costs less on average than a no (Elkan 2001, equation 2).
function costThreshold(miss, alarm, trained, used) {
  let odds = alarm / miss;
  if (used !== null) odds /= used / (1 - used) * (1 - trained) / trained;
  return odds / (1 + odds);
}

// The model's probabilities are float32, and so is what they are compared with.
function placeOf(tag, threshold) {
  const first = tag.thresholds.findIndex(t => Math.fround(t) < Math.fround(threshold));
  return first < 0 ? tag.thresholds.length : first;
}

// Lowest threshold that leaves alone at least this share of the negatives.
function placeForSpecificity(tag, atLeast) {
  const enough = fp => (tag.n_negative - fp) / tag.n_negative >= atLeast;
  return tag.fp.filter(enough).length;
}

// The most misses with BinomialCDF(misses; n, 1 - recall) <= 1 - confidence; null where none.
function mostMisses(n, recall, confidence) {
  let term = n * Math.log(recall), risk = Math.exp(term), misses = 0;
  if (risk > 1 - confidence) return null;
  for (; misses < n - 1; misses++) {
    term += Math.log((n - misses) / (misses + 1)) + Math.log((1 - recall) / recall);
    risk += Math.exp(term);
    if (risk > 1 - confidence) break;
  }
  return misses;
}

function leastPositives(recall, confidence) {
  let n = Math.max(1, Math.floor(Math.log(1 - confidence) / Math.log(recall)) - 1);
  while (Math.exp(n * Math.log(recall)) > 1 - confidence) n++;
  return n;
}

// The Neyman-Pearson promise; where it cannot be kept, the place that promises the most.
function promiseOf(tag, recall, confidence) {
  const {n, misses, at} = tag.promise;
  const allowed = mostMisses(n, recall, confidence);
  const row = misses.filter(m => m <= (allowed ?? 0)).length - 1;
  return {
    recall, confidence, kept: allowed !== null, have: n,
    need: leastPositives(recall, confidence), canPromise: (1 - confidence) ** (1 / n),
    place: at[row] + 1, threshold: tag.thresholds[at[row]],
  };
}

// Interval of a count; between two that are known, the wider side of both.
function limitsOf(table, k) {
  const below = table.k.filter(known => known <= k).length - 1;
  const above = table.k.findIndex(known => known >= k);
  const sides = [below, above < 0 ? table.k.length - 1 : above];
  return [
    Math.min(...sides.map(i => table.low[i])), Math.max(...sides.map(i => table.high[i])),
  ];
}

function outcomeOf(tag, place) {
  const tp = place ? tag.tp[place - 1] : 0, fp = place ? tag.fp[place - 1] : 0;
  return {
    tp, fp, fn: tag.n_positive - tp, tn: tag.n_negative - fp,
    sensitivity: limitsOf(tag.sensitivity, tp), specificity: limitsOf(tag.specificity, fp),
  };
}

// Share of the alarms that is real where this share of all is positive; null without alarms.
function precisionOf(tag, {tp, fp}, prevalence) {
  if (!tp && !fp) return null;
  if (prevalence === null) return tp / (tp + fp);
  return precisionAt(tp / tag.n_positive, 1 - fp / tag.n_negative, prevalence);
}

function precisionAt(sensitivity, specificity, prevalence) {
  const real = sensitivity * prevalence, all = real + (1 - specificity) * (1 - prevalence);
  return all > 0 ? real / all : null;
}

function sampleShare(tag) {
  return tag.n_positive / (tag.n_positive + tag.n_negative);
}
