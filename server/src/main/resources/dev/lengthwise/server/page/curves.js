// Loss or entropy by position, one line for each method, with a line at the trained length.

const BINS = 120;

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Means of neighbours: points [position, nats].
export function binned(points) {
  const size = Math.max(1, Math.ceil(points.length / BINS));
  const means = [];
  for (let from = 0; from < points.length; from += size) {
    const bin = points.slice(from, from + size);
    means.push([bin[0][0], mean(bin)]);
  }
  return means;
}

const mean = (points) => points.reduce((sum, [, nats]) => sum + nats, 0) / points.length;

export class Curves {
  lines = []; // { name, loss: [[position, nats]], entropy: … }
  trainedLength = Infinity;
  shown = "loss";
  waiting = false;

  // @param element of the chart
  // @param list of the means before and behind the trained length
  constructor(element, list) {
    this.element = element;
    this.list = list;
    new ResizeObserver(() => this.drawer?.resize()).observe(element);
  }

  clear(names) {
    this.lines = names.map((name) => ({ name, loss: [], entropy: [] }));
    this.draw();
  }

  // Adds a token of a line.
  add(line, position, logprob, entropy) {
    this.lines[line].loss.push([position, -logprob]);
    this.lines[line].entropy.push([position, entropy]);
    this.drawSoon();
  }

  drawSoon() {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => { this.waiting = false; this.draw(); }, 100);
  }

  // The library is fetched when there is something to draw.
  async draw() {
    if (!this.drawer && this.lines.every((line) => line.loss.length === 0)) return;
    await import("./echarts.common.min.js");
    this.drawer ??= globalThis.echarts.init(this.element, null, { renderer: "svg" });
    this.drawer.setOption(this.option(), { notMerge: true });
    this.list.replaceChildren(...this.lines.filter((line) => line.loss.length > 0).map((line) => this.means(line)));
  }

  means(line) {
    const points = line[this.shown];
    const before = points.filter(([at]) => at < this.trainedLength);
    const behind = points.filter(([at]) => at >= this.trainedLength);
    const said = (some) => (some.length > 0 ? mean(some).toFixed(2) : "–");
    const item = document.createElement("li");
    item.textContent = `${line.name}: ${this.shown} ${said(before)} up to the trained length of ${this.trainedLength}, ${said(behind)} beyond it`;
    return item;
  }

  option() {
    const axis = { axisLabel: { color: style("--quiet") }, axisLine: { lineStyle: { color: style("--rule") } }, splitLine: { lineStyle: { color: style("--rule") } }, nameTextStyle: { color: style("--quiet") } };
    const colours = [style("--accent"), style("--second")];
    const last = Math.max(...this.lines.map((line) => line.loss.at(-1)?.[0] ?? 0));
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 12, right: 16, top: 34, bottom: 28, containLabel: true },
      legend: { top: 0, type: "scroll", textStyle: { color: style("--ink") }, show: this.lines.length > 1 },
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: (nats) => nats.toFixed(3) },
      xAxis: { ...axis, type: "value", name: "token", nameLocation: "middle", nameGap: 24, splitLine: { show: false } },
      yAxis: { ...axis, type: "value" },
      series: this.lines.map((line, number) => ({
        name: line.name, type: "line", showSymbol: line.loss.length === 1, data: binned(line[this.shown]),
        color: colours[number], lineStyle: { width: 2, type: number === 0 ? "solid" : "dashed" },
        markLine: number === 0 && this.trainedLength <= last ? {
          silent: true, symbol: "none", lineStyle: { color: style("--wrong"), type: "dashed" },
          label: { formatter: `trained: ${this.trainedLength}`, color: style("--quiet"), position: "insideEndBottom" },
          data: [{ xAxis: this.trainedLength }],
        } : undefined,
      })),
    };
  }
}
