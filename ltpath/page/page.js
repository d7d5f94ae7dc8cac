"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const bins = data.edges.length - 1;
  const $ = (id) => document.getElementById(id);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const SECONDS_FOR_ALL = 40; // how long playing takes at speed 1, without stops
  const STOP = 2200; // how long a step of the story holds the time, ms
  const MORE = [179, 88, 6], LESS = [84, 39, 136]; // orange and purple: told apart by colour-blind readers
  const STYLES = [["#000000", ""], ["#0072B2", "7 3"], ["#009E73", "2.5 2.5"], ["#CC79A7", "9 3 2 3"], ["#56B4E9", "4 2"], ["#999999", ""], ["#D55E00", ""]];
  const LIVE = STYLES.length - 1;
  const SHAPES = [["○", "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1-4 0Z"], ["□", "M-3.5-3.5H3.5V3.5H-3.5Z"], ["△", "M0-4.5L4.3 3.5H-4.3Z"], ["◇", "M0-4.8L4.8 0L0 4.8L-4.8 0Z"]];
  const WEAKEST = 2.5; // decades below its largest flux at which a link is thinnest

  const state = {
    u: 0, playing: false, held: 0, last: 0, condition: 0, side: false,
    synapse: Object.keys(data.views)[0], chosen: null, axis: "log", zoom: [0, 1],
  };
  let maps = [], charts = [], detailCharts = [];

  // -- elements ------------------------------------------------------------------------

  function fill(element, attributes, children = []) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((c) => c !== null && c !== undefined));
    return element;
  }
  const el = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
  const sv = (name, attributes, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

  // -- numbers ---------------------------------------------------------------------------

  function decode(packed) {
    if (!packed.values) {
      const raw = atob(packed.data), scale = (packed.max - packed.min) / 65535;
      packed.values = Float32Array.from({ length: raw.length / 2 }, (_, i) => packed.min + scale * (raw.charCodeAt(2 * i) + 256 * raw.charCodeAt(2 * i + 1)));
      delete packed.data;
    }
    return packed.values;
  }
  function extremes(condition, name) {
    const parts = data.conditions[condition].quantities[name];
    const low = decode(parts[0]);
    return { low, high: parts.length > 1 ? decode(parts[1]) : low };
  }
  const flux = (condition, rule) => decode(data.conditions[condition].flux[rule]);
  const rest = (name) => extremes(0, name).low[0];
  function farthest(condition, name, bin) {
    const { low, high } = extremes(condition, name), zero = rest(name);
    return high[bin] - zero >= zero - low[bin] ? high[bin] : low[bin];
  }

  // How far a quantity moves from rest in any condition; 0 where it hardly moves.
  const reaches = new Map();
  function reach(name) {
    if (!reaches.has(name)) {
      const zero = rest(name);
      let most = 0;
      data.conditions.forEach((_, c) => {
        const { low, high } = extremes(c, name);
        for (let i = 0; i < bins; i++) most = Math.max(most, high[i] - zero, zero - low[i]);
      });
      reaches.set(name, most > 0.02 * Math.abs(zero) ? most : 0);
    }
    return reaches.get(name);
  }

  const unit = (name) => ({ 1: "", uM: "µM" }[data.quantities[name].unit] ?? data.quantities[name].unit);
  function number(value, span) {
    if (!Number.isFinite(value)) return "–";
    if (Math.abs(value) < (span || 0) * 1e-3) return "0";
    const size = Math.abs(value);
    if (size >= 1000) return Math.round(value).toLocaleString("en");
    if (size < 0.001) return value === 0 ? "0" : value.toExponential(1);
    return String(Number(value.toPrecision(size >= 100 ? 3 : 2)));
  }
  const withUnit = (text, name) => (unit(name) ? `${text} ${unit(name)}` : text);

  const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"], [1e-3, "ms"]];
  function duration(t, exact) {
    if (t === 0) return "0 s";
    const size = Math.abs(t);
    const [scale, name] = UNITS.find(([s]) => size >= s * 0.9995) || UNITS[4];
    const value = size / scale;
    if (exact && scale > 1) {
      const [less, lesser] = UNITS[UNITS.findIndex((x) => x[1] === name) + 1];
      const whole = Math.floor(value + 1e-9), left = Math.round((size - whole * scale) / less);
      return left ? `${whole} ${name} ${left} ${lesser}` : `${whole} ${name}`;
    }
    return `${Number(value.toPrecision(value >= 100 ? 3 : 2))} ${name}`;
  }

  // -- time --------------------------------------------------------------------------------

  let edges, first, last;
  function takeEdges() {
    edges = data.edges;
    first = edges[0];
    last = edges[bins];
    state.zoom = [0, 1];
  }
  takeEdges();
  const bin = () => Math.min(bins - 1, Math.floor(state.u));
  function timeAt(u) {
    const i = Math.max(0, Math.min(bins - 1, Math.floor(u)));
    return edges[i] + (u - i) * (edges[i + 1] - edges[i]);
  }
  function uAt(t) {
    let low = 0, high = bins;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= t) low = middle; else high = middle;
    }
    return Math.max(0, Math.min(bins, low + (t - edges[low]) / (edges[low + 1] - edges[low])));
  }
  const position = (t) => (state.axis === "log" ? uAt(t) / bins : (t - first) / (last - first));
  const uFrom = (p) => (state.axis === "log" ? p * bins : uAt(first + p * (last - first)));
  const here = () => position(timeAt(state.u));
  const along = (p) => (p - state.zoom[0]) / (state.zoom[1] - state.zoom[0]);

  function ticks(width) {
    const found = [], put = (t, label, strong) => {
      const x = along(position(t)) * width;
      const room = 7 * label.length + 14;
      if (x < -1 || x > width + 1 || found.some((f) => Math.abs(f.x - x) < (room + f.room) / 2)) return;
      found.push({ x, label, room, strong });
    };
    if (state.axis === "linear") {
      const span = (last - first) * (state.zoom[1] - state.zoom[0]);
      const steps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 432000, 864000];
      const step = steps.find((s) => span / s <= width / 75) || last;
      for (let t = Math.ceil(first / step) * step; t <= last + 1e-9; t += step) put(t, (t < 0 ? "−" : "") + duration(t, true), t === 0);
      return found;
    }
    const starts = data.blocks, wide = starts.length > 1;
    starts.forEach((t) => put(t, t === 0 ? "0" : duration(t, true), true));
    put(first, `−${duration(-first)}`);
    const tens = [1e-3, 1e-2, 0.1, 1, 10, 60, 600, 3600, 36000, 86400, 864000];
    for (const values of [tens, tens.flatMap((t) => [2 * t, 5 * t])])
      starts.forEach((start, k) => {
        const end = k + 1 < starts.length ? starts[k + 1] : last;
        for (const t of values) if (start + t < end) put(start + t, (wide ? "+" : "") + duration(t));
      });
    return found;
  }

  // -- conditions ------------------------------------------------------------------------

  const style = (c) => STYLES[data.conditions[c].live ? LIVE : Math.min(c, LIVE - 1)];
  const swatch = (c) => sv("svg", { viewBox: "0 0 22 8", "aria-hidden": "true" }, sv("line", { x1: 0, x2: 22, y1: 4, y2: 4, stroke: style(c)[0], "stroke-width": 3, "stroke-dasharray": style(c)[1] || null }));

  function radios(box, name, labels, chosen, choose) {
    while (box.children.length > 1) box.lastChild.remove();
    labels.forEach(([value, label, mark, title]) => {
      box.append(el("label", { class: "choice", title },
        el("input", { type: "radio", name, value, checked: value === chosen, on: { change: () => choose(value) } }),
        el("span", {}, mark, label)));
    });
  }
  function conditionChoices() {
    radios($("conditions"), "condition", data.conditions.map((c, i) => [String(i), c.label, swatch(i), c.says]), String(state.condition), (value) => {
      state.condition = Number(value);
      rebuild();
    });
  }

  // -- the map -------------------------------------------------------------------------------

  function mix(level) {
    const end = level >= 0 ? MORE : LESS, part = Math.min(1, Math.abs(level));
    return `rgb(${end.map((c) => Math.round(255 + (c - 255) * part)).join(",")})`;
  }
  function level(condition, name, at) {
    const span = reach(name);
    if (!span) return 0;
    const part = (farthest(condition, name, at) - rest(name)) / span;
    return Math.sign(part) * Math.pow(Math.abs(part), 0.6);
  }

  const strengths = new Map();
  const rulesOf = (processes) => [...new Set(processes.flatMap((p) => data.processes[p].rules))];
  function strength(condition, link) {
    const key = `${condition} ${link.acts} ${link.processes.join()}`;
    if (!strengths.has(key)) {
      const sum = new Float32Array(bins);
      for (const rule of rulesOf(link.processes)) {
        // What sets a rate does so at rest too: only what it changes is drawn.
        const zero = link.acts ? flux(0, rule)[0] : 0;
        flux(condition, rule).forEach((v, i) => { sum[i] += Math.abs(v - zero); });
      }
      strengths.set(key, sum);
    }
    return strengths.get(key);
  }
  function strongest(link) {
    const key = `all ${link.acts} ${link.processes.join()}`;
    if (!strengths.has(key)) strengths.set(key, Math.max(...data.conditions.map((_, c) => strength(c, link).reduce((a, b) => Math.max(a, b), 0))));
    return strengths.get(key);
  }
  function linkLevel(condition, link, at) {
    const part = strength(condition, link)[at] / (strongest(link) || 1);
    return part > 0 ? Math.max(0, 1 + Math.log10(part) / WEAKEST) : 0;
  }

  function linkText(view, link) {
    const [a, b] = [link.source, link.target].map((id) => view.nodes.find((n) => n.id === id).label);
    return link.acts ? `${a} acts on ${b}` : `${a} and ${b}`;
  }

  function buildMap(condition) {
    const view = data.views[state.synapse], figure = el("figure", {});
    const heads = `h${condition}`;
    const svg = sv("svg", { viewBox: `-4 -4 ${view.width + 8} ${view.height + 8}`, role: "group", "aria-label": `Map, ${data.conditions[condition].label}` },
      sv("defs", {},
        sv("marker", { id: `${heads}-makes`, viewBox: "0 0 10 10", refX: 3, refY: 5, markerWidth: 11, markerHeight: 11, markerUnits: "userSpaceOnUse", orient: "auto" }, sv("path", { d: "M0 0L10 5L0 10z", fill: "#4b5563" })),
        sv("marker", { id: `${heads}-acts`, viewBox: "0 0 10 10", refX: 5, refY: 5, markerWidth: 11, markerHeight: 11, markerUnits: "userSpaceOnUse", orient: "auto" }, sv("circle", { cx: 5, cy: 5, r: 4, fill: "#fff", stroke: "#4b5563", "stroke-width": 1.8 }))));
    for (const f of view.frames) {
      const kind = f.id.split("_")[0];
      svg.append(sv("rect", { class: `frame ${kind}`, x: f.x, y: f.y, width: f.width, height: f.height, rx: kind === "nucleus" ? 60 : 18 }));
      svg.append(sv("text", { class: "frame-label", x: f.x + (kind === "nucleus" ? f.width / 2 : 14), y: f.y + 18, "text-anchor": kind === "nucleus" ? "middle" : null }, f.label));
    }
    const links = view.links.map((link, i) => {
      const line = sv("path", { class: "line", d: link.path, "marker-end": `url(#${heads}-${link.acts ? "acts" : "makes"})`, "stroke-dasharray": link.acts ? "8 4" : null });
      const flow = sv("path", { class: "flow", d: link.path });
      const group = sv("g", { class: "link", role: "button", tabindex: -1, "aria-label": linkText(view, link), "data-link": i, on: { click: () => choose({ link: i }) } },
        sv("title", {}, linkText(view, link)), line, flow, sv("path", { class: "reach", d: link.path }));
      svg.append(group);
      return { link, group, line, flow, shift: 0 };
    });
    const nodes = view.nodes.map((node, i) => {
      const box = sv("rect", { class: "box", x: -node.width / 2, y: -node.height / 2, width: node.width, height: node.height, rx: 9 });
      const value = sv("text", { class: "value", y: 16 });
      const group = sv("g", {
        class: node.minor ? "node minor" : "node", role: "button", tabindex: i ? -1 : 0, transform: `translate(${node.x} ${node.y})`, "data-node": node.id,
        on: {
          click: () => choose({ node: node.id }),
          keydown: (e) => {
            if (e.key === "Enter" || e.key === " ") { e.preventDefault(); e.stopPropagation(); choose({ node: node.id }, true); }
            else if (e.key.startsWith("Arrow")) { e.preventDefault(); e.stopPropagation(); neighbour(nodes, node, e.key); }
          },
        },
      }, sv("title", {}, node.does || node.label), box, sv("text", { class: "name", y: node.minor ? 5 : -2 }, node.label), node.minor ? null : value);
      svg.append(group);
      return { node, group, box, value, name: `molecule:${node.id}` };
    });
    if (state.side) figure.append(el("figcaption", {}, swatch(condition), ` ${data.conditions[condition].label}`, el("small", {}, data.conditions[condition].says ? `: ${data.conditions[condition].says}` : "")));
    figure.append(svg);
    return { condition, figure, nodes, links };
  }

  function neighbour(nodes, from, key) {
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
    let best = null, least = Infinity;
    for (const other of nodes) {
      const x = other.node.x - from.x, y = other.node.y - from.y, ahead = x * dx + y * dy;
      const away = ahead + 2.5 * Math.abs(x * dy - y * dx);
      if (ahead > 1 && away < least) [best, least] = [other, away];
    }
    if (!best) return;
    nodes.forEach((n) => n.group.setAttribute("tabindex", n === best ? 0 : -1));
    best.group.focus();
  }

  function paintMap(map) {
    const at = bin(), c = map.condition;
    for (const n of map.nodes) {
      const l = level(c, n.name, at), short = number(farthest(c, n.name, at), reach(n.name)), text = withUnit(short, n.name);
      const written = unit(n.name) === "molecules" ? short : text;
      n.box.setAttribute("fill", mix(l));
      for (const t of n.group.querySelectorAll("text")) t.style.fill = Math.abs(l) > 0.55 ? "#fff" : "";
      if (n.text !== written) { n.value.textContent = n.text = written; }
      if (!state.playing) n.group.setAttribute("aria-label", `${n.node.label}, ${text}, ${l > 0.05 ? "more than at rest" : l < -0.05 ? "less than at rest" : "as at rest"}`);
    }
    for (const k of map.links) {
      const l = linkLevel(c, k.link, at), width = 1.3 + 6.2 * l;
      k.line.setAttribute("stroke-width", width.toFixed(2));
      k.line.setAttribute("stroke-opacity", (0.35 + 0.65 * l).toFixed(2));
      const moving = k.link.acts ? k.line : k.flow, shift = (k.shift = (k.shift + 0.2 + 1.1 * l) % (k.link.acts ? 12 : 15.1));
      if (!k.link.acts) k.flow.setAttribute("stroke-width", l > 0.3 ? (0.5 * width).toFixed(2) : 0);
      if (state.playing && !calm) moving.setAttribute("stroke-dashoffset", (-shift).toFixed(1));
    }
  }

  function buildMaps() {
    const shown = state.side ? data.conditions.map((_, i) => i) : [state.condition];
    maps = shown.map(buildMap);
    $("maps").replaceChildren(...maps.map((m) => m.figure));
    // As many abreast as show them largest.
    const view = data.views[state.synapse], box = $("maps").getBoundingClientRect();
    const size = (columns) => Math.min(box.width / columns / view.width, box.height / Math.ceil(shown.length / columns) / view.height);
    const columns = shown.map((_, i) => i + 1).reduce((a, b) => (size(b) > size(a) ? b : a), 1);
    $("maps").style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    markChosen();
  }

  // -- charts ---------------------------------------------------------------------------------

  const WIDTH = 400, LEFT = 50, RIGHT = 8;
  function niceTicks(low, high, count) {
    const step = Math.pow(10, Math.floor(Math.log10((high - low) / count || 1)));
    const factor = [1, 2, 5, 10].find((f) => (high - low) / (f * step) <= count);
    const found = [];
    for (let v = Math.ceil(low / (factor * step)) * factor * step; v <= high + 1e-12; v += factor * step) found.push(Number(v.toPrecision(10)));
    return found;
  }

  // A chart of one quantity or of one rule's flux, for every condition, over the present axis.
  function chart(svg, { read, height, baseline, points, described }) {
    const top = 8, bottom = 20, tall = height - top - bottom, wide = WIDTH - LEFT - RIGHT;
    const traces = data.conditions.map((_, c) => read(c));
    let low = Infinity, high = -Infinity;
    traces.forEach((t) => { t.low.forEach((v) => { low = Math.min(low, v); }); t.high.forEach((v) => { high = Math.max(high, v); }); });
    for (const p of points || []) { low = Math.min(low, p.value - p.error); high = Math.max(high, p.value + p.error); }
    if (baseline !== null && baseline !== undefined) { low = Math.min(low, baseline * 0.8); high = Math.max(high, baseline * 1.2); }
    if (low > 0 && low < 0.5 * high) low = 0;
    if (high - low < 1e-12) { high += 1; }
    high += 0.06 * (high - low);
    const x = (t) => LEFT + along(position(t)) * wide, y = (v) => top + (1 - (v - low) / (high - low)) * tall;
    fill(svg, { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": described });
    const id = `clip${Math.random().toString(36).slice(2)}`;
    svg.replaceChildren(sv("defs", {}, sv("clipPath", { id }, sv("rect", { x: LEFT, y: 0, width: wide, height }))));
    for (const v of niceTicks(low, high, height > 110 ? 4 : 3)) svg.append(
      sv("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(v), y2: y(v) }),
      sv("text", { class: "tick-label", x: LEFT - 5, y: y(v) + 4, "text-anchor": "end" }, number(v, high - low)));
    for (const t of ticks(wide)) svg.append(
      sv("line", { class: "tick", x1: LEFT + t.x, x2: LEFT + t.x, y1: top + tall, y2: top + tall + 4 }),
      sv("text", { class: "tick-label", x: LEFT + t.x, y: height - 4, "text-anchor": t.x < 12 ? "start" : t.x > wide - 16 ? "end" : "middle" }, t.label));
    // Where the logarithmic axis begins anew.
    if (state.axis === "log") for (const start of data.blocks.map(x)) if (start >= LEFT && start <= WIDTH - RIGHT) svg.append(
      sv("line", { class: "grid", x1: start, x2: start, y1: top, y2: top + tall, "stroke-dasharray": "3 2" }));
    if (baseline !== null && baseline !== undefined) svg.append(sv("line", { class: "axis-line", x1: LEFT, x2: WIDTH - RIGHT, y1: y(baseline), y2: y(baseline), "stroke-dasharray": "2 3" }));
    const inside = sv("g", { "clip-path": `url(#${id})` });
    const order = traces.map((_, c) => c).sort((a, b) => (a === state.condition) - (b === state.condition));
    for (const c of order) {
      const { low: under, high: over } = traces[c], [colour, dash] = style(c);
      const across = (values, i) => `${x((edges[i] + edges[i + 1]) / 2).toFixed(1)} ${y(values[i]).toFixed(1)}`;
      const line = (values, from) => Array.from({ length: bins }, (_, i) => across(values, from === "end" ? bins - 1 - i : i)).join("L");
      if (under !== over) inside.append(sv("path", { d: `M${line(over)}L${line(under, "end")}Z`, fill: colour, "fill-opacity": 0.22 }));
      inside.append(sv("path", { class: c === state.condition ? "curve now" : "curve", d: `M${line(over)}`, stroke: colour, "stroke-dasharray": dash || null, "stroke-opacity": under !== over ? 0.55 : 1 }));
    }
    for (const p of points || []) {
      const c = data.conditions.findIndex((o) => o.label === p.condition), px = x(p.time), py = y(p.value);
      inside.append(
        sv("line", { x1: px, x2: px, y1: y(p.value - p.error), y2: y(p.value + p.error), stroke: style(c)[0] }),
        sv("path", { class: "point", stroke: style(c)[0], transform: `translate(${px} ${py})`, d: SHAPES[p.shape][1] },
          sv("title", {}, `${p.source}: ${number(p.value)} ± ${number(p.error)} at ${duration(p.time)} (${p.title}; ${p.seen})`)));
    }
    svg.append(inside);
    const cursor = sv("line", { class: "cursor", y1: top, y2: top + tall });
    svg.append(cursor);
    svg.addEventListener("pointerdown", (e) => scrub(svg, e, LEFT / WIDTH, wide / WIDTH));
    return () => {
      const px = x(timeAt(state.u)), shown = px >= LEFT - 1 && px <= WIDTH - RIGHT + 1;
      fill(cursor, { x1: px, x2: px, visibility: shown ? "visible" : "hidden" }, []);
    };
  }

  function quantityChart(name, height, title, options = {}) {
    const svg = sv("svg", {}), label = el("span", {});
    const points = data.points.filter((p) => p.quantity === name);
    const move = chart(svg, { read: (c) => extremes(c, name), height, points, baseline: options.baseline, described: `${title} over time, ${data.conditions.map((c) => c.label).join(", ")}` });
    const box = el("div", { class: "panel" }, el("h3", {}, title, label), svg);
    return { box, move: () => { move(); label.textContent = withUnit(number(farthest(state.condition, name, bin()), reach(name)), name); } };
  }
  function fluxChart(rule, height) {
    const svg = sv("svg", {}), label = el("span", {});
    const move = chart(svg, { read: (c) => ({ low: flux(c, rule), high: flux(c, rule) }), height, baseline: null, described: `net rate of ${rule} over time` });
    const box = el("div", { class: "panel" }, el("h3", {}, "net rate", label), svg);
    return { box, move: () => { move(); label.textContent = `${number(flux(state.condition, rule)[bin()])} molecules/s`; } };
  }

  function buildCurves() {
    const panels = data.panels[state.synapse], box = $("side-panel");
    const room = box.clientWidth ? ((box.clientHeight - 60) / panels.length - 24) * (WIDTH / (box.clientWidth - 28)) : 130;
    const height = Math.round(Math.max(66, Math.min(190, room)));
    charts = panels.flatMap((p) => p.curves.map((name) => quantityChart(name, height, p.title + (unit(name) ? ` (${unit(name)})` : ""), { baseline: p.baseline })));
    const sources = [...new Set(data.points.filter((p) => panels.some((q) => q.curves.includes(p.quantity))).map((p) => `${SHAPES[p.shape][0]} ${p.source}`))];
    $("curves").replaceChildren(...charts.map((c) => c.box), sources.length ? el("p", { class: "where" }, `Measured: ${sources.join(", ")}`) : "",
      el("details", {}, el("summary", {}, "What this model does not claim"), el("ul", {}, ...data.model.limits.map((l) => el("li", {}, l)))));
  }

  // -- the timeline -------------------------------------------------------------------------------

  let moveTimeline = () => {};
  function buildTimeline() {
    const box = $("timeline"), wide = Math.max(300, box.clientWidth), pad = 8, width = wide - 2 * pad;
    const condition = data.conditions[state.condition], drugs = condition.drugs;
    const height = 58 + 16 * drugs.length;
    const svg = sv("svg", { viewBox: `0 0 ${wide} ${height}`, height, "aria-hidden": "true" });
    const x = (t) => pad + Math.max(-0.02, Math.min(1.02, along(position(t)))) * width;
    svg.append(sv("line", { class: "axis-line", x1: pad, x2: wide - pad, y1: height - 24, y2: height - 24 }));
    for (const t of ticks(width)) svg.append(
      sv("line", { class: "tick", x1: pad + t.x, x2: pad + t.x, y1: t.strong ? height - 34 : height - 24, y2: height - 18 }),
      sv("text", { class: "tick-label", x: pad + t.x, y: height - 5, "font-weight": t.strong ? 700 : null, "text-anchor": t.x < 14 ? "start" : t.x > width - 20 ? "end" : "middle" }, t.label));
    let labelled = -Infinity;
    for (const s of data.stimuli) {
      if (s.synapses.length && !s.synapses.includes(state.synapse)) continue;
      const from = x(s.start), to = Math.max(from + 5, x(s.end));
      if (to < 0 || from > wide) continue;
      svg.append(sv("rect", { x: from, y: 18, width: to - from, height: 13, fill: "#1c2430" }));
      if (from - labelled > 130) {
        svg.append(sv("text", { class: "tick-label", x: from, y: 13 }, s.label));
        labelled = from;
      }
    }
    drugs.forEach((d, i) => svg.append(
      sv("rect", { x: x(d.start ?? first), y: 36 + 16 * i, width: Math.max(2, x(d.end ?? last) - x(d.start ?? first)), height: 8, fill: style(state.condition)[0], "fill-opacity": 0.6 }),
      sv("text", { class: "tick-label", x: x(d.end ?? last) + 4, y: 44 + 16 * i }, d.label)));
    const cursor = sv("line", { class: "cursor", y1: 14, y2: height - 18 });
    svg.append(cursor);
    svg.addEventListener("pointerdown", (e) => scrub(svg, e, pad / wide, width / wide));
    svg.addEventListener("wheel", (e) => {
      e.preventDefault();
      const at = (e.clientX - svg.getBoundingClientRect().left - pad) / width;
      zoomBy(e.deltaY < 0 ? 0.8 : 1.25, state.zoom[0] + at * (state.zoom[1] - state.zoom[0]));
    }, { passive: false });
    box.replaceChildren(svg);
    moveTimeline = () => {
      const px = pad + along(here()) * width, shown = px >= 0 && px <= wide;
      fill(cursor, { x1: px, x2: px, visibility: shown ? "visible" : "hidden" }, []);
    };
  }

  function scrub(svg, event, left, wide) {
    const go = (e) => {
      const box = svg.getBoundingClientRect();
      const part = ((e.clientX - box.left) / box.width - left) / wide;
      pause();
      moveTo(uFrom(Math.max(0, Math.min(1, state.zoom[0] + part * (state.zoom[1] - state.zoom[0])))));
    };
    svg.setPointerCapture(event.pointerId);
    svg.onpointermove = go;
    svg.onpointerup = svg.onpointercancel = () => { svg.onpointermove = null; };
    go(event);
  }

  function zoomBy(factor, centre) {
    const span = Math.max(0.01, Math.min(1, (state.zoom[1] - state.zoom[0]) * factor));
    const part = (centre - state.zoom[0]) / (state.zoom[1] - state.zoom[0]);
    const start = Math.max(0, Math.min(1 - span, centre - part * span));
    state.zoom = [start, start + span];
    redraw();
  }

  // -- the story ------------------------------------------------------------------------------------

  const story = (c = state.condition) => data.conditions[c].story[state.synapse];
  function buildSteps() {
    const steps = story().steps;
    $("steps").replaceChildren(...steps.map((s, i) => {
      const missing = s.bin === null;
      const bar = el("i", {});
      const button = el("button", {
        type: "button", class: missing ? "missing" : null, on: { click: () => { if (!missing) { pause(); moveTo(s.bin + 0.5); } choose({ node: s.node }); } },
      }, `${i + 1} ${s.title}`, el("small", {}, missing ? "not in this condition" : `at ${duration(Math.max(0, timeAt(s.bin)))}`), bar);
      s.paint = (now) => {
        const name = s.columns.length === 1 ? s.columns[0] : null;
        const top = Math.max(...data.conditions.map((_, c) => Math.abs(s.columns.reduce((a, n) => a + reach(n), 0))));
        const value = s.columns.reduce((a, n) => a + farthest(state.condition, n, bin()) - rest(n), 0);
        bar.style.width = `${Math.min(100, 100 * Math.abs(value) / (name ? reach(name) || 1 : top || 1)).toFixed(1)}%`;
        if (now) button.setAttribute("aria-current", "step"); else button.removeAttribute("aria-current");
      };
      return el("li", {}, button);
    }));
    $("steps").hidden = !steps.length;
  }

  let said = "";
  function paintWords() {
    const t = timeAt(state.u), at = bin(), zero = data.blocks[0];
    const since = t - zero;
    const clock = since < 0 ? `−${duration(since)}` : duration(since);
    $("clock").firstChild.textContent = clock;
    $("clock").lastChild.textContent = since < 0 ? "before the stimulus" : "after its first pulse";
    const captions = story().captions.filter(([b]) => b <= at), [, heading, text] = captions[captions.length - 1];
    if (said !== heading + text) {
      said = heading + text;
      $("heading").textContent = state.side ? `${data.conditions[state.condition].label}: ${heading}` : heading;
      $("text").textContent = text;
    }
    const reached = story().steps.filter((s) => s.bin !== null && s.bin <= at);
    const current = reached.reduce((a, s) => (a === null || s.bin >= a.bin ? s : a), null);
    story().steps.forEach((s) => s.paint && s.paint(s === current));
    const input = $("time");
    input.value = Math.round(1000 * Math.max(0, Math.min(1, along(here()))));
    input.setAttribute("aria-valuetext", `${clock} ${since < 0 ? "before the stimulus" : "after the first pulse"}. ${heading}`);
  }

  // -- details ----------------------------------------------------------------------------------------

  function sourceOf(p) {
    const who = p.source ? `${p.source.split(",")[0]}${(p.source.match(/\((\d{4})\)/) || ["", ""])[1] ? ` ${p.source.match(/\((\d{4})\)/)[1]}` : ""}: ` : "";
    const seen = ["read in the source", "own work"].includes(p.seen) ? "" : ` [${p.seen}]`;
    return el("span", {}, `${p.basis}: ${who}${p.note}${seen} `, p.doi ? el("a", { href: `https://doi.org/${p.doi}`, target: "_blank", rel: "noreferrer noopener" }, "doi") : null);
  }

  function ruleBox(rule) {
    const facts = data.rules[rule], curve = fluxChart(rule, 110);
    detailCharts.push(curve);
    curve.move();
    return el("div", {},
      el("p", { class: "where" }, "rule ", el("b", {}, rule.replaceAll("_", " "))),
      el("code", {}, facts.bngl),
      facts.note ? el("p", {}, facts.note) : null,
      ...Object.entries(facts.formulas).map(([name, formula]) => el("code", {}, `${name} = ${formula}`)),
      curve.box,
      el("table", {}, el("tbody", {}, ...facts.parameters.map((name) => {
        const p = data.parameters[name], changed = data.conditions[state.condition].parameters?.[name];
        return el("tr", {}, el("th", { scope: "row" }, name.replaceAll("_", " ")), el("td", {}, el("b", {}, `${number(changed ?? p.value)} ${p.unit === "1" ? "" : p.unit.replace("uM", "µM")}`), changed !== undefined ? ` (here; else ${number(p.value)})` : "", el("br", {}), sourceOf(p)));
      }))));
  }

  function processBox(id, open) {
    const process = data.processes[id];
    const box = el("details", {}, el("summary", {}, process.label + (process.rules.length > 1 ? ` (${process.rules.length} rules)` : "")));
    const build = () => { if (box.open && box.children.length === 1) box.append(...process.rules.map(ruleBox)); };
    box.addEventListener("toggle", build);
    if (open) { box.open = true; build(); }
    return box;
  }

  function showDetails(focus) {
    const panel = $("details"), chosen = state.chosen, view = data.views[state.synapse];
    panel.hidden = !chosen;
    $("curves").hidden = !!chosen;
    document.querySelector("main").classList.toggle("wide", state.side && !chosen);
    detailCharts = [];
    if (!chosen) return panel.replaceChildren();
    const close = el("button", { type: "button", class: "close", on: { click: () => choose(null) } }, "close");
    if (chosen.node) {
      const node = view.nodes.find((n) => n.id === chosen.node), name = `molecule:${node.id}`;
      const curve = quantityChart(name, 150, unit(name) ? `over time (${unit(name)})` : "over time");
      detailCharts.push(curve);
      const ways = view.links.map((l, i) => [l, i]).filter(([l]) => l.source === node.id || l.target === node.id);
      panel.replaceChildren(close, el("h2", {}, node.label), el("p", { class: "where" }, `${node.id}, in the ${node.place.replace("_", " ")}`), el("p", {}, node.does),
        el("p", { class: "where" }, `Shown: ${data.quantities[name].meaning}.`), curve.box,
        el("h3", {}, "Linked to"), el("ul", {}, ...ways.map(([l, i]) => el("li", {}, el("button", { type: "button", class: "go", on: { click: () => choose({ link: i }, true) } }, linkText(view, l))))),
        ...[["What happens to it", node.changed_by], ["Rates that it sets", node.drives]].flatMap(([title, list]) => (list.length ? [el("h3", {}, title), ...list.map((p) => processBox(p, false))] : [])));
      curve.move();
    } else {
      const link = view.links[chosen.link];
      panel.replaceChildren(close, el("h2", {}, linkText(view, link)),
        el("p", { class: "where" }, link.acts ? "The first sets the rate of what happens to the second." : "They bind, or one becomes the other."),
        ...link.processes.map((p, i) => processBox(p, i === 0)));
    }
    if (focus) panel.focus();
    panel.scrollTop = 0;
    $("side-panel").scrollTop = 0;
  }

  function markChosen() {
    for (const map of maps) {
      map.nodes.forEach((n) => n.group.classList.toggle("chosen", state.chosen?.node === n.node.id));
      map.links.forEach((k, i) => k.group.classList.toggle("chosen", state.chosen?.link === i));
    }
  }
  function choose(what, focus) {
    state.chosen = what;
    markChosen();
    showDetails(focus);
  }

  // -- moving --------------------------------------------------------------------------------------------

  function paint() {
    maps.forEach(paintMap);
    charts.forEach((c) => c.move());
    detailCharts.forEach((c) => c.move());
    moveTimeline();
    paintWords();
  }
  function moveTo(u) {
    state.u = Math.max(0, Math.min(bins - 1e-6, u));
    paint();
  }
  function pause() {
    state.playing = false;
    $("play").textContent = "▶";
    $("play").setAttribute("aria-label", "Play");
    maps.forEach(paintMap);
  }
  function play() {
    if (state.u >= bins - 1) state.u = 0;
    state.playing = true;
    state.held = 0;
    state.last = performance.now();
    $("play").textContent = "❚❚";
    $("play").setAttribute("aria-label", "Pause");
    requestAnimationFrame(frame);
  }
  function frame(now) {
    if (!state.playing) return;
    const speed = Number($("speed").value), passed = Math.min(100, now - state.last);
    state.last = now;
    if (state.held > 0) {
      state.held -= passed * speed;
      maps.forEach(paintMap);
    } else {
      const before = bin(), share = (passed / 1000) * (speed / SECONDS_FOR_ALL);
      let next = uFrom(here() + share);
      const stop = $("pauses").checked ? story().captions.find(([b]) => b > before && b <= next) : null;
      if (stop) {
        next = stop[0] + 0.01;
        state.held = STOP;
      }
      moveTo(next);
      if (state.u >= bins - 1) pause();
    }
    requestAnimationFrame(frame);
  }

  function redraw() {
    buildCurves();
    buildTimeline();
    if (state.chosen) showDetails();
    paint();
  }
  function rebuild() {
    said = "";
    buildMaps();
    buildSteps();
    buildLegend();
    redraw();
  }

  function buildLegend() {
    const folded = data.views[state.synapse].folded;
    const scale = sv("svg", { width: 120, height: 12, "aria-hidden": "true" }, ...Array.from({ length: 24 }, (_, i) => {
      const l = (i - 11.5) / 11.5;
      return sv("rect", { x: i * 5, y: 0, width: 5.2, height: 12, fill: mix(Math.sign(l) * Math.pow(Math.abs(l), 0.6)) });
    }));
    $("legend").replaceChildren("Colour: less than at rest ", scale, " more. Line: solid binds or becomes, as wide as the flux; dashed sets a rate, as wide as the change of flux that follows (both logarithmic, relative to the largest in any condition).",
      folded ? ` ${folded} links that another molecule of the map stands for are folded.` : "", " Click anything for its rules, parameters and sources.");
  }

  // -- live runs -----------------------------------------------------------------------------------------

  const parsed = (text) => (/^\s*-?[\d.]+(e-?\d+)?\s*$/i.test(text) ? Number(text) : text.trim());
  const NUMBERS = { pulses: true, repeats: true, bursts: true, spike_every: true };
  const FIELDS = ["pulses", "bursts", "frequency", "repeats", "every", "amplitude", "duration"];
  const GIVEN = { pulses: 1, repeats: 1, frequency: "1 Hz" };

  function setUpLive() {
    const live = data.live, form = $("live"), fields = form.querySelector(".fields"), box = el("span", { class: "fields" });
    const stored = { base: live.base, page: { protocol: data.protocol, edges: data.edges, blocks: data.blocks, stimuli: data.stimuli, points: data.points, conditions: data.conditions } };
    let protocol = live.protocol, waiting = 0, again = false;
    const text = (label, name, value, size, list) => el("label", {}, label, el("input", { type: "text", name, value, size, list, autocomplete: "off" }));
    const choices = { "": "as on this page", ...Object.fromEntries(Object.entries(live.protocols).map(([n, p]) => [n, p.title])) };
    const select = el("select", { name: "protocol" }, ...Object.entries(choices).map(([value, label]) => el("option", { value }, label)));
    const drug = el("select", { name: "drug" }, el("option", { value: "" }, "none"), ...live.perturbations.map((p) => el("option", { value: p.name, title: p.summary }, p.name.replaceAll("_", " "))));
    const dose = text("dose", "dose", "", 8);
    const names = el("datalist", { id: "names" }, ...Object.keys(data.parameters).map((value) => el("option", { value })));
    const parameter = text("parameter", "parameter", "", 26, "names"), value = text("=", "value", "", 8), its = el("span", {});
    fields.replaceChildren(el("label", {}, "Protocol ", select), box, el("label", {}, "Drug or mutant ", drug), dose, parameter, value, its, names);
    form.hidden = false;

    function showStimulus() {
      const s = (protocol.stimulus || [])[0];
      box.replaceChildren(...(s ? FIELDS.filter((f) => f in s || (f in GIVEN && s.kind !== "calcium")).map((f) => text(f, f, s[f] ?? GIVEN[f], 6)) : []),
        text("watched for", "watched", protocol.duration, 6));
    }
    function asked() {
      const made = structuredClone(protocol), changes = [];
      for (const input of box.querySelectorAll("input")) {
        const given = NUMBERS[input.name] ? parsed(input.value) : input.value.trim();
        if (input.name === "watched") made.duration = given;
        else if (given !== (made.stimulus[0][input.name] ?? GIVEN[input.name])) {
          made.stimulus[0][input.name] = given;
          changes.push(`${input.name.replace("_", " ")} ${given}`);
        }
      }
      if (changes.length) made.title = `${protocol.title}; here ${changes.join(", ")}`;
      const request = { protocol: made, base: live.base };
      if (drug.value) request.perturbations = [{ name: drug.value, ...(dose.lastChild.value.trim() ? { dose: dose.lastChild.value.trim() } : {}) }];
      const name = parameter.lastChild.value.trim();
      if (name) request.parameters = { [name]: parsed(value.lastChild.value) };
      return request;
    }
    function say(text, wrong) {
      $("said").textContent = text;
      $("said").className = wrong ? "wrong" : "";
    }
    async function send(way) {
      const answer = await fetch(way, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked()) });
      if (!answer.ok) throw new Error((await answer.json()).error);
      return answer;
    }
    async function run() {
      if (waiting) { again = true; return; }
      waiting = 1;
      const began = performance.now();
      say("running …");
      try {
        const found = await (await send("/run")).json();
        if (found.base === stored.base && live.base !== stored.base) Object.assign(data, stored.page);
        else if (found.page) Object.assign(data, found.page);
        live.base = found.base;
        data.conditions = data.conditions.filter((c) => !c.live);
        if (found.condition) data.conditions.push(found.condition);
        state.condition = data.conditions.length - 1;
        if (!found.condition) state.condition = 0;
        if (data.edges !== edges) takeEdges();
        reaches.clear();
        strengths.clear();
        shapePoints();
        showProtocol();
        conditionChoices();
        rebuild();
        $("csv").disabled = $("sbml").disabled = false;
        say(`done in ${((performance.now() - began) / 1000).toFixed(2)} s`);
      } catch (error) {
        say(error.message, true);
      }
      waiting = 0;
      if (again) { again = false; run(); }
    }
    async function keep(way, file) {
      try {
        const link = el("a", { href: URL.createObjectURL(await (await send(way)).blob()), download: file });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
        say(`saved ${file}`);
      } catch (error) {
        say(error.message, true);
      }
    }
    select.addEventListener("change", () => { protocol = select.value ? live.protocols[select.value] : live.protocol; showStimulus(); });
    drug.addEventListener("change", () => {
      const usual = live.perturbations.find((p) => p.name === drug.value)?.dose;
      dose.lastChild.value = usual ? `${usual} uM` : "";
      dose.lastChild.disabled = !usual;
    });
    parameter.lastChild.addEventListener("change", () => {
      const p = data.parameters[parameter.lastChild.value];
      value.lastChild.value = p ? p.value : "";
      its.textContent = p ? p.unit.replace("uM", "µM") : "";
    });
    // The name of a parameter alone changes nothing yet: its value does.
    form.addEventListener("change", (e) => { if (e.target.name !== "parameter") run(); });
    form.addEventListener("submit", (e) => { e.preventDefault(); run(); });
    $("csv").addEventListener("click", () => keep("/csv", "trajectory.csv"));
    $("sbml").addEventListener("click", () => keep("/sbml", `${data.model.name}.xml`));
    showStimulus();
  }

  // -- begin --------------------------------------------------------------------------------------------

  function shapePoints() {
    const experiments = [...new Set(data.points.map((p) => p.source))];
    data.points.forEach((p) => { p.shape = experiments.indexOf(p.source) % SHAPES.length; });
  }
  function showProtocol() {
    $("title").textContent = [data.protocol.title, ...data.protocol.perturbations].join(", ");
    $("protocol").textContent = `${data.model.summary} Model ${data.model.name}, ltpath ${data.version}.`;
  }
  shapePoints();
  showProtocol();
  $("clock").append("", el("small", {}, ""));
  $("clock").prepend(document.createTextNode(""));
  $("time").max = 1000;

  const synapses = Object.keys(data.views);
  $("synapses").hidden = synapses.length < 2;
  radios($("synapses"), "synapse", synapses.map((s) => [s, s || "all", null, null]), state.synapse, (value) => {
    state.synapse = value;
    state.chosen = null;
    showDetails();
    rebuild();
  });
  conditionChoices();
  $("side").hidden = data.conditions.length < 2 && !data.live;
  $("side").addEventListener("click", () => {
    state.side = !state.side;
    said = "";
    $("side").setAttribute("aria-pressed", state.side);
    showDetails();
    buildMaps();
    redraw();
  });
  $("play").addEventListener("click", () => (state.playing ? pause() : play()));
  $("axis").addEventListener("change", () => { state.axis = $("axis").value; state.zoom = [0, 1]; redraw(); });
  $("in").addEventListener("click", () => zoomBy(0.5, here()));
  $("out").addEventListener("click", () => zoomBy(2, here()));
  $("all").addEventListener("click", () => { state.zoom = [0, 1]; redraw(); });
  $("time").addEventListener("input", () => { pause(); moveTo(uFrom(state.zoom[0] + ($("time").value / 1000) * (state.zoom[1] - state.zoom[0]))); });
  const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 20, PageDown: -20, Home: -bins, End: bins };
  $("time").addEventListener("keydown", (e) => {
    if (!(e.key in STEPS)) return;
    e.preventDefault();
    pause();
    moveTo(Math.floor(state.u) + 0.5 + STEPS[e.key]);
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && state.chosen) choose(null);
    if (e.key === " " && !["BUTTON", "INPUT", "SELECT", "SUMMARY", "A"].includes(e.target.tagName)) {
      e.preventDefault();
      $("play").click();
    }
  });
  addEventListener("resize", () => { buildMaps(); redraw(); });
  if (data.live) setUpLive();
  rebuild();
  document.documentElement.dataset.ready = "yes";
})();
