// The form and its results. The work is done by worker.js, so that the page answers meanwhile.
import { EXAMPLES } from "./examples.js";

const root = document.getElementById("initport");
const form = root.querySelector("form");
const text = form.elements.text;
const status = root.querySelector("[role=status]");
const result = document.getElementById("initport-result");
const button = form.querySelector("button");
let worker = null;
let untouched = true;

const say = (line) => { status.textContent = line; };

function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  if (typeof content === "string") made.textContent = content;
  else made.append(...content);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// What is wider than the page scrolls by itself, also by keyboard.
const scroll = (label, content) =>
  element("div", [content], { class: "initport-scroll", tabindex: "0", role: "region", "aria-label": label });

function table(head, rows) {
  const line = (cells, name) => element("tr", cells.map((cell) => element(name, cell)));
  return element("table", [element("thead", [line(head, "th")]), element("tbody", rows.map((row) => line(row, "td")))]);
}

function plot({ svg, caption }) {
  const figure = element("figure", []);
  figure.innerHTML = svg; // made by run.py of numbers alone
  figure.append(element("figcaption", caption));
  return figure;
}

function show({ code, head, rows, findings, plots, note }) {
  const parts = [];
  if (findings.length) {
    parts.push(element("h2", "Findings"), element("ul", findings.map((line) => element("li", line))));
  }
  if (rows.length) parts.push(element("h2", "How every weight starts"), scroll("Table of weights", table(head, rows)));
  if (plots.length) parts.push(element("h2", "Densities"), element("div", plots.map(plot), { class: "initport-plots" }));
  if (note) parts.push(element("p", note));
  if (code) parts.push(element("h2", "What to use"), scroll("Converted code", element("pre", [element("code", code)])));
  result.replaceChildren(...parts);
  result.hidden = false;
  result.focus({ preventScroll: true });
}

function start() {
  const fresh = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  fresh.onmessage = ({ data }) => {
    if (data.status) return say(data.status);
    button.disabled = false;
    if (data.error) {
      say(`It did not work: ${data.error}`);
    } else {
      say(data.answer.summary);
      show(data.answer);
    }
  };
  fresh.onerror = (event) => {
    event.preventDefault();
    worker = null;
    button.disabled = false;
    say(`Python for the browser could not be started: ${event.message || "a file is missing on this site"}`);
  };
  return fresh;
}

for (const radio of form.elements.kind) {
  radio.addEventListener("change", () => {
    if (untouched || !text.value.trim()) text.value = EXAMPLES[radio.value];
    form.elements.target.value = radio.value === "python" ? "keras" : "torch";
  });
}
text.addEventListener("input", () => { untouched = false; });
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  worker ??= start();
  button.disabled = true;
  say("Working …");
  const { kind, target, version } = form.elements;
  worker.postMessage({ text: text.value, kind: kind.value, target: target.value, version: version.value.trim() });
});

text.value = EXAMPLES[form.elements.kind.value || "caffe"];
form.elements.target.value = form.elements.kind.value === "python" ? "keras" : "torch";
say("Ready: choose what you have, paste its text, and convert (Ctrl+Enter in the text does the same).");
