/** Pods and what a runtime shows of them, made in few words for tables of rules. */

import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Input } from '#api/schema.ts'
import { containerHash } from '#kubelet/container-hash.ts'
import type { ContainerMemory, PodMemory } from '#kubelet/pod-memory.ts'
import type { ObservedContainer, ObservedPod, ObservedSandbox } from '#kubelet/runtime.ts'

export type PodSpecInput = NonNullable<Input<typeof Pod>['spec']>

export const NOW_MS = Date.UTC(2030, 0, 1, 1)

const identity = { uid: 'u', name: 'web', namespace: 'default' }

export function podOf(spec: Partial<PodSpecInput> = {}, more: object = {}): Pod {
  const given = {
    metadata: { ...identity, resourceVersion: '1', generation: 1 },
    spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec },
    status: { phase: 'Pending' },
    ...more,
  }
  return applyDefaults(Pod.schema, decode(Pod.schema, given)) as Pod
}

export const sandbox = (more: Partial<ObservedSandbox> = {}): ObservedSandbox => ({
  id: 'sandbox-0',
  attempt: 0,
  isReady: true,
  createdAtMs: NOW_MS - 60_000,
  ips: ['10.244.0.1'],
  ...more,
})

/** Running for a minute unless it says otherwise; `id` is `<name>-<attempt>`. */
export function observed(name: string, more: Partial<ObservedContainer> = {}): ObservedContainer {
  const { attempt = 0 } = more
  return {
    id: `${name}-${attempt}`,
    sandboxId: 'sandbox-0',
    name,
    attempt,
    hash: containerHash({ name, image: 'web:1' }),
    image: 'web:1',
    imageId: 'sha256:1',
    state: 'running',
    createdAtMs: NOW_MS - 60_000,
    startedAtMs: NOW_MS - 60_000,
    isOutOfMemory: false,
    labels: {},
    ...more,
  }
}

export const exited = (
  name: string,
  exitCode: number,
  more: Partial<ObservedContainer> = {},
): ObservedContainer =>
  observed(name, { state: 'exited', exitCode, finishedAtMs: NOW_MS - 5000, ...more })

export const seen = (
  containers: readonly ObservedContainer[] = [],
  sandboxes: readonly ObservedSandbox[] = [sandbox()],
): ObservedPod => ({ pod: identity, sandboxes, containers })

export const memory = (
  containers: Readonly<Record<string, ContainerMemory>> = {},
  more: Partial<PodMemory> = {},
): PodMemory => ({
  containers: new Map(Object.entries(containers)),
  volumes: 'ready',
  sandbox: 'idle',
  ...more,
})
