// The losses of a text by position, one line for each method, with the line at the trained length.
const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 40;
const BOTTOM = 24;
const BINS = 80;

const svg = (name, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
};

// Means of neighbours: points [position, nats].
export function binned(logprobs) {
  const losses = logprobs.map((value, at) => [at, -value]).slice(1); // nothing precedes the first
  const size = Math.max(1, Math.ceil(losses.length / BINS));
  const points = [];
  for (let from = 0; from < losses.length; from += size) {
    const bin = losses.slice(from, from + size);
    points.push([bin[0][0], bin.reduce((sum, [, loss]) => sum + loss, 0) / bin.length]);
  }
  return points;
}

// A chart of lines { name, points }.
export function chart(lines, trainedLength) {
  const last = Math.max(1, ...lines.flatMap((line) => line.points.map(([at]) => at)));
  const highest = Math.max(1, ...lines.flatMap((line) => line.points.map(([, loss]) => loss)));
  const x = (at) => LEFT + (at / last) * (WIDTH - LEFT - 8);
  const y = (loss) => HEIGHT - BOTTOM - (loss / highest) * (HEIGHT - BOTTOM - 12);
  const said = `Loss by position up to token ${last}: ${lines.map((line) => line.name).join(", ")}`;
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said, class: "losses" });
  for (const loss of [0, highest / 2, highest]) {
    drawing.append(
      svg("line", { x1: LEFT, x2: WIDTH - 8, y1: y(loss), y2: y(loss), class: "rule" }),
      svg("text", { x: LEFT - 4, y: y(loss) + 4, "text-anchor": "end" }, loss.toFixed(1)));
  }
  drawing.append(
    svg("text", { x: LEFT, y: HEIGHT - 6 }, "0"),
    svg("text", { x: WIDTH - 8, y: HEIGHT - 6, "text-anchor": "end" }, `token ${last}`));
  if (trainedLength < last) {
    const at = x(trainedLength);
    drawing.append(
      svg("line", { x1: at, x2: at, y1: 8, y2: HEIGHT - BOTTOM, class: "trained" }),
      svg("text", { x: at, y: HEIGHT - 6, "text-anchor": "middle" }, `trained: ${trainedLength}`));
  }
  lines.forEach((line, number) => {
    const points = line.points.map(([at, loss]) => `${x(at)},${y(loss)}`).join(" ");
    drawing.append(svg("polyline", { points, class: `line line-${number}` }));
  });
  return drawing;
}
