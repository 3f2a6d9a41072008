"use strict";
(() => {
  const { trainedLength, numbers: lines } = JSON.parse(document.getElementById("data").textContent);
  // A line of the kind "order" is one number for each rotary pair.
  const numbers = lines.flatMap(line => line.kind !== "order" ? [line]
    : line.rising.map((rising, pair) => ({ ...line, pair: pair + 1, rising, affected: line.affected[pair] })));
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const count = value => Math.round(value).toLocaleString("en");
  const amount = value => value == null ? "–" : String(Number(value.toPrecision(3)));
  const percent = value => value == null ? "–" : `${(100 * value).toFixed(1)} %`;
  // ECharts measures texts on a canvas, which knows no "inherit".
  const font = getComputedStyle(document.body).fontFamily;
  const methods = [...new Set(numbers.map(line => line.method))];
  const layers = [...new Set(numbers.map(line => line.layer))].sort((a, b) => a - b);
  const select = document.getElementById("layer");
  for (const layer of ["mean of all", ...layers]) {
    select.add(new Option(layer, layer));
  }
  // The chosen layer, or the mean over layers.
  const points = (kind, method, place, field) => {
    const sums = new Map();
    for (const line of numbers) {
      const chosen = select.value === "mean of all" || String(line.layer) === select.value;
      if (chosen && line.kind === kind && line.method === method && line[place] > 0 && line[field] != null) {
        const [sum, lines] = sums.get(line[place]) ?? [0, 0];
        sums.set(line[place], [sum + line[field], lines + 1]);
      }
    }
    return [...sums].map(([at, [sum, lines]]) => [at, sum / lines]).sort((a, b) => a[0] - b[0]);
  };
  const line = (name, index, data, first) => ({
    name, type: "line", showSymbol: false, data,
    lineStyle: { width: 2.2, color: style(`--series-${index % 8}`) }, itemStyle: { color: style(`--series-${index % 8}`) },
    markLine: first ? { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: style("--quiet"), type: "dashed" }, data: [{ xAxis: trainedLength }] } : undefined,
  });
  const byMethod = (kind, place, field) => methods.map((method, index) => line(method, index, points(kind, method, place, field), index === 0 && place !== "pair"));
  const terms = [["content", "content"], ["query bias", "queryBias"], ["key bias", "keyBias"], ["both biases", "bothBiases"]];
  const charts = {
    mean: { place: "distance", format: amount, series: () => byMethod("distance", "distance", "mean") },
    greatest: { place: "distance", format: amount, series: () => byMethod("distance", "distance", "greatest") },
    entropy: { place: "position", format: amount, series: () => byMethod("position", "position", "entropy") },
    first: { place: "position", format: percent, series: () => byMethod("position", "position", "first") },
    recent: { place: "position", format: percent, series: () => byMethod("position", "position", "recent") },
    past: { place: "position", format: percent, series: () => byMethod("position", "position", "past") },
    terms: {
      place: "distance", format: amount,
      series: () => methods.flatMap((method, m) => terms.map(([name, field], t) =>
        line(methods.length > 1 ? `${method}: ${name}` : name, 4 * m + t, points("terms", method, "distance", field), m + t === 0))),
    },
    decay: { place: "distance", format: amount, series: () => byMethod("decay", "distance", "score") },
    rising: { place: "pair", format: percent, series: () => byMethod("order", "pair", "rising") },
    affected: { place: "pair", format: amount, series: () => byMethod("order", "pair", "affected") },
    states: { scatter: true, series: () => methods.map(states) },
    bound: { place: "distance", format: amount, series: () => byMethod("decay", "distance", "bound") },
  };
  const states = (method, index) => {
    const layer = select.value === "mean of all" ? String(layers[0]) : select.value;
    const { x, y } = lines.find(line => line.kind === "pca" && line.method === method && String(line.layer) === layer) ?? { x: [], y: [] };
    const late = at => Math.round(255 * at / Math.max(1, x.length - 1));
    return {
      name: method, type: "scatter", symbolSize: 5, color: style(`--series-${index % 8}`),
      data: x.map((value, at) => ({ value: [value, y[at], at + 1], itemStyle: { color: `rgb(${late(at)}, 60, ${255 - late(at)})`, opacity: 0.7 } })),
    };
  };
  const axis = more => ({
    axisLine: { lineStyle: { color: style("--rule") } }, splitLine: { lineStyle: { color: style("--rule") } },
    ...more, axisLabel: { color: style("--quiet"), fontSize: 12, hideOverlap: true, ...more.axisLabel },
  });
  const drawing = chart => chart.scatter ? plane(chart) : lineDrawing(chart);
  const plane = ({ series }) => ({
    animation: false, textStyle: { fontFamily: font },
    grid: { left: 14, right: 24, top: 48, bottom: 14, containLabel: true },
    legend: { top: 0, type: "scroll", selectedMode: "single", textStyle: { color: style("--ink") } },
    tooltip: { confine: true, formatter: ({ seriesName, value }) => `${echarts.format.encodeHTML(seriesName)}: token ${count(value[2])}` },
    xAxis: axis({ type: "value", scale: true, axisLabel: { formatter: amount } }),
    yAxis: axis({ type: "value", scale: true, axisLabel: { formatter: amount } }),
    series: series(),
  });
  const lineDrawing = ({ place, format, series }) => ({
    animation: false, textStyle: { fontFamily: font },
    grid: { left: 14, right: 24, top: 48, bottom: 30, containLabel: true },
    legend: { top: 0, type: "scroll", textStyle: { color: style("--ink") } },
    tooltip: { trigger: "axis", confine: true, valueFormatter: format },
    xAxis: axis({ ...(place === "pair" ? { type: "value", min: 1, minInterval: 1 } : { type: "log", logBase: 2 }), name: place, nameLocation: "middle", nameGap: 24, nameTextStyle: { color: style("--quiet") }, axisLabel: { formatter: count } }),
    yAxis: axis({ type: "value", scale: true, axisLabel: { formatter: format } }),
    series: series(),
  });
  const drawn = Object.entries(charts).map(([id, chart]) => ({ chart, element: document.getElementById(id) }))
    .filter(({ chart, element }) => !(element.closest("section").hidden = chart.series().every(({ data }) => data.length === 0)))
    .map(({ chart, element }) => ({ chart, element, drawer: echarts.init(element, null, { renderer: "svg" }) }));
  const draw = () => drawn.forEach(({ chart, drawer }) => { drawer.resize(); drawer.setOption(drawing(chart), { notMerge: true }); });
  const observer = new ResizeObserver(draw);
  drawn.forEach(({ element }) => observer.observe(element));
  select.addEventListener("change", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
