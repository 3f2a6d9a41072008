"use strict";
(() => {
  const { trainedLength, methods, curves, rows } = JSON.parse(document.getElementById("data").textContent);
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const hidden = new Set();
  const chosen = { axis: "value", range: "all" };

  const count = value => Math.round(value).toLocaleString("en");
  const short = value => value >= 1e6 ? value.toExponential(0).replace("e+", "e") : value >= 1e4 ? `${value / 1e3}k` : value >= 100 ? count(value) : `${+value.toPrecision(3)}`;
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
    endLabel: { show: true, formatter: "{a}", color: "inherit", fontSize: 12, distance: 8, width: 124, overflow: "truncate" },
  } : line;

  const trainedLine = side => ({
    type: "line", data: [], tooltip: { show: false }, silent: true,
    markLine: {
      symbol: "none", silent: true, animation: false, data: [{ xAxis: trainedLength }],
      lineStyle: { color: style("--quiet"), type: [5, 4], width: 1.3 },
      label: { formatter: `trained at ${count(trainedLength)}`, color: style("--quiet"), fontSize: 12, position: "end", distance: 6, align: side },
    },
  });

  const axis = more => ({
    axisLine: { lineStyle: { color: style("--rule") } },
    axisTick: { show: false }, splitLine: { lineStyle: { color: style("--rule") } }, minorSplitLine: { show: false },
    ...more, axisLabel: { color: style("--quiet"), fontSize: 12, hideOverlap: true, ...more.axisLabel },
  });

  const xAxis = (name, more) => axis({
    name, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: style("--quiet"), fontSize: 12 }, ...more, splitLine: { show: false },
  });
  const yAxis = more => axis({ axisLine: { show: false }, ...more });

  const frame = (wide, format, lines, side) => ({
    animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 14, right: wide ? 138 : 16, top: 30, bottom: 28, containLabel: true },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: style("--card"), borderColor: style("--rule"), borderWidth: 1,
      textStyle: { color: style("--ink"), fontSize: 13 }, axisPointer: { type: "line", lineStyle: { color: style("--quiet") } },
      formatter: items => `<b>${count(items[0].axisValue)} tokens</b><br>` + items.filter(item => item.value?.[1] != null)
        .sort((a, b) => b.value[1] - a.value[1])
        .map(item => `${item.marker} ${escape(item.seriesName)} &nbsp;<b>${format(item.value[1])}</b>`).join("<br>"),
    },
    series: [...lines.filter(line => !hidden.has(line.name)).map(line => labelled(line, wide)), trainedLine(side)],
  });

  const lengths = [...new Set([...rows.map(row => row.length), trainedLength])].sort((a, b) => a - b);
  const lengthAxis = () => xAxis("tokens in the window", {
    type: "log", logBase: 2, min: lengths[0], max: Math.max(lengths.at(-1), 2 * lengths[0]), axisLabel: { formatter: count, customValues: lengths },
  });
  const lengthSide = trainedLength * trainedLength > lengths[0] * lengths.at(-1) ? "right" : "left";
  const byLength = field => methods.map(method => series(method,
    rows.filter(row => row.method === method).sort((a, b) => a.length - b.length).map(row => [row.length, row[field]]), true))
    .filter(line => line.data.some(point => point[1] != null));

  const measured = rows.map(row => row.perplexity).filter(value => value > 0);
  const perplexities = measured.length ? measured : [1, 10];
  const ticks = [...Array(300).keys()].flatMap(power => [1, 2, 5].map(step => step * 10 ** power));
  const lowest = ticks.findLast(tick => tick <= Math.min(...perplexities)) ?? 1;
  const highest = ticks.find(tick => tick >= Math.max(...perplexities)) ?? 10;
  const inside = ticks.filter(tick => tick >= lowest && tick <= highest);
  const shown = inside.length > 10 ? inside.filter(tick => tick.toExponential().startsWith("1")) : inside;

  const first = Math.max(1, Math.min(...curves.map(curve => curve.points.find(point => point[0] > 0)?.[0] ?? 1)));
  const last = Math.max(trainedLength, ...curves.map(curve => curve.points.at(-1)?.[0] ?? 1));
  // The close-up leaves out what a collapse adds: curves that end far above the lowest one.
  const ends = curves.map(curve => curve.points.slice(-50).reduce((sum, point, i, all) => sum + point[1] / all.length, 0));
  const calm = curves.filter((_, i) => ends[i] < 1.5 * Math.min(...ends));
  const values = calm.flatMap(curve => curve.points.filter(point => point[0] > trainedLength / 4).map(point => point[1]));
  const closeUp = () => values.length === 0 ? {} : ({ min: Math.floor(Math.min(...values) * 5) / 5, max: Math.ceil(Math.max(...values) * 5) / 5 });

  const drawings = {
    curves: wide => ({
      ...frame(wide, value => value.toFixed(3), curves.map(curve => series(curve.method, curve.points.filter(point => point[0] >= first), false)),
        chosen.axis === "log" && trainedLength ** 2 > first * last || chosen.axis === "value" && trainedLength > last / 2 ? "right" : "left"),
      xAxis: xAxis("position in the window", {
        type: chosen.axis, max: last, ...(chosen.axis === "log" ? { logBase: 2, min: 2 ** Math.floor(Math.log2(first)) } : { min: 0 }), axisLabel: { formatter: count, showMaxLabel: false },
      }),
      yAxis: yAxis({ type: "value", scale: true, ...(chosen.range === "close" ? closeUp() : {}) }),
    }),
    perplexity: wide => ({
      ...frame(wide, digits, byLength("perplexity"), lengthSide), xAxis: lengthAxis(),
      yAxis: yAxis({ type: "log", min: lowest, max: highest, axisTick: { show: false, customValues: shown }, axisLabel: { formatter: short, customValues: shown } }),
    }),
    passkey: wide => ({
      ...frame(wide, percent, byLength("passkey"), lengthSide), xAxis: lengthAxis(),
      yAxis: yAxis({ type: "value", min: 0, max: 1, interval: .25, axisLabel: { formatter: percent } }),
    }),
  };

  const charts = Object.keys(drawings).map(id => [id, document.getElementById(id)])
    .filter(([, element]) => element.offsetWidth > 0)
    .map(([id, element]) => ({ id, element, chart: echarts.init(element, null, { renderer: "svg" }) }));
  const draw = () => charts.forEach(({ id, element, chart }) => {
    const wide = element.offsetWidth > 420;
    chart.setOption(drawings[id](wide), { notMerge: true });
    if (wide) separateLabels(chart);
  });

  // Moves the names at the ends of the lines apart, keeping their order.
  const separateLabels = chart => {
    const height = 15;
    const { series } = chart.getOption();
    const bottom = chart.getHeight() - 46;
    const labels = series.map((line, index) => ({ index, point: line.data.findLast(point => point[1] != null) }))
      .filter(label => label.point && series[label.index].endLabel?.show)
      .map(label => ({ ...label, y: Math.min(bottom, Math.max(30, chart.convertToPixel({ seriesIndex: label.index }, label.point)[1])) }))
      .sort((a, b) => a.y - b.y);
    const places = labels.map(label => label.y);
    for (let round = 0; round < 200; round++) {
      for (let i = 1; i < places.length; i++) {
        const missing = height - (places[i] - places[i - 1]);
        if (missing > 0) { places[i] += missing / 2; places[i - 1] -= missing / 2; }
        places[i] = Math.min(places[i], bottom);
      }
    }
    const moves = new Map(labels.map((label, i) => [label.index, places[i] - chart.convertToPixel({ seriesIndex: label.index }, label.point)[1]]));
    chart.setOption({ series: series.map((_, index) => moves.has(index) ? { endLabel: { offset: [0, moves.get(index)] } } : {}) });
  };
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
  document.querySelectorAll("[data-choice]").forEach(button => button.addEventListener("click", () => {
    const { choice, value } = button.dataset;
    chosen[choice] = value;
    document.querySelectorAll(`[data-choice="${choice}"]`).forEach(other => press(other, other === button));
    draw();
  }));

  const observer = new ResizeObserver(() => { charts.forEach(({ chart }) => chart.resize()); draw(); });
  charts.forEach(({ element }) => observer.observe(element));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
