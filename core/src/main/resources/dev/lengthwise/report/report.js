"use strict";
(() => {
  const { trainedLength, methods, curves, rows } = JSON.parse(document.getElementById("data").textContent);
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const hidden = new Set();
  let positionAxis = "value";

  const count = value => Math.round(value).toLocaleString("en");
  const short = value => value >= 1e6 ? value.toExponential(0).replace("e+", "e") : value >= 1e3 ? `${+(value / 1e3).toPrecision(3)}k` : `${+value.toPrecision(3)}`;
  const digits = value => value == null ? "–" : value >= 1e6 ? value.toExponential(1).replace("e+", "e") : value >= 100 ? count(value) : value.toFixed(2);
  const percent = value => value == null ? "–" : `${Math.round(value * 100)}%`;
  const escape = text => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

  // Colour repeats after eight methods; the dashes then tell them apart.
  const colour = method => style(`--series-${methods.indexOf(method) % 8}`);
  const dash = method => ["solid", "dashed", "dotted"][Math.floor(methods.indexOf(method) / 8) % 3];

  const series = (method, data, symbols) => ({
    name: method, type: "line", data, showSymbol: symbols, symbol: "circle", symbolSize: 7, connectNulls: false,
    lineStyle: { width: 2.2, color: colour(method), type: dash(method), cap: "round", join: "round" },
    itemStyle: { color: colour(method), borderColor: style("--card"), borderWidth: 1.5, opacity: 1 },
    emphasis: { focus: "series", lineStyle: { width: 3.2 } }, blur: { lineStyle: { opacity: .2 } },
  });

  const labelled = (line, wide) => wide ? {
    ...line,
    endLabel: { show: true, formatter: "{a}", color: "inherit", fontSize: 12, distance: 8, width: 118, overflow: "truncate" },
    labelLayout: { moveOverlap: "shiftY" },
  } : line;

  const trainedLine = () => ({
    type: "line", data: [], tooltip: { show: false }, silent: true,
    markLine: {
      symbol: "none", silent: true, animation: false, data: [{ xAxis: trainedLength }],
      lineStyle: { color: style("--quiet"), type: [5, 4], width: 1.3 },
      label: { formatter: `trained at ${count(trainedLength)}`, color: style("--quiet"), fontSize: 12, position: "end", distance: 5 },
    },
  });

  const axis = (name, more) => ({
    name, nameTextStyle: { color: style("--quiet"), fontSize: 12 }, axisLine: { lineStyle: { color: style("--rule") } },
    axisTick: { show: false }, splitLine: { lineStyle: { color: style("--rule") } }, minorSplitLine: { show: false },
    ...more, axisLabel: { color: style("--quiet"), fontSize: 12, hideOverlap: true, ...more.axisLabel },
  });

  const xAxis = (name, more) => axis(name, { nameLocation: "middle", nameGap: 30, ...more, splitLine: { show: false } });
  const yAxis = (name, more) => axis(name, { nameGap: 14, nameTextStyle: { align: "left", color: style("--quiet"), fontSize: 12 }, axisLine: { show: false }, ...more });

  const frame = (wide, format, lines) => ({
    animation: false, textStyle: { fontFamily: "inherit" },
    grid: { left: 4, right: wide ? 132 : 16, top: 40, bottom: 44, containLabel: true },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: style("--card"), borderColor: style("--rule"), borderWidth: 1,
      textStyle: { color: style("--ink"), fontSize: 13 }, axisPointer: { type: "line", lineStyle: { color: style("--quiet") } },
      formatter: items => `<b>${count(items[0].axisValue)} tokens</b><br>` + items.filter(item => item.value?.[1] != null)
        .sort((a, b) => b.value[1] - a.value[1])
        .map(item => `${item.marker} ${escape(item.seriesName)} &nbsp;<b>${format(item.value[1])}</b>`).join("<br>"),
    },
    series: [...lines.filter(line => !hidden.has(line.name)).map(line => labelled(line, wide)), trainedLine()],
  });

  const lengths = [...new Set([...rows.map(row => row.length), trainedLength])].sort((a, b) => a - b);
  const lengthAxis = () => xAxis("tokens in the window", {
    type: "log", logBase: 2, min: lengths[0], max: lengths.at(-1), axisLabel: { formatter: short, showMinLabel: true, showMaxLabel: true },
  });
  const byLength = field => methods.map(method => series(method,
    rows.filter(row => row.method === method).sort((a, b) => a.length - b.length).map(row => [row.length, row[field]]), true))
    .filter(line => line.data.some(point => point[1] != null));

  const last = Math.max(trainedLength, ...curves.map(curve => curve.points.at(-1)?.[0] ?? 1));
  const drawings = {
    curves: wide => ({
      ...frame(wide, value => value.toFixed(3), curves.map(curve => series(curve.method, curve.points.filter(point => positionAxis === "value" || point[0] > 0), false))),
      xAxis: xAxis("position in the window", {
        type: positionAxis, ...(positionAxis === "log" ? { logBase: 2, min: Math.max(1, 2 ** Math.floor(Math.log2(Math.min(...curves.map(curve => curve.points.find(point => point[0] > 0)?.[0] ?? 1))))) } : { min: 0 }),
        max: last, axisLabel: { formatter: short },
      }),
      yAxis: yAxis("nats per token", { type: "value", scale: true }),
    }),
    perplexity: wide => ({
      ...frame(wide, digits, byLength("perplexity")), xAxis: lengthAxis(),
      yAxis: yAxis("perplexity", { type: "log", scale: true, axisLabel: { formatter: short } }),
    }),
    passkey: wide => ({
      ...frame(wide, percent, byLength("passkey")), xAxis: lengthAxis(),
      yAxis: yAxis("found", { type: "value", min: 0, max: 1, interval: .25, axisLabel: { formatter: percent } }),
    }),
  };

  const charts = Object.keys(drawings).map(id => [id, document.getElementById(id)])
    .filter(([, element]) => element.offsetWidth > 0)
    .map(([id, element]) => ({ id, element, chart: echarts.init(element, null, { renderer: "svg" }) }));
  const draw = () => charts.forEach(({ id, element, chart }) =>
    chart.setOption(drawings[id](element.offsetWidth > 600), { notMerge: true }));
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));

  document.querySelectorAll(".legend").forEach(legend => methods.forEach(method => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.method = method;
    button.title = "Show or hide in all charts";
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.setProperty("--series", `var(--series-${methods.indexOf(method) % 8})`);
    button.append(swatch, method);
    press(button, true);
    button.addEventListener("click", () => {
      if (!hidden.delete(method)) hidden.add(method);
      document.querySelectorAll(".legend button").forEach(other => press(other, !hidden.has(other.dataset.method)));
      draw();
    });
    legend.append(button);
  }));
  document.querySelectorAll("[data-axis]").forEach(button => button.addEventListener("click", () => {
    positionAxis = button.dataset.axis;
    document.querySelectorAll("[data-axis]").forEach(other => press(other, other === button));
    draw();
  }));

  const observer = new ResizeObserver(() => { charts.forEach(({ chart }) => chart.resize()); draw(); });
  charts.forEach(({ element }) => observer.observe(element));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
