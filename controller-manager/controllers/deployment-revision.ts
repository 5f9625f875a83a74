/** The ReplicaSets of a Deployment, one for each template: which is which, and new ones. Pure. */
import type { Deployment } from '#api/kinds/apps/deployment.ts'
import { Deployment as DeploymentKind } from '#api/kinds/apps/deployment.ts'
import type { ReplicaSet, ReplicaSet as ReplicaSetKind } from '#api/kinds/apps/replica-set.ts'
import type { Input } from '#api/schema.ts'
import { controllerReference } from '../pods.ts'
import {
  byAge,
  REVISION,
  revisionOf,
  sameTemplate,
  TEMPLATE_HASH,
  templateHash,
} from '../rollout.ts'

export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
/** Longer histories lose their oldest revisions. */
const HISTORY_LENGTH_MAX = 2000
const NAME_LENGTH_MAX = 253

/** Annotations of a Deployment that say nothing about its template. */
const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])

export interface Revisions {
  readonly deployment: Deployment
  /** That of the current template, if it is there yet. */
  readonly current: ReplicaSet | undefined
  /** All others, the oldest first. */
  readonly old: readonly ReplicaSet[]
}

export function revisionsOf(deployment: Deployment, replicaSets: readonly ReplicaSet[]): Revisions {
  const sorted = replicaSets.toSorted(byAge)
  const { template } = deployment.spec
  // Should two have the template, the older one is it, whoever asks.
  const current = sorted.find(({ spec }) => sameTemplate(spec.template, template))
  return { deployment, current, old: sorted.filter((each) => each !== current) }
}

export const allOf = ({ current, old }: Revisions): readonly ReplicaSet[] =>
  current ? [...old, current] : old

export const isInUse = ({ spec }: ReplicaSet): boolean => spec.replicas > 0

const nextRevision = ({ old }: Revisions): number => Math.max(0, ...old.map(revisionOf)) + 1

/** The annotations of the current ReplicaSet as they should be; the same ones if they are. */
export function revisedAnnotations(
  revisions: Revisions,
  annotations: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const { metadata } = revisions.deployment
  const given = Object.entries(metadata.annotations ?? {})
  const copied = given.filter(
    ([name, text]) => !ownAnnotations.has(name) && annotations[name] !== text,
  )
  const before = annotations[REVISION]
  const revision = nextRevision(revisions)
  const isNewer = Number(before ?? 0) < revision
  if (copied.length === 0 && !isNewer) return annotations
  return {
    ...annotations,
    ...Object.fromEntries(copied),
    ...(isNewer && { [REVISION]: String(revision) }),
    ...(isNewer &&
      before && { [REVISION_HISTORY]: history(annotations[REVISION_HISTORY], before) }),
  }
}

/** The revisions that a ReplicaSet had before it was rolled back to. */
function history(earlier: string | undefined, before: string): string {
  const revisions = earlier ? [...earlier.split(','), before] : [before]
  while (revisions.length > 1 && revisions.join().length > HISTORY_LENGTH_MAX) revisions.shift()
  return revisions.join()
}

export const replicasAnnotations = (replicas: number, surge: number): Record<string, string> => ({
  [DESIRED_REPLICAS]: String(replicas),
  [MAX_REPLICAS]: String(replicas + surge),
})

/** The ReplicaSet of the current template, to be created. */
export function newReplicaSet(
  revisions: Revisions,
  replicas: number,
  surge: number,
): Input<typeof ReplicaSetKind> & { readonly metadata: { readonly name: string } } {
  const { metadata, spec, status } = revisions.deployment
  const hash = templateHash(spec.template, status.collisionCount)
  const labels = { ...spec.template.metadata.labels, [TEMPLATE_HASH]: hash }
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels } }
  const matchLabels = { ...spec.selector?.matchLabels, [TEMPLATE_HASH]: hash }
  return {
    metadata: {
      name: `${metadata.name.slice(0, NAME_LENGTH_MAX - hash.length - 1)}-${hash}`,
      namespace: metadata.namespace ?? '',
      labels,
      annotations: {
        ...revisedAnnotations(revisions),
        ...replicasAnnotations(spec.replicas, surge),
      },
      ownerReferences: [controllerReference(DeploymentKind, revisions.deployment)],
    },
    spec: {
      replicas,
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector: { ...spec.selector, matchLabels },
      // What was stored may be written again; the type does not know it.
      template: template as never,
    },
  }
}

/** Old ReplicaSets beyond the limit that nothing needs any more, the oldest revisions first. */
export function expiredReplicaSets({ deployment, old }: Revisions): readonly ReplicaSet[] {
  const present = old.filter(({ metadata }) => !metadata.deletionTimestamp)
  const surplus = present.length - deployment.spec.revisionHistoryLimit
  if (surplus <= 0) return []
  return present
    .toSorted((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b))
    .slice(0, surplus)
    .filter(({ metadata, spec, status }) => {
      const isSeen = (metadata.generation ?? 0) <= (status.observedGeneration ?? 0)
      return spec.replicas === 0 && status.replicas === 0 && isSeen
    })
}
