/** The containers of a pod and what part each plays: when it starts, and whether again. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { EphemeralContainer } from '#api/parts/core/ephemeral-container.ts'
import { isSidecar } from '#api/rules/pods/each-container.ts'

/** A sidecar is an init container that goes on beside the others. */
export type Role = 'init' | 'sidecar' | 'main' | 'ephemeral'

export interface PodContainer {
  readonly container: Container & Partial<Pick<EphemeralContainer, 'targetContainerName'>>
  readonly role: Role
}

/** In the order in which they start. */
export function containersOf({ spec }: Pick<Pod, 'spec'>): readonly PodContainer[] {
  return [
    ...(spec.initContainers ?? []).map(
      (container): PodContainer => ({ container, role: isSidecar(container) ? 'sidecar' : 'init' }),
    ),
    ...(spec.containers ?? []).map((container): PodContainer => ({ container, role: 'main' })),
    ...(spec.ephemeralContainers ?? []).map(
      (container): PodContainer => ({ container, role: 'ephemeral' }),
    ),
  ]
}

/** As events name a part of a pod. */
export function fieldPathOf({ container, role }: PodContainer): string {
  const lists: Record<Role, string> = {
    init: 'initContainers',
    sidecar: 'initContainers',
    main: 'containers',
    ephemeral: 'ephemeralContainers',
  }
  return `spec.${lists[role]}{${container.name}}`
}

/** Whether a container that ended with this code begins again, as long as its pod lives. */
export function isRestarted(
  pod: Pod,
  { container, role }: PodContainer,
  exitCode: number,
): boolean {
  if (role === 'ephemeral') return false
  if (role === 'sidecar') return true
  if (ruleFor(container, exitCode) !== undefined) return true
  const policy = container.restartPolicy ?? pod.spec.restartPolicy
  if (policy === 'Never') return false
  // An init container that has succeeded is done, whatever the policy.
  return exitCode !== 0 || (policy === 'Always' && role === 'main')
}

/** Its end makes all containers of the pod begin again. */
export function restartsAll({ container }: PodContainer, exitCode: number): boolean {
  return ruleFor(container, exitCode) === 'RestartAllContainers'
}

function ruleFor({ restartPolicyRules }: Container, exitCode: number): string | undefined {
  const rule = restartPolicyRules?.find(({ exitCodes }) => {
    const isListed = exitCodes?.values?.includes(exitCode) ?? false
    return exitCodes?.operator === 'NotIn' ? !isListed : isListed
  })
  return rule?.action
}
