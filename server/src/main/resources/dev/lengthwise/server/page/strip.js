// A strip of the context: what the last token sees of its text, and what is held, as the engine
// says it. One bar for each run of layers that see the same.

const KINDS = {
  cut: "never read: let go by the context policy",
  sink: "sink: a first token that stays visible",
  exact: "seen at its true distance",
  moved: "seen at another distance (window or group)",
  candidate: "seen where its score is among the greatest",
  state: "in the state of a recurrence",
  held: "held, but no longer seen",
  dropped: "dropped",
  unread: "still to be read",
};

const count = (number) => number.toLocaleString("en");
const short = (number) => String(Number(number.toFixed(1)));

const make = (name, className, text) => {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

// The strip of one method.
export class Strip {
  constructor(parent, method) {
    this.section = make("section", "strip");
    this.title = make("h3", "", method);
    this.facts = make("p", "facts", "…");
    this.bars = make("div", "bars");
    this.section.append(this.title, this.facts, this.bars);
    parent.append(this.section);
  }

  name(method) {
    this.title.textContent = method;
  }

  // Shows a chunk of a stream that has `prompt_progress` and `context`.
  show({ prompt_progress: progress, context }, trainedLength) {
    const unread = progress.total - progress.processed;
    const cached = progress.cache > 0 ? `, ${count(progress.cache)} of them from the cache` : "";
    this.facts.textContent = unread > 0
      ? `reading: ${count(progress.processed)} of ${count(progress.total)} tokens`
      : `${count(context.tokens)} tokens, ${count(progress.total)} of the prompt${cached}, read in ${progress.time_ms} ms`;
    this.bars.replaceChildren(
      ...context.layers.map((run) => bar(run, context, unread, context.layers.length, trainedLength)));
  }
}

function bar(run, context, unread, runs, trainedLength) {
  const spans = [
    { kind: "cut", from: 0, until: context.dropped_tokens, outside: true },
    ...run.spans,
    { kind: "unread", from: context.tokens, until: context.tokens + unread },
  ].filter((span) => span.until > span.from);
  const node = make("div", "layers");
  const layers = run.first === run.last ? `layer ${run.first}` : `layers ${run.first} to ${run.last}`;
  if (runs > 1) node.append(make("span", "facts", layers));
  const line = make("div", "bar");
  line.setAttribute("role", "img");
  line.setAttribute("aria-label", `${layers}: ${spans.map(sentence).join("; ")}`);
  for (const span of spans) {
    const part = make("i", `part ${span.kind}`);
    part.style.flexGrow = String(span.until - span.from);
    part.title = sentence(span);
    line.append(part);
  }
  const all = context.dropped_tokens + context.tokens + unread;
  if (trainedLength < context.tokens + unread) {
    const mark = make("b", "trained");
    mark.style.left = `${(100 * (context.dropped_tokens + trainedLength)) / all}%`;
    mark.title = `the trained length, ${count(trainedLength)}`;
    line.append(mark);
  }
  node.append(line, make("p", "facts", summary(run.spans)));
  return node;
}

function sentence(span) {
  const tokens = span.outside
    ? `${count(span.until)} tokens before the text`
    : `tokens ${count(span.from)} to ${count(span.until - 1)}`;
  const distance = span.nearest === undefined
    ? "" : `, at distances ${short(span.farthest)} to ${short(span.nearest)}`;
  return `${tokens}: ${KINDS[span.kind]}${distance}`;
}

function summary(spans) {
  const sums = new Map();
  for (const { kind, from, until } of spans) sums.set(kind, (sums.get(kind) ?? 0) + until - from);
  return [...sums].map(([kind, tokens]) => `${count(tokens)} ${kind}`).join(" · ");
}

// The meaning of the colours that are there to be seen.
export function legend(list, strips) {
  const kinds = Object.entries(KINDS).filter(([kind]) => strips.querySelector(`.${kind}`));
  list.hidden = kinds.length === 0;
  list.replaceChildren(...kinds.map(([kind, meaning]) => {
    const item = make("li");
    item.append(make("i", `part ${kind}`), meaning);
    return item;
  }));
}
