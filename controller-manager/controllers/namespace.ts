/** Empties namespaces that are being deleted, and lets them go when nothing is left in them. */
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { PartialObjectMetadata } from '#api/kinds/meta/partial-object-metadata.ts'
import { isReason } from '#api/status.ts'
import { epochToTime, timeToEpoch } from '#api/time.ts'
import { defineController, type ReconcileContext, watching } from '#client/controller.ts'
import { metadataOf } from '#client/resource.ts'
import type { Client, DeleteOptions } from '#client/rest.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { type DiscoveredResource, discoverResources } from '../discovered-resources.ts'
import { type Findings, isEmpty, type Remaining, statusAfter, waitMs } from './namespace-content.ts'

const FINALIZER = 'kubernetes'
/** Resources that are looked at together, so that one namespace does not take up the server. */
const AT_ONCE_MAX = 10
/**
 * A request may have been let in before the namespace was marked and be stored after it. What is
 * seen so long after the mark shows such objects too. The mark has whole seconds, hence one more.
 */
const LATE_WRITES_MS = 2000

const pods = metadataOf(Pod)

export const namespaceController = defineController({
  name: 'namespace-controller',
  for: Namespace,
  watches: [
    // Pods go first and take their time: the last one is what the rest waits for.
    watching(pods, function* ({ metadata: { namespace = '' } }, { cached }) {
      const isGoing = cached(Namespace).get({ name: namespace })?.metadata.deletionTimestamp
      if (isGoing && cached(pods).list(namespace).length === 0) yield { name: namespace }
    }),
  ],
  workers: 10,
  async reconcile(namespace, context) {
    const { deletionTimestamp } = namespace.metadata
    if (!deletionTimestamp || !namespace.spec.finalizers?.includes(FINALIZER)) return
    const { client, clock } = context
    const begunMs = clock.now()
    const findings = await emptied(namespace.metadata.name, context)
    const now = epochToTime(Math.floor(clock.now() / 1000))
    const status = statusAfter(namespace.status, findings, now)
    const current = await client.updateStatus(Namespace, namespace, status)
    if (isEmpty(findings)) {
      const lateMs = timeToEpoch(deletionTimestamp).seconds * 1000 + LATE_WRITES_MS - begunMs
      if (lateMs > 0) return { requeueAfterMs: lateMs }
      return finalize(current, client)
    }
    const { failures, unreachable, remaining } = findings
    const requeueAfterMs = waitMs(remaining, clock.now())
    if (failures.length > 0 || unreachable.length > 0 || requeueAfterMs === undefined) {
      throw new Error(unfinished(findings))
    }
    return { requeueAfterMs }
  },
})

async function finalize(namespace: Namespace, client: Client): Promise<void> {
  const finalizers = namespace.spec.finalizers?.filter((name) => name !== FINALIZER) ?? []
  const finalized = { ...namespace, spec: { ...namespace.spec, finalizers } }
  try {
    await client.updateSubresource(Namespace, namespace, 'finalize', Namespace, finalized)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

/** Pods first: what they need must not go away under them. */
async function emptied(namespace: string, context: ReconcileContext): Promise<Findings> {
  const { client, signal } = context
  const { resources, unreachable } = await discoverResources(client, { signal })
  const deletable = resources.filter(
    ({ scope, verbs }) =>
      scope === 'Namespaced' && verbs.includes('list') && verbs.includes('delete'),
  )
  const isPods = ({ group, plural }: DiscoveredResource) => group === '' && plural === 'pods'
  const first = await removed(deletable.filter(isPods), namespace, context)
  if (first.remaining.length > 0 || first.failures.length > 0) return { ...first, unreachable }
  const rest = deletable.filter((resource) => !isPods(resource))
  return { ...(await removed(rest, namespace, context)), unreachable }
}

async function removed(
  resources: readonly DiscoveredResource[],
  namespace: string,
  context: ReconcileContext,
): Promise<Omit<Findings, 'unreachable'>> {
  const remaining: Remaining[] = []
  const failures: string[] = []
  const waiting = [...resources]
  const work = async (): Promise<void> => {
    for (let resource = waiting.shift(); resource; resource = waiting.shift()) {
      try {
        const left = await removedOf(resource, namespace, context)
        if (left) remaining.push(left)
      } catch (error) {
        context.signal.throwIfAborted()
        context.log.warn('namespace content not deleted', { resource: resource.plural, error })
        failures.push((error as Error).message)
      }
    }
  }
  await settleAll(Array.from({ length: AT_ONCE_MAX }, work))
  return { remaining, failures }
}

/** What is left of a resource after everything has been asked to go. */
async function removedOf(
  resource: DiscoveredResource,
  namespace: string,
  { client, signal }: ReconcileContext,
): Promise<Remaining | undefined> {
  const kind = metadataOf(resource)
  try {
    const found = await client.list(kind, { namespace, signal })
    if (found.length === 0) return undefined
    // Whoever depends on these objects is in the namespace too.
    const options = { propagationPolicy: 'Background', signal } as const
    if (resource.verbs.includes('deletecollection')) {
      await client.deleteCollection(kind, { namespace, ...options })
    } else await settleAll(found.map((each) => deletedOne(client, kind, each, options)))
    const left = await client.list(kind, { namespace, signal })
    if (left.length === 0) return undefined
    const objects = left.map(({ metadata }) => metadata)
    return { resource: `${resource.plural}.${resource.group}`, objects }
  } catch (error) {
    // The definition of a custom resource may go while we look.
    if (isReason(error, 'NotFound', 'MethodNotAllowed')) return undefined
    throw error
  }
}

async function deletedOne(
  client: Client,
  kind: ReturnType<typeof metadataOf>,
  each: PartialObjectMetadata,
  options: DeleteOptions,
): Promise<void> {
  try {
    await client.delete(kind, each, options)
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}

function unfinished({ failures, unreachable, remaining }: Findings): string {
  const parts = [
    ...failures,
    ...unreachable.map((each) => `${each} does not answer`),
    ...remaining.map(({ resource, objects }) => `${objects.length} of ${resource}`),
  ]
  return `namespace content remains: ${parts.join('; ')}`
}
