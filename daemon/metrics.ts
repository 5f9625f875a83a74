/** Counters, gauges and histograms in Prometheus' text form, one registry for each service. */
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface MetricSpec<Label extends string> {
  /** Upstream's name where upstream has one. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly Label[]
}

export interface HistogramSpec<Label extends string> extends MetricSpec<Label> {
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[]
}

export interface CounterSpec<Label extends string> extends MetricSpec<Label> {
  /** For a total that somebody else keeps: read when somebody asks. */
  readonly readTotal?: () => number
}

export interface GaugeSpec<Label extends string> extends MetricSpec<Label> {
  /** For a figure that costs nothing until somebody asks. */
  readonly read?: () => number
  /** The same for a figure with labels: all of its values. */
  readonly readAll?: () => Iterable<readonly [Readonly<Record<Label, string>>, number]>
}

export interface Metrics {
  counter<Label extends string = never>(spec: CounterSpec<Label>): Counter<Label>
  gauge<Label extends string = never>(spec: GaugeSpec<Label>): Gauge<Label>
  histogram<Label extends string = never>(spec: HistogramSpec<Label>): Histogram<Label>
  /** What /metrics answers with. */
  text(): Promise<string>
  readonly contentType: string
}

/** A name that is taken is refused: two meanings under one name would add up to nonsense. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const shared = <Label extends string>({ name, help, labels = [] }: MetricSpec<Label>) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })
  return {
    counter: ({ readTotal, ...spec }) =>
      new Counter({
        ...shared(spec),
        ...(readTotal && {
          collect() {
            this.reset()
            this.inc(readTotal())
          },
        }),
      }),
    gauge: ({ read, readAll, ...spec }) =>
      new Gauge({
        ...shared(spec),
        ...(read && {
          collect() {
            this.set(read())
          },
        }),
        ...(readAll && {
          collect() {
            this.reset()
            for (const [labels, value] of readAll()) this.set(labels, value)
          },
        }),
      }),
    histogram: (spec) => new Histogram({ ...shared(spec), buckets: [...spec.buckets] }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

/** The figures every Prometheus client gives about its process; read only when asked for. */
export function addProcessMetrics(metrics: Metrics): void {
  const figures: readonly [name: string, help: string, read: () => number][] = [
    ['process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()],
    ['process_start_time_seconds', 'Start of the process, in seconds since 1970.', startedAt],
    ['process_open_fds', 'Open file descriptors.', openFileDescriptors],
    ['process_max_fds', 'Most file descriptors that may be open.', fileDescriptorLimit],
    ['nodejs_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed],
    ['nodejs_heap_total_bytes', 'JavaScript heap size.', () => process.memoryUsage().heapTotal],
    ['nodejs_external_memory_bytes', 'Buffers and the like.', () => process.memoryUsage().external],
  ]
  for (const [name, help, read] of figures) metrics.gauge({ name, help, read })
  metrics.counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time.',
    readTotal: cpuSeconds,
  })
  metrics.counter({
    name: 'nodejs_eventloop_active_seconds_total',
    help: 'Time in which the event loop was at work.',
    readTotal: () => performance.eventLoopUtilization().active / 1_000,
  })
}

function startedAt(): number {
  return Math.round(Date.now() / 1_000 - process.uptime())
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** NaN, which Prometheus shows as no value, where the system has no /proc. */
function openFileDescriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : Number.NaN
}

function fileDescriptorLimit(): number {
  if (process.platform !== 'linux') return Number.NaN
  const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return Number(soft ?? Number.NaN)
}
