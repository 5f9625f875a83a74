/** Fills in what containers leave open about their resources, and notes on the pod what. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { LimitItem } from './limit-breaches.ts'
import { sortedMap } from './sorted-map.ts'

const annotation = 'kubernetes.io/limit-ranger'

type Amounts = Readonly<Record<string, string>>

export function applyLimitDefaults(pod: Pod, limits: readonly LimitItem[]): void {
  const items = limits.filter(({ type }) => type === 'Container')
  const requests: Amounts = Object.assign({}, ...items.map((item) => item.defaultRequest))
  const maxima: Amounts = Object.assign({}, ...items.map((item) => item.default))
  const notes: string[] = []
  const fill = (containers: readonly Container[] | null | undefined, title: string): void => {
    for (const container of containers ?? []) {
      const { resources, name } = container
      for (const [side, word, defaults] of [
        ['requests', 'request', requests],
        ['limits', 'limit', maxima],
      ] as const) {
        const added = missing(resources[side], defaults)
        if (!added.length) continue
        resources[side] = completed(resources[side], defaults)
        notes.push(`${added.join(', ')} ${word} for ${title} ${name}`)
      }
    }
  }
  fill(pod.spec.containers, 'container')
  fill(pod.spec.initContainers, 'init container')
  if (!notes.length) return
  const note = `LimitRanger plugin set: ${notes.join('; ')}`
  pod.metadata.annotations = sortedMap({ ...pod.metadata.annotations, [annotation]: note })
}

const missing = (present: Amounts | undefined, defaults: Amounts): string[] =>
  Object.keys(defaults)
    .filter((name) => present?.[name] === undefined)
    .sort()

const completed = (present: Amounts | undefined, defaults: Amounts): Record<string, string> =>
  sortedMap({ ...defaults, ...present })
