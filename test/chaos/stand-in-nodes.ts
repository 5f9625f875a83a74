/** Nodes without machines: they give signs of life, and bring pods from one phase to the next. */
import { findCondition } from '#api/conditions.ts'
import { Lease } from '#api/kinds/coordination/lease.ts'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import {
  LOCAL_PATH_DIRECTORY,
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_NODE_LABEL,
} from '#api/rules/local-path-volume.ts'
import { isReason } from '#api/status.ts'
import { epochToTime, timeToEpoch } from '#api/time.ts'
import { type Controller, defineController } from '#client/controller.ts'
import { microTime } from '#client/micro-time.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'

const nodeNames = ['n1', 'n2', 'n3'] as const
/** On pods: their containers run, and are not ready. */
export const UNREADY = 'chaos.test/unready'
/** On pods that are to end: they fail. */
export const FAILS = 'chaos.test/fails'

const HEARTBEAT_MS = 10_000
/** What containers take to end when they are told to. */
const STOP_MS = 3000
/** Pods that are to end run for as long, or a few times longer. */
const RUN_MS = 2000
/** One of so many pods that are to end fails. */
const FAILURES_ONE_OF = 4
const PROTECTION = 'kubernetes.io/pv-protection'

/** Who runs where, which a kubelet that is started anew finds as it was. */
export class Machines {
  readonly #addresses = new Map<string, string>()

  /** No two pods ever have the same. */
  addressOf({ metadata: { uid } }: Pod): string {
    const number = this.#addresses.size + 1
    const known = this.#addresses.get(uid) ?? `10.244.${number >> 8}.${number & 255}`
    this.#addresses.set(uid, known)
    return known
  }
}

interface Parts {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
}

const now = (clock: Clock): string => epochToTime(Math.floor(clock.now() / 1000))

/** Until the signal is aborted; a sign of life that fails is made up for by the next one. */
export async function keepAlive({ client, clock, log }: Parts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const name of nodeNames) {
      try {
        await announce(client, clock, name)
        await renew(client, clock, name)
      } catch (error) {
        log.warn('no sign of life', { node: name, error })
      }
    }
    await clock.sleep(HEARTBEAT_MS, signal).catch(() => undefined)
  }
}

async function announce(client: Client, clock: Clock, name: string): Promise<void> {
  const node = (await client.find(Node, { name })) ?? (await register(client, name))
  const known = findCondition(node.status.conditions, 'Ready')
  if (known?.status === 'True') return
  const time = now(clock)
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'stand-in' }
  const times = { lastHeartbeatTime: time, lastTransitionTime: time }
  const patch = { status: { conditions: [{ ...ready, ...times }] } }
  await client.patch(Node, { name }, patch, { type: 'strategic', subresource: 'status' })
}

function register(client: Client, name: string): Promise<Node> {
  const resources = { cpu: '64', memory: '256Gi', pods: '5000' }
  const labels = { 'kubernetes.io/hostname': name }
  const annotations = { [LOCAL_PATH_DIRECTORY]: '/volumes' }
  const status = { capacity: resources, allocatable: resources }
  return client.create(Node, { metadata: { name, labels, annotations }, status })
}

async function renew(client: Client, clock: Clock, name: string): Promise<void> {
  const place = { name, namespace: 'kube-node-lease' }
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime(clock) }
  try {
    await client.patch(Lease, place, { spec })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    await client.create(Lease, { metadata: place, spec })
  }
}

const isOurs = ({ spec }: Pod): boolean =>
  (nodeNames as readonly (string | undefined)[]).includes(spec.nodeName)

const msOf = (time: string | null | undefined): number =>
  time ? timeToEpoch(time).seconds * 1000 : 0

/** The same for the same pod, whoever asks. */
function hashOf(uid: string): number {
  return Number.parseInt(uid.slice(0, 8), 16)
}

