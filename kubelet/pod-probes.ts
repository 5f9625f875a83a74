/** The probes of one pod: which of them run now, and what their verdicts mean. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Probe } from '#api/parts/core/probe.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Clock } from '#daemon/clock.ts'
import { type ContainerView, runOf } from './container-view.ts'
import { fieldPathOf } from './pod-containers.ts'
import type { Run } from './pod-memory.ts'
import type { Outcome } from './probes/outcome.ts'
import { ProbeLoop } from './probes/probe-loop.ts'
import type { Prober } from './probes/prober.ts'

type ProbeType = 'startup' | 'liveness' | 'readiness'

export interface PodProbesParts {
  readonly prober: Prober
  readonly events: EventRecorder
  readonly clock: Clock
  /** A run has become something else than it was. */
  onRun(container: string, change: Partial<Run> & Pick<Run, 'id'>): void
}

const titles: Record<ProbeType, string> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
}

export class PodProbes implements Disposable {
  readonly #parts: PodProbesParts
  readonly #loops = new Map<string, ProbeLoop>()

  constructor(parts: PodProbesParts) {
    this.#parts = parts
  }

  /** Starts the probes that are due, and ends those that are not any more. */
  sync(pod: Pod, views: readonly ContainerView[], ip: string, isEnding: boolean): void {
    const wanted = new Map<string, () => ProbeLoop>()
    for (const view of views) {
      for (const type of dueProbes(view, isEnding)) {
        const key = `${type} ${view.current!.id}`
        wanted.set(key, () => this.#loop(pod, view, type, ip))
      }
    }
    for (const [key, loop] of this.#loops) {
      if (wanted.has(key)) continue
      loop[Symbol.dispose]()
      this.#loops.delete(key)
    }
    for (const [key, make] of wanted) if (!this.#loops.has(key)) this.#loops.set(key, make())
  }

  [Symbol.dispose](): void {
    for (const loop of this.#loops.values()) loop[Symbol.dispose]()
    this.#loops.clear()
  }

  #loop(pod: Pod, view: ContainerView, type: ProbeType, ip: string): ProbeLoop {
    const { prober, events, clock, onRun } = this.#parts
    const { container, name } = view
    const current = view.current!
    const probe = probeOf(view, type)!
    const target = { containerId: current.id, container, ip }
    const fieldPath = fieldPathOf(view)
    return new ProbeLoop({
      probe,
      clock,
      startedAtMs: current.startedAtMs ?? current.createdAtMs,
      ask: (signal) => prober.ask(probe, target, signal),
      onProblem(outcome) {
        const { reason, text } = problem(titles[type], outcome)
        events.warning(pod, reason, text, { fieldPath })
      },
      onVerdict: (isGood) => onRun(name, { id: current.id, ...meaning(type, isGood, view) }),
    })
  }
}

function probeOf({ container }: ContainerView, type: ProbeType): Probe | undefined {
  if (type === 'startup') return container.startupProbe
  return type === 'liveness' ? container.livenessProbe : container.readinessProbe
}

function dueProbes(view: ContainerView, isEnding: boolean): ProbeType[] {
  const { memory, role } = view
  const run = runOf(view)
  const isIdle = !memory.job || memory.job.type === 'resize'
  if (!run || run.doom || role === 'init' || role === 'ephemeral') return []
  const due: ProbeType[] = []
  if (!isEnding && isIdle && !run.isStarted) due.push('startup')
  if (!isEnding && isIdle && run.isStarted) due.push('liveness')
  if (run.isStarted && memory.job?.type !== 'start') due.push('readiness')
  return due.filter((type) => probeOf(view, type))
}

function problem(title: string, { result, output }: Outcome): { reason: string; text: string } {
  if (result === 'warning')
    return { reason: 'ProbeWarning', text: `${title} probe warning: ${output}` }
  const what = result === 'unknown' ? 'errored' : 'failed'
  const state = result === 'unknown' ? ' and resulted in unknown state' : ''
  return { reason: 'Unhealthy', text: `${title} probe ${what}${state}: ${output}` }
}

function meaning(type: ProbeType, isGood: boolean, { container }: ContainerView): Partial<Run> {
  if (type === 'readiness') return { isReady: isGood }
  if (!isGood) return { doom: type, isReady: false }
  return type === 'startup' ? { isStarted: true, isReady: !container.readinessProbe } : {}
}
