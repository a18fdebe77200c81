/** How is a metric never outdated? What it shows is looked up at each scrape. */
import { Gauge } from "prom-client";
import type { Registry } from "prom-client";

export type AddScrapedGauge<State> = <Label extends string>(
  name: string,
  help: string,
  labelNames: Label[],
  show: (gauge: Gauge<Label>, state: State) => void,
) => void;

/** `current`: undefined while there is nothing to show. */
export function scrapedGauges<State>(
  registry: Registry,
  current: () => State | undefined | Promise<State | undefined>,
): AddScrapedGauge<State> {
  return <Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    show: (gauge: Gauge<Label>, state: State) => void,
  ) => {
    const gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        gauge.reset();
        const state = await current();
        if (state !== undefined) show(gauge, state);
      },
    });
  };
}
