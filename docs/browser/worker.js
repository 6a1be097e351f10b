// Python in a worker: Pyodide, initport's wheel, and run.py, all from this site.
import { loadPyodide } from "./pyodide.mjs";

const here = (name) => new URL(name, import.meta.url);

async function fetched(name) {
  const response = await fetch(here(name));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

async function start() {
  self.postMessage({ status: "Loading Python (about 14 MB, the first time only) …" });
  const pyodide = await loadPyodide({ indexURL: here(".").href });
  pyodide.unpackArchive(await (await fetched("initport.whl")).arrayBuffer(), "wheel");
  const run = pyodide.toPy({ __name__: "run" });
  pyodide.runPython(await (await fetched("run.py")).text(), { globals: run });
  return run.get("answer");
}

let ready = null;
self.onmessage = async ({ data }) => {
  try {
    const answer = await (ready ??= start());
    self.postMessage({ status: "Working …" });
    self.postMessage({ answer: JSON.parse(answer(data.text, data.kind, data.target, data.version)) });
  } catch (error) {
    const lines = String(error.message ?? error).trim().split("\n");
    self.postMessage({ error: lines.at(-1) });
  }
};
