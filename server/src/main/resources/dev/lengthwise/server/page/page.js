// The page: a conversation under one position method, or two side by side, what the engine sees
// meanwhile, and reports. A model without a chat template continues texts instead.
import { Api } from "./api.js";
import { Curves } from "./curves.js";
import { Settings } from "./settings.js";
import { legend, Strip } from "./strip.js";

const element = (id) => document.getElementById(id);
const api = new Api();
const settings = new Settings(element);
const curves = new Curves(element("chart"), element("means"));
const log = element("log");
let messages = [];
let chats = true;
let running = null;

function add(parent, kind, text) {
  const article = document.createElement("article");
  const words = document.createElement("p");
  const facts = document.createElement("p");
  article.className = kind;
  facts.className = "facts";
  words.textContent = text;
  article.append(words, facts);
  parent.append(article);
  log.scrollTop = log.scrollHeight;
  return { article, words, facts };
}

async function describe() {
  api.key = element("key").value;
  const response = await api.get("props");
  if (response.status === 401) {
    element("key-label").hidden = false;
    element("model").textContent = "The server wants a key.";
    return;
  }
  const props = await response.json();
  curves.trainedLength = props.trained_length;
  chats = Object.keys(props.chat_templates).length > 0;
  const facts = [
    props.model_alias, `trained on ${props.trained_length} tokens`,
    `up to ${props.default_generation_settings.n_ctx} here`, props.position_method,
    ...(chats ? [] : ["no chat template: texts are continued"]),
    ...(props.continues_texts ? [] : ["an encoder: it makes vectors (v1/embeddings) and writes no texts"]),
  ];
  element("model").textContent = facts.join(" · ");
  element("methods").replaceChildren(...["declared", ...props.position_methods].map((name) => new Option(name, name)));
  element("talk").inert = !props.continues_texts;
  if (!api.key) await listReports(); // frames send no key
}

async function listReports() {
  const response = await api.get("results");
  const reports = response.ok ? (await response.json()).reports : [];
  element("tabs").hidden = reports.length === 0;
  const wanted = new URLSearchParams(location.hash.slice(1)).get("report");
  element("report").replaceChildren(
    ...reports.map((name) => new Option(name.replace(/\/?report\.html$/, "") || "report", name)));
  if (reports.includes(wanted)) element("report").value = wanted;
  if (reports.length > 0) show(settings.tab);
}

function show(tab) {
  settings.tab = tab;
  for (const name of ["talk", "results"]) {
    element(name).hidden = name !== tab;
    element(`${name}-tab`).setAttribute("aria-selected", String(name === tab));
    element(`${name}-tab`).tabIndex = name === tab ? 0 : -1;
  }
  const report = `results/${element("report").value.split("/").map(encodeURIComponent).join("/")}`;
  if (tab === "results") element("shown").src = report;
  settings.save();
}

function colour() {
  const theme = element("theme").value;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  curves.draw();
}

// One answer, or a text that is only read, with its strip and its curve.
async function follow(line, path, body, words, facts) {
  const strip = new Strip(element("strips"), body.position_method);
  let position = 0;
  const all = { stream: true, stream_options: { include_usage: true }, return_progress: true, ...body };
  for await (const part of api.stream(path, all, running.signal)) {
    if (part.position_method) strip.name(curves.lines[line].name = part.position_method);
    if (part.context) {
      strip.show(part, curves.trainedLength);
      legend(element("legend"), element("strips"));
      position = Math.max(position, body.echo ? 0 : part.prompt_progress.total);
    }
    const choice = part.choices[0];
    if (choice) {
      if (words) words.textContent += choice.delta?.content ?? choice.text ?? "";
      for (const [logprob, entropy] of scores(choice.logprobs)) {
        if (logprob !== null) curves.add(line, position, logprob, entropy);
        position++;
      }
    }
    if (part.usage) {
      const { prompt_tokens: read, completion_tokens: written, dropped_tokens: dropped } = part.usage;
      facts.textContent = `${part.position_method} · read ${read} tokens · wrote ${written}${dropped > 0 ? ` · ${dropped} of the prompt were let go` : ""}`;
    }
    log.scrollTop = log.scrollHeight;
  }
}

function scores(logprobs) {
  if (!logprobs) return [];
  return logprobs.content
    ? logprobs.content.map((token) => [token.logprob, token.entropy])
    : logprobs.token_logprobs.map((logprob, at) => [logprob, logprobs.token_entropies[at]]);
}

async function answer(line, method, box, asked) {
  const { words, facts, article } = add(box, "model", "");
  const body = {
    position_method: method,
    context_policy: settings.get("policy"),
    temperature: Number(settings.get("temperature")),
    max_tokens: Number(settings.get("tokens")),
    ...(chats ? { messages: asked, logprobs: true } : { prompt: asked.map((message) => message.content).join(""), logprobs: 0 }),
  };
  try {
    await follow(line, chats ? "v1/chat/completions" : "v1/completions", body, words, facts);
  } catch (failure) {
    fail(failure, article, words, facts);
    if (failure.name !== "AbortError") return null;
  }
  return { article, text: words.textContent };
}

