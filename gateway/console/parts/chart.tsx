/**
 * How much, minute by minute? Bars on each other, in the colours of what they are; the numbers are also there as a table, for
 * those who do not see the bars. What draws them is loaded once the page is there to be read.
 */
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { createStore, useStore } from "./store.ts";

export interface Series {
  readonly name: string;
  /** A custom property: `--allow-fill`. */
  readonly colour: string;
  /** Aligned with the times. */
  readonly values: readonly number[];
}

export interface ChartProps {
  readonly title: string;
  /** In milliseconds since the epoch, at equal distances. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

const HEIGHT = 190;
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

type Library = typeof uPlot;
/** undefined until it is loaded. */
const library = createStore<Library | undefined>(undefined);

export function Chart({ title, times, series }: ChartProps) {
  const UPlot = useLibrary();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const shape = series.map(({ name }) => name).join(" ");
  const data: uPlot.AlignedData = [times.map((at) => at / 1000), ...stacked(series)];
  useEffect(() => {
    const element = place.current;
    if (!element || !UPlot) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(optionsFor(UPlot, element, series), data, element);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      resized.disconnect();
      plot.current?.destroy();
    };
    // oxlint-disable-next-line react/exhaustive-deps -- new values are set below
  }, [shape, UPlot]);
  useEffect(() => plot.current?.setData(data), [data]);
  return (
    <figure>
      <figcaption class="panel-head">
        <h2>{title}</h2>
        <ul class="legend">
          {series
            .filter(({ values }) => sum(values) > 0)
            .map(({ name, colour, values }) => (
              <li key={name}>
                <svg viewBox="0 0 10 10" aria-hidden="true">
                  <rect width="10" height="10" rx="2" style={{ fill: `var(${colour})` }} />
                </svg>
                {name} <strong>{sum(values).toLocaleString("en")}</strong>
              </li>
            ))}
        </ul>
      </figcaption>
      <div class="chart" ref={place} aria-hidden="true" />
    </figure>
  );
}

function useLibrary(): Library | undefined {
  useEffect(() => {
    const load = async (): Promise<void> => library.set((await import("uplot")).default);
    // Where it cannot be loaded, the numbers stand without bars, and it is tried again with the next chart.
    if (library.get() === undefined) void load().catch(() => {});
  }, []);
  return useStore(library);
}

/** The first series is drawn last, from the bottom to its own top: each one shows what is above the others. */
function stacked(series: readonly Series[]): number[][] {
  const totals = series[0]?.values.map(() => 0) ?? [];
  const tops = series.map(({ values }) => values.map((value, index) => (totals[index] = (totals[index] ?? 0) + value)));
  return tops.toReversed();
}

function optionsFor(UPlot: Library, element: HTMLElement, series: readonly Series[]): uPlot.Options {
  const colour = (name: string): string => resolved(element, name);
  const axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const bars = UPlot.paths.bars?.({ size: [0.8, 26], align: 1 });
  const shape = { width: 0, points: { show: false }, ...(bars && { paths: bars }) };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    // Half of the last time stands beyond its minute.
    padding: [8, 20, 0, 0],
    // The last bar is as wide as its minute.
    scales: {
      x: { range: (_plot, min, max) => [min, max + 60] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 70,
        size: 28,
        values: (_plot, times) => times.map((at) => clock.format(at * 1000)),
      },
      { ...axis, size: 46, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000, 100_000] },
    ],
    series: [
      {},
      ...series.toReversed().map(({ name, colour: own }) => Object.assign({ label: name, fill: colour(own) }, shape)),
    ],
  };
}

/** A canvas knows no `light-dark()`. */
function resolved(element: HTMLElement, name: string): string {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
