// A conversation with the model, under one position method or two side by side. A model without a
// chat template continues texts instead.
const element = (id) => document.getElementById(id);
const log = element("log");
let messages = [];
let chats = true;
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
  chats = Object.keys(props.chat_templates).length > 0;
  const kind = chats ? "" : " · no chat template: texts are continued";
  element("model").textContent =
    `${props.model_alias} · trained on ${props.trained_length} tokens · up to ${props.default_generation_settings.n_ctx} here · ${props.position_method}${kind}`;
  element("methods").replaceChildren(
    ...["declared", ...props.position_methods].map((name) => new Option(name, name)));
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
  const methods = [element("method").value || "declared", element("beside").value].filter(Boolean);
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

const stop = () => running?.abort();
element("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
element("stop").addEventListener("click", stop);
element("clear").addEventListener("click", () => { stop(); messages = []; log.replaceChildren(); element("prompt").focus(); });
element("key").addEventListener("change", describe);
element("prompt").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
const [method, beside] = new URLSearchParams(location.hash.slice(1)).getAll("method");
if (method) element("method").value = method;
if (beside) element("beside").value = beside;
describe();
element("prompt").focus();
