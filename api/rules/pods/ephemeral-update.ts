/** The subresource `ephemeralcontainers`: adds containers to a pod, and nothing else. */
import { isDeepStrictEqual } from 'node:util'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import { Path, type Problems } from '../../problems.ts'
import { changeText } from '../change-text.ts'
import { mirrorPod } from './annotations.ts'
import { type PodLike, validatePod } from './pod.ts'

const listPath = Path.root.child('spec').child('ephemeralContainers')

/** The spec as it was, but for the ephemeral containers of the request. */
export function withEphemeralContainers(next: PodSpec, previous: PodSpec): PodSpec {
  const { ephemeralContainers: _, ...rest } = previous
  const { ephemeralContainers } = next
  return ephemeralContainers ? { ...rest, ephemeralContainers } : rest
}

/** Expects pods that differ in their ephemeral containers alone. */
export function validateEphemeralUpdate(
  next: PodLike,
  previous: PodLike,
  problems: Problems,
): void {
  if (previous.metadata.annotations?.[mirrorPod] !== undefined) {
    problems.forbidden(Path.root.child(''), 'static pods do not support ephemeral containers')
    return
  }
  validatePod(next, Path.root, problems)
  const given = new Map((next.spec.ephemeralContainers ?? []).map((each) => [each.name, each]))
  for (const old of previous.spec.ephemeralContainers ?? []) {
    const container = given.get(old.name)
    const name = JSON.stringify(old.name)
    if (!container) {
      problems.forbidden(listPath, `existing ephemeral containers ${name} may not be removed\n`)
    } else if (!isDeepStrictEqual(container, old)) {
      const difference = changeText('core.EphemeralContainer', old, container)
      const detail = `existing ephemeral containers ${name} may not be changed\n${difference}`
      problems.forbidden(listPath, detail)
    }
  }
}
