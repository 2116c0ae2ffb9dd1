// Asking the studio: every change carries a mark that no other site's page may send.
const MARK = {"x-handful": "studio"};
export const $ = id => document.getElementById(id);

// A reason as a sentence; what it begins with stays as it is where that is a name.
function sentence(reason, name) {
  const named = name && reason.startsWith(name) || !/^\p{L}+[\s,:;.]/u.test(reason);
  return named ? reason : reason.charAt(0).toUpperCase() + reason.slice(1);
}

async function answered(path, options, name = "") {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The studio does not answer: was it ended?");
  }
  if (answer.ok) return answer;
  let reason = `The studio refused (${answer.status}).`;
  try { reason = (await answer.json()).error ?? reason; } catch { /* no JSON: keep the number */ }
  throw new Error(sentence(reason, name));
}

export async function get(path) {
  return (await answered(path)).json();
}

export async function change(path, values = {}) {
  const headers = {...MARK, "content-type": "application/json"};
  return (await answered(path, {method: "POST", headers, body: JSON.stringify(values)})).json();
}

export async function send(path, body, query = {}) {
  const headers = {...MARK, "content-type": "application/octet-stream"};
  return (await answered(`${path}?${new URLSearchParams(query)}`, {method: "POST", headers, body}, query.name)).json();
}

export async function fetched(path, values) {
  const headers = {...MARK, "content-type": "application/json"};
  return (await answered(path, {method: "POST", headers, body: JSON.stringify(values)})).blob();
}

export function address(kind, sample) {
  return `/${kind}/${sample.name.split("/").map(encodeURIComponent).join("/")}?v=${sample.stamp}`;
}

export function element(name, text = "", className = "") {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

export function percent(share) {
  if (share > 0.995 && share < 1) return ">\u202f99\u202f%";
  if (share < 0.005 && share > 0) return "<\u202f1\u202f%";
  return `${Math.round(100 * share)}\u202f%`;
}

// A name for what comes in together: the time, and something that two windows do not share.
export function key() {
  return Date.now().toString(36) + Math.random().toString(36).slice(2, 6);
}

let closing = null;

export function say(words, {button = "", act = null} = {}) {
  const toast = $("toast");
  clearTimeout(closing);
  toast.textContent = words;
  if (button) {
    const made = element("button", button);
    made.type = "button";
    made.addEventListener("click", () => { toast.textContent = ""; act(); });
    toast.append(made);
  }
  closing = setTimeout(() => { toast.textContent = ""; }, 8000);
}

// A list whose arrow keys only look: Enter takes what stands there, the pointer takes at once.
export function onTaken(select, act) {
  let keyed = false;
  select.setAttribute("aria-description", "Enter takes what is chosen");
  select.addEventListener("pointerdown", () => { keyed = false; });
  select.addEventListener("keydown", event => {
    if (event.key === "Enter" && keyed) { // else it opens the list where a system wants that
      event.preventDefault();
      keyed = false;
      act(select.value);
    } else if (event.key.length === 1 || event.key.startsWith("Arrow") || ["Home", "End", "PageUp", "PageDown"].includes(event.key)) keyed = true;
  });
  select.addEventListener("change", () => { if (!keyed) act(select.value); });
}

// Runs what a person asked for; what goes wrong is told.
export async function tried(work) {
  try {
    return await work();
  } catch (error) {
    say(error.message);
    return null;
  }
}

for (const dialog of document.querySelectorAll("dialog")) {
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
}
