/** Reads from the API server what bears on an object, and says why it is as it is. */
import { Event } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { kinds } from '#api/registry.ts'
import type { Resource } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'
import { isNodeReady } from '../api-access.ts'
import { CommandError } from '../command.ts'
import { claimFindings } from './claim.ts'
import { conditionFindings, type Finding, hinted, lastEvents, newest } from './findings.ts'
import type { AnyObject, KnownPod } from './known.ts'
import { podFindings } from './pod.ts'

export interface Answer {
  readonly object: string
  readonly findings: readonly Finding[]
  readonly events: readonly string[]
}

interface Question {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** Told about: more would only repeat. */
const PODS_MAX = 3

export async function why(client: Client, question: Question): Promise<Answer> {
  const kind = kindNamed(question.kind)
  const { name } = question
  const namespace = kind.scope === 'Namespaced' ? { namespace: question.namespace } : {}
  const found = await client.find(kind, { name, ...namespace })
  const label = `${kind.kind} ${name}`
  if (!found) {
    const where = namespace.namespace ? ` in namespace ${namespace.namespace}` : ''
    throw new CommandError(`${label}: there is none${where}`)
  }
  const events = await eventsOf(client, found)
  const findings = await findingsOf(client, kind.kind, found, events)
  const fine = { text: 'Nothing about it is wrong.' }
  return {
    object: label,
    findings: findings.length > 0 ? findings : [fine],
    events: lastEvents(events),
  }
}

type KnownKind = Resource<AnyObject, object> & { readonly shortNames?: readonly string[] }

function kindNamed(word: string): KnownKind {
  const lower = word.toLowerCase()
  const kind = kinds.find(
    (each) =>
      each.kind.toLowerCase() === lower ||
      each.plural === lower ||
      each.shortNames?.includes(lower),
  )
  if (kind) return kind as unknown as KnownKind
  throw new CommandError(
    `why: found "${word}", wanted a kind such as pod, deployment, pvc or node`,
    'Ask like this: nanokube why pod/web',
  )
}

async function findingsOf(
  client: Client,
  kind: string,
  object: AnyObject,
  events: readonly Event[],
): Promise<readonly Finding[]> {
  if (kind === 'Pod') return podFindings(await knownPod(client, object as unknown as Pod, events))
  if (kind === 'PersistentVolumeClaim') {
    const claim = object as unknown as PersistentVolumeClaim
    return claimFindings(object.metadata.name, claim, events)
  }
  const { deletionTimestamp, finalizers = [] } = object.metadata
  const failed = newest(events, 'FailedCreate', 'FailedDelete')
  return [
    ...(deletionTimestamp
      ? [{ text: `It is being deleted, held by ${finalizers.join(', ') || 'what it owns'}.` }]
      : []),
    ...conditionFindings(object.status?.conditions ?? []),
    ...(failed ? [hinted(`${failed.reason}: ${failed.message}`)] : []),
    ...(await podsBelow(client, object)),
  ]
}

/** What its pods, and those of what it owns, suffer from. */
async function podsBelow(client: Client, object: AnyObject): Promise<readonly Finding[]> {
  const { namespace, uid } = object.metadata
  if (namespace === undefined || uid === undefined) return []
  const pods = await client.list(Pod, { namespace })
  const owners = new Set([uid])
  for (const plural of ['replicasets', 'jobs']) {
    const owned = await client.list(kindNamed(plural), { namespace })
    for (const { metadata } of owned) {
      if (metadata.uid && metadata.ownerReferences?.some((each) => each.uid === uid)) {
        owners.add(metadata.uid)
      }
    }
  }
  const own = pods.filter(({ metadata }) =>
    metadata.ownerReferences?.some((each) => owners.has(each.uid)),
  )
  const told: Finding[] = []
  let count = 0
  for (const pod of own) {
    if (pod.status.phase === 'Succeeded') continue
    const events = await eventsOf(client, pod as unknown as AnyObject)
    const findings = podFindings(await knownPod(client, pod, events))
    if (findings.length === 0) continue
    if (count++ === PODS_MAX) break
    told.push({ text: `Pod ${pod.metadata.name}:` })
    told.push(...findings.map((each) => ({ ...each, text: `  ${each.text}` })))
  }
  return told
}

async function knownPod(client: Client, pod: Pod, events: readonly Event[]): Promise<KnownPod> {
  const { namespace = 'default' } = pod.metadata
  const names = (pod.spec.volumes ?? []).flatMap(
    ({ persistentVolumeClaim: claim }) => claim?.claimName ?? [],
  )
  const claims = await Promise.all(
    names.map(async (name) => {
      const claim = await client.find(PersistentVolumeClaim, { name, namespace })
      const told = claim ? await eventsOf(client, claim as unknown as AnyObject) : []
      return { name, claim, events: told }
    }),
  )
  const node = pod.spec.nodeName && (await client.find(Node, { name: pod.spec.nodeName }))
  const isThere = node ? isNodeReady(node) : false
  return { pod, events, claims, isNodeReady: pod.spec.nodeName ? isThere : undefined }
}

async function eventsOf(client: Client, { metadata }: AnyObject): Promise<readonly Event[]> {
  const { namespace = 'default', uid, name } = metadata
  const events = await client.list(Event, {
    namespace,
    fieldSelector: `involvedObject.name=${name}`,
  })
  // Nodes are told about by name.
  return events.filter(({ involvedObject: about }) => about.uid === uid || about.uid === name)
}
