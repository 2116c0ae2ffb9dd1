// What the model's outputs mean, by what its tags are. A new kind is one function more.

function exclusive(about, { probabilities, answer, known }) {
  const shares = Array.from(probabilities.data);
  const at = Number(answer.data[0]);
  const rows = about.tags.map((tag, i) => ({ tag, share: shares[i], chosen: i === at }));
  rows.sort((one, other) => other.share - one.share);
  const asks = at < 0;
  return {
    headline: asks ? "Ask a person" : about.tags[at],
    detail: asks ? "no answer is sure enough here" : `${sure(shares[at])} sure`,
    known: Boolean(known.data[0]),
    refusal: "None of these",
    rows,
    plain: { tag: asks ? null : about.tags[at], probabilities: shares, known: Boolean(known.data[0]) },
  };
}

function several(about, { probabilities, answer, known }) {
  const shares = Array.from(probabilities.data);
  const given = Array.from(answer.data, Boolean);
  const rows = about.tags.map((tag, i) => ({ tag, share: shares[i], chosen: given[i] }));
  rows.sort((one, other) => other.share - one.share);
  const tags = about.tags.filter((_, i) => given[i]);
  return {
    headline: tags.join(", ") || "None of its tags",
    detail: "",
    known: Boolean(known.data[0]),
    refusal: "None of these",
    rows,
    plain: { tags, probabilities: shares, known: Boolean(known.data[0]) },
  };
}

function number(about, { value, low, high, known }) {
  const [middle, from, to] = [value, low, high].map(one => one.data[0]);
  return {
    headline: `${short(middle)}`,
    detail: `9 of 10 lie between ${short(from)} and ${short(to)}`,
    known: Boolean(known.data[0]),
    refusal: "It cannot tell",
    plain: { value: middle, low: from, high: to, known: Boolean(known.data[0]) },
  };
}

const short = value => String(Number(value.toPrecision(4)));

const sure = share => (share > 0.995 && share < 1 ? "more than 99 %" : `${Math.round(100 * share)} %`);

export const KINDS = { exclusive, several, number };
