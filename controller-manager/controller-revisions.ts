/** Past and present templates of StatefulSets and DaemonSets, kept to go back to. */
import { decode } from '#api/decode.ts'
import { DecodeError } from '#api/decode-error.ts'
import { applyDefaults } from '#api/defaults.ts'
import { ControllerRevision } from '#api/kinds/apps/controller-revision.ts'
import type { LabelSelectorObject } from '#api/label-selector.ts'
import { type PodTemplateSpec, podTemplateSpec } from '#api/parts/core/pod-template.ts'
import { sameJson } from '#api/patch/same-json.ts'
import type { Input } from '#api/schema.ts'
import { isReason } from '#api/status.ts'
import { controllerOf } from '#client/cache.ts'
import type { ReconcileContext } from '#client/controller.ts'
import type { ApiObject, Resource } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { claim } from './adoption.ts'
import { controllerReference } from './pods.ts'
import { byAge, canonicalJson, selectorOf, templateHash } from './rollout.ts'

/** What pods say about the revision that they were made from. */
export const REVISION_HASH = 'controller-revision-hash'

/** Names stay valid with a dash and any hash behind them. */
const NAME_PREFIX_LENGTH_MAX = 223

/** An owner whose pods are all made from one template, as it was at some time. */
export interface Revisioned extends ApiObject {
  readonly spec: {
    readonly template: PodTemplateSpec
    readonly selector?: LabelSelectorObject | null
    readonly revisionHistoryLimit: number
  }
  readonly status: { readonly collisionCount?: number }
}

export interface RevisionKind<S extends Revisioned> {
  readonly kind: Resource<S, object>
  /** The label of its revisions that tells them apart. */
  readonly hashLabel: string
}

export interface History {
  /** That of the present template. */
  readonly current: ControllerRevision
  /** Others of the same template: somebody has made them. */
  readonly duplicates: readonly ControllerRevision[]
  /** Those of other templates, the oldest first. */
  readonly old: readonly ControllerRevision[]
}

const templates = new WeakMap<ControllerRevision, { readonly template?: PodTemplateSpec }>()

/** The template as it was, with the defaults of today; undefined if there is none to be read. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  const known = templates.get(revision) ?? readTemplate(revision)
  templates.set(revision, known)
  return known.template
}

function readTemplate({ data }: ControllerRevision): { readonly template?: PodTemplateSpec } {
  const { template } = (data as { spec?: { template?: object } } | undefined)?.spec ?? {}
  if (!template) return {}
  const { $patch: _, ...rest } = template as { readonly $patch?: string }
  try {
    return { template: applyDefaults(podTemplateSpec, decode(podTemplateSpec, rest)) }
  } catch (error) {
    // Anybody may write a revision that we come to adopt; one that nobody can read is of no use.
    if (error instanceof DecodeError) return {}
    throw error
  }
}

/**
 * A strategic merge patch that brings the template back, which is what kubectl sends to undo a
 * rollout. Keys are sorted: it compares bytes.
 */
export const dataOf = (template: PodTemplateSpec): Record<string, unknown> =>
  JSON.parse(canonicalJson({ spec: { template: { ...template, $patch: 'replace' } } }))

/** The oldest first. */
export const byRevision = (a: ControllerRevision, b: ControllerRevision): number =>
  a.revision - b.revision || byAge(a, b)

/** A revision whose label somebody took away is told by its name. */
export const hashOf = ({ metadata }: ControllerRevision, hashLabel: string): string =>
  metadata.labels?.[hashLabel] ?? metadata.name

export interface HistoryPlan {
  /** Those of the present template; the last one is in use. */
  readonly equal: readonly ControllerRevision[]
  readonly old: readonly ControllerRevision[]
  /** The number that the present template is to have at least. */
  readonly revision: number
}

/** Pure: which revisions are of the present template, and what its number is. */
export function planHistory(
  template: PodTemplateSpec,
  revisions: readonly ControllerRevision[],
): HistoryPlan {
  const sorted = revisions.toSorted(byRevision)
  const isEqual = (each: ControllerRevision): boolean => sameJson(templateOf(each), template)
  const [equal, old] = [sorted.filter(isEqual), sorted.filter((each) => !isEqual(each))]
  return { equal, old, revision: (old.at(-1)?.revision ?? 0) + 1 }
}

export function newRevision<S extends Revisioned>(
  { kind, hashLabel }: RevisionKind<S>,
  owner: S,
  revision: number,
): Input<typeof ControllerRevision> & { readonly metadata: { readonly name: string } } {
  const { metadata, spec, status } = owner
  const { template } = spec
  // None counted and none seen yet are the same name: a cache that lags must not lead to another.
  const hash = templateHash({ kind: kind.kind, template }, status.collisionCount || undefined)
  return {
    metadata: {
      name: `${metadata.name.slice(0, NAME_PREFIX_LENGTH_MAX)}-${hash}`,
      namespace: metadata.namespace ?? '',
      labels: { ...template.metadata.labels, [hashLabel]: hash },
      ...(metadata.annotations && { annotations: metadata.annotations }),
      ownerReferences: [controllerReference(kind, owner)],
    },
    data: dataOf(template),
    revision,
  }
}

/** All revisions of the owner, once orphans are adopted and strangers released. */
export function claimRevisions<S extends Revisioned>(
  { kind }: RevisionKind<S>,
  owner: S,
  context: ReconcileContext,
): Promise<readonly ControllerRevision[]> {
  const selector = selectorOf(owner.spec.selector)
  return claim({ ownerKind: kind, owner, selector, kind: ControllerRevision }, context)
}

/**
 * The history with a revision of the present template as its newest. Undefined when its name is
 * taken: that has been counted, so that the next one is another.
 */
export async function revise<S extends Revisioned>(
  of: RevisionKind<S>,
  owner: S,
  revisions: readonly ControllerRevision[],
  context: ReconcileContext,
): Promise<History | undefined> {
  const { equal, old, revision } = planHistory(owner.spec.template, revisions)
  const found = equal.at(-1)
  if (!found) {
    const current = await createRevision(of, owner, revision, context)
    return current && { current, duplicates: [], old }
  }
  const duplicates = equal.slice(0, -1)
  if (found.revision >= revision) return { current: found, duplicates, old }
  const current = await context.client.update(ControllerRevision, { ...found, revision })
  return { current, duplicates, old }
}

async function createRevision<S extends Revisioned>(
  of: RevisionKind<S>,
  owner: S,
  revision: number,
  { client }: ReconcileContext,
): Promise<ControllerRevision | undefined> {
  const wanted = newRevision(of, owner, revision)
  try {
    return await client.create(ControllerRevision, wanted)
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
  const { name } = wanted.metadata
  const { namespace } = owner.metadata
  const present = await client.get(ControllerRevision, { name, namespace })
  // Ours, or left by an owner of our name; the garbage collector may still take the latter away.
  const holder = controllerOf(present)
  const isOurs = holder?.kind === of.kind.kind && holder.name === owner.metadata.name
  if (isOurs && sameJson(templateOf(present), owner.spec.template)) return present
  const collisionCount = (owner.status.collisionCount ?? 0) + 1
  await client.updateStatus(of.kind, owner, { ...owner.status, collisionCount } as S['status'])
  return undefined
}

export async function deleteRevisions(
  revisions: readonly ControllerRevision[],
  { client }: ReconcileContext,
): Promise<void> {
  await settleAll(
    revisions.map(async (revision) => {
      try {
        await client.delete(ControllerRevision, revision)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }),
  )
}
