// Charts over the sparklines of templates/charts.html: uPlot, fed by /api/v1/samples, in the colours of the page.

const section = document.getElementById("charts");
const SECONDS = 15; // between two looks: a sample comes once a minute
const HEIGHT = 170;
const TONES = ["--busy-fill", "--warn-fill", "--bad-fill", "--good-fill", "--quiet-fill"];
const charts = new Map();
let points = [];
let lookedAt = 0;

const aMinute = (point, name) => (point.minutes ? point[name] / point.minutes : null);
const line = (name, unit, value, tone) => ({ name, unit, value, tone });

// The same as pages/charts.py, but latency by source.
function linesOf(key) {
  if (key === "rate") {
    return [
      line("requests", "/s", (p) => p.requests_per_second, 0),
      line("jobs done", "/s", (p) => p.jobs_per_second, 3),
    ];
  }
  if (key === "latency") {
    const sources = [...new Set(points.flatMap((p) => Object.entries(p.sources).filter(([, s]) => s.p95_seconds !== null).map(([n]) => n)))].sort();
    return sources.map((name, place) => line(name, " s", (p) => p.sources[name]?.p95_seconds, place % TONES.length));
  }
  if (key === "errors") {
    return [
      line("failed requests", "/min", (p) => aMinute(p, "errors"), 1),
      line("too many requests", "/min", (p) => aMinute(p, "throttled"), 0),
      line("failed jobs", "/min", (p) => aMinute(p, "failed_jobs"), 2),
    ];
  }
  return [line("fetched or proven unchanged within 7 days", " %", (p) => (p.freshness === null ? null : 100 * p.freshness), 3)];
}

const short = (value) => (value === null || value === undefined ? "–" : String(Number(value.toPrecision(3))));
// Of days the day, of hours the time; UTC, as everywhere.
const clockOf = (at) => new Date(at * 1000).toISOString().slice(...(section.dataset.samples.endsWith("7d") ? [5, 10] : [11, 16]));
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function dataOf(lines) {
  return [points.map((p) => Date.parse(p.at) / 1000), ...lines.map((l) => points.map((p) => (p.minutes ? l.value(p) ?? null : null)))];
}

function make(figure, lines, data) {
  const plot = figure.querySelector(".plot");
  const grid = { stroke: token("--line"), width: 1 };
  const axis = { stroke: token("--soft"), grid, ticks: grid, font: "11px system-ui, sans-serif" };
  plot.replaceChildren();
  return new uPlot({
    width: plot.clientWidth,
    height: HEIGHT,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (u, low, high) => (figure.dataset.chart === "freshness" ? [Math.max(0, Math.min(low ?? 90, 90)), 100] : [0, Math.max(high ?? 0, 0.1) * 1.1]) } },
    axes: [{ ...axis, size: 28, values: (u, ticks) => ticks.map(clockOf) }, { ...axis, size: 46, values: (u, ticks) => ticks.map(short) }],
    series: [
      { label: "UTC", value: (u, at) => (at ? new Date(at * 1000).toISOString().slice(5, 16).replace("T", " ") : "–") },
      ...lines.map((l) => ({ label: l.name, stroke: token(TONES[l.tone]), width: 1.5, value: (u, value) => (value === null || value === undefined ? "–" : short(value) + l.unit) })),
    ],
  }, data, plot);
}

function draw(isAnew) {
  for (const figure of section.querySelectorAll("[data-chart]")) {
    const lines = linesOf(figure.dataset.chart);
    const names = lines.map((l) => l.name).join();
    const data = dataOf(lines);
    const known = charts.get(figure);
    if (known && known.names === names && !isAnew) known.plot.setData(data);
    else {
      known?.plot.destroy();
      charts.set(figure, { names, plot: make(figure, lines, data) });
    }
    const last = lines.map((l, place) => `${l.name} ${short(data[place + 1].findLast((v) => v !== null))}${data[place + 1].some((v) => v !== null) ? l.unit : ""}`);
    if (lines.length) figure.querySelector(".now").textContent = last.join(" · ");
  }
}

// The table tells the same to who cannot see the charts; its columns are those of the page.
function fill() {
  const cell = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const slowest = (p) => Object.values(p.sources).map((s) => s.p95_seconds).filter((v) => v !== null).sort((a, b) => b - a)[0];
  const rows = points.filter((p) => p.minutes).reverse().map((p) => {
    const row = document.createElement("tr");
    const head = cell("th", p.at.slice(5, 16).replace("T", " "));
    head.scope = "row";
    const values = [p.requests_per_second, p.jobs_per_second, slowest(p), ...["errors", "throttled", "failed_jobs"].map((n) => aMinute(p, n)), p.freshness === null ? null : 100 * p.freshness];
    row.append(head, ...values.map((v) => Object.assign(cell("td", short(v)), { className: "number" })));
    return row;
  });
  if (rows.length) section.querySelector("details tbody").replaceChildren(...rows);
}

async function look() {
  if (document.hidden || Date.now() - lookedAt < SECONDS * 1000) return;
  lookedAt = Date.now();
  try {
    const answer = await fetch(section.dataset.samples, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    points = (await answer.json()).points;
  } catch { return; } // the page says by itself that nobody answers
  draw(false);
  fill();
}

if (section && window.uPlot) {
  look();
  document.addEventListener("htmx:afterSettle", look);
  new ResizeObserver(() => {
    for (const [figure, { plot }] of charts) {
      const width = figure.querySelector(".plot").clientWidth;
      if (width !== plot.width) plot.setSize({ width, height: HEIGHT });
    }
  }).observe(section);
  const recolour = () => { if (points.length) draw(true); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
