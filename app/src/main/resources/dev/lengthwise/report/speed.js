"use strict";
(() => {
  const rows = JSON.parse(document.getElementById("data").textContent);
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const count = value => Math.round(value).toLocaleString("en");
  const labels = [...new Set(rows.filter(row => row.task !== "limit").map(row => row.label))];
  const colour = label => style(`--series-${labels.indexOf(label) % 8}`);
  // Whole numbers with separators; below ten, two digits.
  const amount = value => value >= 10 ? count(value) : String(Number(value.toPrecision(2)));
  // ECharts measures texts on a canvas, which knows no "inherit".
  const font = getComputedStyle(document.body).fontFamily;
  const axis = more => ({
    type: "log", axisLine: { lineStyle: { color: style("--rule") } }, splitLine: { lineStyle: { color: style("--rule") } },
    ...more, axisLabel: { color: style("--quiet"), fontSize: 12, hideOverlap: true, formatter: count, ...more.axisLabel },
  });
  // A logarithmic axis has no zero: an empty text stands at one token.
  const place = row => Math.max(1, row.length);
  const drawing = task => {
    const own = rows.filter(row => row.task === task);
    const lengths = [...new Set(own.map(place))].sort((a, b) => a - b);
    return {
      animation: false, textStyle: { fontFamily: font },
      grid: { left: 14, right: 24, top: 48, bottom: 12, containLabel: true },
      legend: { top: 0, type: "scroll", textStyle: { color: style("--ink") } },
      tooltip: { trigger: "axis", confine: true, valueFormatter: value => value == null ? "–" : `${amount(value)} ms` },
      xAxis: axis({ logBase: 2, min: lengths[0], max: Math.max(lengths.at(-1), 2 * lengths[0]), axisLabel: { customValues: lengths } }),
      yAxis: axis({ logBase: 10, axisLabel: { formatter: amount } }),
      series: [...new Set(own.map(row => row.label))].map(label => ({
        name: label, type: "line", symbol: "circle", symbolSize: 7, lineStyle: { width: 2.2, color: colour(label) }, itemStyle: { color: colour(label) },
        data: own.filter(row => row.label === label).map(row => [place(row), 1000 / row.tokensPerSecond]).sort((a, b) => a[0] - b[0]),
      })),
    };
  };
  const charts = ["prefill", "decode", "attention"].map(task => [task, document.getElementById(task)])
    .filter(([, element]) => element.offsetWidth > 0)
    .map(([task, element]) => ({ task, element, chart: echarts.init(element, null, { renderer: "svg" }) }));
  const draw = () => charts.forEach(({ task, chart }) => { chart.resize(); chart.setOption(drawing(task), { notMerge: true }); });
  const observer = new ResizeObserver(draw);
  charts.forEach(({ element }) => observer.observe(element));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
