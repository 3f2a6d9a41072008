// A conversation with the model, under one position method or two side by side. A model without a
// chat template continues texts instead.
import { binned, chart } from "./losses.js";

const element = (id) => document.getElementById(id);
const log = element("log");
let messages = [];
let chats = true;
let writes = true;
let trainedLength = Infinity;
let running = null;

const headers = () => {
  const key = element("key").value;
  return key ? { "Content-Type": "application/json", Authorization: `Bearer ${key}` } : { "Content-Type": "application/json" };
};

function add(parent, kind, text) {
  const article = document.createElement("article");
  const words = document.createElement("p");
  article.className = kind;
  words.textContent = text;
  article.append(words);
  parent.append(article);
  article.scrollIntoView({ block: "nearest" });
  return { article, words };
}

async function describe() {
  const response = await fetch("props", { headers: headers() });
  if (response.status === 401) {
    element("key-label").hidden = false;
    element("model").textContent = "The server wants a key.";
    return;
  }
  const props = await response.json();
  trainedLength = props.trained_length;
  chats = Object.keys(props.chat_templates).length > 0;
  const kind = chats ? "" : " · no chat template: texts are continued";
  element("model").textContent =
    `${props.model_alias} · trained on ${props.trained_length} tokens · up to ${props.default_generation_settings.n_ctx} here · ${props.position_method}${kind}`;
  element("methods").replaceChildren(
    ...["declared", ...props.position_methods].map((name) => new Option(name, name)));
  writes = props.continues_texts;
  element("form").hidden = !writes;
  if (!writes) element("model").textContent += " · an encoder: it makes vectors (v1/embeddings) and writes no texts";
}

// Reports that a folder of results has; a server with a key shows none, since frames send no key.
async function listReports() {
  const response = await fetch("results");
  if (!response.ok) return;
  const { reports } = await response.json();
  element("tabs").hidden = reports.length === 0;
  element("report").replaceChildren(...reports.map((name) => new Option(name.replace(/\/?report\.html$/, "") || "report", name)));
}

function showReport() {
  element("shown").src = `results/${element("report").value.split("/").map(encodeURIComponent).join("/")}`;
}

function show(results) {
  element("results").hidden = !results;
  element("log").hidden = results;
  element("form").hidden = results || !writes;
  element("talk-tab").setAttribute("aria-selected", String(!results));
  element("results-tab").setAttribute("aria-selected", String(results));
  if (results) showReport();
}

// The data of server-sent events, one after the other.
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    held += value;
    const whole = held.split("\n\n");
    held = whole.pop();
    for (const event of whole) {
      const data = event.replace(/^data: /, "");
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  }
}

async function answer(method, box, asked) {
  const body = {
    stream: true,
    stream_options: { include_usage: true },
    position_method: method,
    temperature: Number(element("temperature").value),
    max_tokens: Number(element("tokens").value),
    ...(chats ? { messages: asked } : { prompt: asked.map((message) => message.content).join("") }),
  };
  const { article, words } = add(box, "model", "");
  const facts = document.createElement("p");
  facts.className = "facts";
  article.append(facts);
  try {
    const response = await fetch(chats ? "v1/chat/completions" : "v1/completions", {
      method: "POST", headers: headers(), body: JSON.stringify(body), signal: running.signal,
    });
    if (!response.ok) throw new Error((await response.json()).error.message);
    facts.textContent = response.headers.get("X-Lengthwise-Position-Method");
    for await (const part of events(response)) {
      if (part.error) throw new Error(part.error.message);
      const choice = part.choices[0];
      words.textContent += choice ? (chats ? (choice.delta.content ?? "") : choice.text) : "";
      if (part.usage) {
        const { prompt_tokens: read, completion_tokens: written } = part.usage;
        const seconds = response.headers.get("X-Lengthwise-Prefill-Seconds");
        facts.textContent = `${part.position_method} · read ${read} tokens in ${seconds} s · wrote ${written}`;
      }
      article.scrollIntoView({ block: "nearest" });
    }
  } catch (failure) {
    if (failure.name === "AbortError") {
      facts.textContent += " · stopped";
    } else {
      article.className = "wrong";
      words.textContent = failure.message;
      return null;
    }
  }
  return words.textContent;
}

async function send() {
  const prompt = element("prompt").value;
  if (!prompt || running) return;
  running = new AbortController();
  element("send").disabled = true;
  element("stop").disabled = false;
  element("prompt").value = "";
  add(log, "user", prompt);
  messages.push({ role: "user", content: prompt });
  const box = document.createElement("div");
  box.className = "answers";
  log.append(box);
  const methods = chosen();
  location.hash = new URLSearchParams(methods.map((method) => ["method", method])).toString();
  const asked = [...messages];
  const answers = await Promise.all(methods.map((method) => answer(method, box, asked)));
  // The conversation goes on with the first answer.
  if (answers[0] === null) messages.pop();
  else messages.push({ role: "assistant", content: answers[0] });
  running = null;
  element("send").disabled = false;
  element("stop").disabled = true;
  element("prompt").focus();
}

const chosen = () => [element("method").value || "declared", element("beside").value].filter(Boolean);

async function losses(prompt, method) {
  const body = { prompt, echo: true, logprobs: 0, max_tokens: 0, position_method: method };
  const response = await fetch("v1/completions", {
    method: "POST", headers: headers(), body: JSON.stringify(body), signal: running.signal,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return { name: answer.position_method, points: binned(answer.choices[0].logprobs.token_logprobs) };
}

// What the model makes of the text itself, under each method: it is only read.
async function showLosses() {
  const prompt = element("prompt").value || messages.findLast((message) => message.role === "user")?.content;
  if (!prompt || running) return;
  running = new AbortController();
  element("stop").disabled = false;
  const { article, words } = add(log, "model", "");
  try {
    const lines = [];
    for (const method of chosen()) lines.push(await losses(prompt, method));
    words.textContent = `Loss by position, in nats: ${lines.map((line, n) => `${n === 0 ? "solid" : "dashed"} ${line.name}`).join(", ")}`;
    article.append(chart(lines, trainedLength));
  } catch (failure) {
    article.className = failure.name === "AbortError" ? "model" : "wrong";
    words.textContent = failure.name === "AbortError" ? "stopped" : failure.message;
  }
  running = null;
  element("stop").disabled = true;
}

const stop = () => running?.abort();
element("losses").addEventListener("click", showLosses);
element("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
element("stop").addEventListener("click", stop);
element("clear").addEventListener("click", () => { stop(); messages = []; log.replaceChildren(); element("prompt").focus(); });
element("key").addEventListener("change", describe);
element("talk-tab").addEventListener("click", () => show(false));
element("results-tab").addEventListener("click", () => show(true));
element("report").addEventListener("change", showReport);
element("prompt").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
const [method, beside] = new URLSearchParams(location.hash.slice(1)).getAll("method");
if (method) element("method").value = method;
if (beside) element("beside").value = beside;
describe();
listReports();
element("prompt").focus();