// Lets a person choose among several answers until the next message is sent; the first is chosen.
function offer(answers, message) {
  const group = `answers-${log.childElementCount}`;
  for (const { article, text } of answers) {
    const radio = document.createElement("input");
    const label = document.createElement("label");
    radio.type = "radio";
    radio.name = group;
    radio.checked = article === answers[0].article;
    radio.addEventListener("change", () => { message.content = text; });
    label.className = "inline choice";
    label.append(radio, "Go on with this answer");
    article.append(label);
  }
}

function fail(failure, article, words, facts) {
  if (failure.name === "AbortError") {
    facts.textContent += " stopped";
  } else {
    article.className = "wrong";
    words.textContent = failure.message;
  }
}

// Runs something under every chosen method at once, and can be stopped.
async function run(work) {
  running = new AbortController();
  element("send").disabled = true;
  element("read").disabled = true;
  element("stop").disabled = false;
  element("strips").replaceChildren();
  const methods = settings.methods();
  curves.clear(methods);
  const box = document.createElement("div");
  box.className = "answers";
  log.append(box);
  const results = await Promise.all(methods.map((method, line) => work(line, method, box)));
  running = null;
  element("send").disabled = false;
  element("read").disabled = false;
  element("stop").disabled = true;
  return results;
}

async function send() {
  const prompt = element("prompt").value;
  if (!prompt || running) return;
  element("prompt").value = "";
  for (const choice of log.querySelectorAll(".choice input")) choice.disabled = true;
  add(log, "user", prompt);
  const own = messages; // "New" begins another array, and may be pressed before the answer ends
  own.push({ role: "user", content: prompt });
  const asked = [...own];
  const all = await run((line, method, box) => answer(line, method, box, asked));
  const answers = all.filter((one) => one !== null); // others are complaints
  if (answers.length === 0) {
    own.pop();
  } else {
    const message = { role: "assistant", content: answers[0].text };
    own.push(message);
    if (answers.length > 1) offer(answers, message);
  }
  element("prompt").focus();
}

// What the model makes of a text that it only reads: the message, or the conversation so far.
async function read() {
  const text = element("prompt").value;
  if (running || (!text && messages.length === 0)) return;
  await run(async (line, method, box) => {
    const { words, facts, article } = add(box, "model", "Read, with the loss of every token.");
    try {
      const prompt = text || (await whole());
      const body = { prompt, echo: true, logprobs: 0, max_tokens: 0, position_method: method };
      await follow(line, "v1/completions", body, null, facts);
    } catch (failure) {
      fail(failure, article, words, facts);
    }
  });
}

// The conversation as the model is given it.
async function whole() {
  if (!chats) return messages.map((message) => message.content).join("");
  const template = await api.post("apply-template", { messages, add_generation_prompt: false, continue_final_message: false });
  const { prompt } = await template.json();
  const tokens = await api.post("tokenize", { content: prompt, parse_special: true });
  return (await tokens.json()).tokens;
}

// The sentence of the server where it does not take a method.
async function check(name) {
  const method = settings.get(name);
  let fault = "";
  if (method) {
    try {
      await api.post("v1/completions", { prompt: [0], max_tokens: 0, position_method: method });
    } catch (failure) {
      fault = failure.message;
    }
  }
  if (method !== settings.get(name)) return; // another one has been chosen meanwhile
  element(name).setAttribute("aria-invalid", String(fault !== ""));
  element(`${name}-fault`).textContent = fault;
}

const stop = () => running?.abort();

function clear() {
  stop();
  messages = [];
  log.replaceChildren();
  element("prompt").focus();
}

// Arrows go from tab to tab, as screen readers expect.
function turn(event) {
  const step = { ArrowLeft: "talk", ArrowRight: "results", Home: "talk", End: "results" }[event.key];
  if (!step) return;
  event.preventDefault();
  show(step);
  element(`${step}-tab`).focus();
}

function start() {
  settings.load();
  colour();
  curves.shown = settings.get("curve");
  for (const name of ["method", "beside"]) {
    element(name).addEventListener("change", () => check(name));
  }
  element("form").addEventListener("change", () => settings.save());
  element("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  element("read").addEventListener("click", read);
  element("stop").addEventListener("click", stop);
  element("clear").addEventListener("click", clear);
  element("key").addEventListener("change", describe);
  element("theme").addEventListener("change", () => { colour(); settings.save(); });
  element("curve").addEventListener("change", () => { curves.shown = settings.get("curve"); curves.draw(); settings.save(); });
  element("talk-tab").addEventListener("click", () => show("talk"));
  element("results-tab").addEventListener("click", () => show("results"));
  element("tabs").addEventListener("keydown", turn);
  element("report").addEventListener("change", () => show("results"));
  element("prompt").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", colour);
  describe();
  element("prompt").focus();
}

start();