/** Brings each pod one step further. */
export const kubeletController = (machines: Machines): Controller =>
  defineController<Pod>({
    name: 'stand-in-kubelet',
    for: Pod,
    async reconcile(pod, { client, clock }) {
      if (!isOurs(pod)) return
      const step = nextStep(pod, clock)
      if (step.type === 'wait') return { requeueAfterMs: step.ms }
      if (step.type === 'rest') return
      await ifThere(() => {
        if (step.type === 'remove') return client.delete(Pod, pod, { gracePeriodSeconds: 0 })
        const { uid, resourceVersion } = pod.metadata
        const status = statusFor(pod, step, clock, machines)
        // Somebody else may have said meanwhile that it has failed, which is final.
        const patch = { metadata: { uid, resourceVersion }, status }
        return client.patch(Pod, pod, patch, { type: 'strategic', subresource: 'status' })
      })
      return
    },
  })

type Step =
  | { readonly type: 'rest' | 'remove' }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'run'; readonly isReady: boolean }
  | { readonly type: 'end'; readonly phase: 'Succeeded' | 'Failed' }

function nextStep(pod: Pod, clock: Clock): Step {
  const { metadata, spec, status } = pod
  const hasEnded = status.phase === 'Succeeded' || status.phase === 'Failed'
  if (metadata.deletionTimestamp) {
    if (hasEnded) return { type: 'remove' }
    const graceMs = (metadata.deletionGracePeriodSeconds ?? 0) * 1000
    const toldAt = msOf(metadata.deletionTimestamp) - graceMs
    const leftMs = toldAt + Math.min(graceMs, STOP_MS) - clock.now()
    return leftMs > 0 ? { type: 'wait', ms: leftMs } : { type: 'end', phase: 'Failed' }
  }
  if (hasEnded) return { type: 'rest' }
  const isReady = !metadata.annotations?.[UNREADY]
  const shown = findCondition(status.conditions, 'Ready')?.status === 'True'
  if (status.phase !== 'Running' || shown !== isReady) return { type: 'run', isReady }
  if (spec.restartPolicy === 'Always') return { type: 'rest' }
  const hash = hashOf(metadata.uid)
  const leftMs = msOf(status.startTime) + RUN_MS * (1 + (hash % 3)) - clock.now()
  if (leftMs > 0) return { type: 'wait', ms: leftMs }
  const fails = metadata.annotations?.[FAILS] || hash % FAILURES_ONE_OF === 0
  return { type: 'end', phase: fails ? 'Failed' : 'Succeeded' }
}

function statusFor(pod: Pod, step: Step, clock: Clock, machines: Machines): object {
  const lastTransitionTime = now(clock)
  const isReady = step.type === 'run' && step.isReady
  const ready = { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime }
  if (step.type === 'end') return { phase: step.phase, conditions: [ready] }
  const podIP = machines.addressOf(pod)
  const startTime = pod.status.startTime ?? lastTransitionTime
  return { phase: 'Running', conditions: [ready], podIP, podIPs: [{ ip: podIP }], startTime }
}

/** What volumes leave behind on a node is gone as soon as they are. */
export const volumeCleaner: Controller = defineController<PersistentVolume>({
  name: 'stand-in-volume-cleaner',
  for: PersistentVolume,
  async reconcile(volume, { client }) {
    const { name, uid, finalizers = [], labels, deletionTimestamp } = volume.metadata
    const isOurs = labels?.[LOCAL_PATH_NODE_LABEL] !== undefined
    const isDue = deletionTimestamp && finalizers.includes(LOCAL_PATH_FINALIZER)
    if (!isOurs || !isDue || finalizers.includes(PROTECTION)) return
    const left = finalizers.filter((each) => each !== LOCAL_PATH_FINALIZER)
    const { resourceVersion } = volume.metadata
    await ifThere(() =>
      client.patch(
        PersistentVolume,
        { name },
        { metadata: { uid, resourceVersion, finalizers: left } },
      ),
    )
  },
})

/** What is gone needs nothing any more. */
async function ifThere(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
