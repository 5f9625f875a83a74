/** Pods that a folder of manifests describes, and their reflections in the API. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { problemsOfNew } from '#api/check.ts'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReason } from '#api/status.ts'
import { epochToTime } from '#api/time.ts'
import { parseYaml } from '#api/yaml.ts'
import type { Client } from '#client/rest.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'

const configAnnotations = {
  source: 'kubernetes.io/config.source',
  hash: 'kubernetes.io/config.hash',
  seen: 'kubernetes.io/config.seen',
  mirror: 'kubernetes.io/config.mirror',
} as const

export const isMirror = ({ metadata }: Pod): boolean =>
  metadata.annotations?.[configAnnotations.mirror] !== undefined

/** Throws with what is wrong with a manifest. */
export function podFromManifest(text: string, path: string, nodeName: string, nowMs: number): Pod {
  const { value, duplicates } = parseYaml(text)
  if (duplicates.length > 0) throw new Error(`${path}: ${duplicates.join(', ')}`)
  const { kind, apiVersion } = (value ?? {}) as { kind?: string; apiVersion?: string }
  if (kind !== 'Pod' || apiVersion !== 'v1') {
    throw new Error(`${path}: found ${apiVersion} ${kind}, wanted v1 Pod`)
  }
  const pod = decode(Pod.schema, value) as Pod & { metadata: Record<string, unknown> }
  const hash = createHash('md5').update(nodeName).update(path).update(text).digest('hex')
  const name = `${pod.metadata.name}-${nodeName}`
  const given: object = {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      namespace: pod.metadata.namespace || 'default',
      uid: pod.metadata.uid || hash,
      resourceVersion: '1',
      creationTimestamp: epochToTime(Math.floor(nowMs / 1000)),
      annotations: {
        ...pod.metadata.annotations,
        [configAnnotations.source]: 'file',
        [configAnnotations.hash]: hash,
        [configAnnotations.seen]: epochToTime(Math.floor(nowMs / 1000)),
      },
    },
    spec: { ...pod.spec, nodeName, tolerations: [...(pod.spec.tolerations ?? []), tolerateAll] },
    status: { phase: 'Pending' },
  }
  const whole = applyDefaults(Pod.schema, decode(Pod.schema, given)) as Pod
  const [problem] = problemsOfNew(Pod, whole)
  if (problem) throw new Error(`${path}: ${problem.field}: ${problem.message}`)
  return whole
}

/** Nobody could put it elsewhere. */
const tolerateAll = { operator: 'Exists' as const, effect: 'NoExecute' as const }

/** What a folder describes; the same name from two files is taken from the first. */
export async function readManifests(
  folder: string,
  nodeName: string,
  nowMs: number,
  warn: (message: string) => void,
): Promise<readonly Pod[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  const pods = new Map<string, Pod>()
  for (const name of names) {
    const path = join(folder, name)
    try {
      const pod = podFromManifest(await readFile(path, 'utf8'), path, nodeName, nowMs)
      const key = `${pod.metadata.namespace}/${pod.metadata.name}`
      if (pods.has(key)) warn(`${path}: ${key} is described by another file too`)
      else pods.set(key, pod)
    } catch (error) {
      warn((error as Error).message)
    }
  }
  return [...pods.values()]
}

export interface StaticPodsParts {
  readonly folder: string
  readonly nodeName: string
  readonly periodMs: number
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  /** The node as owner of the reflections. */
  readonly nodeUid: () => string | undefined
  /** Reflections that the API has now. */
  readonly mirrors: () => readonly Pod[]
  onAdded(pod: Pod): void
  onRemoved(pod: Pod): void
}

export class StaticPods implements AsyncDisposable {
  readonly #parts: StaticPodsParts
  #pods: readonly Pod[] = []
  #timer: Timer | undefined
  #work: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(parts: StaticPodsParts) {
    this.#parts = parts
  }

  /** Resolves when the pods that are there have been told of. */
  async start(): Promise<void> {
    await this.look()
  }

  /** The folder, and then what the API has, as soon as what went on before is done. */
  look(): Promise<void> {
    this.#timer?.cancel()
    this.#work = this.#work.then(() => this.#round())
    return this.#work
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#timer?.cancel()
    await this.#work
  }

  async #round(): Promise<void> {
    const { log, folder, clock, periodMs } = this.#parts
    if (this.#isOver) return
    try {
      await this.#read()
      await this.#reflect()
    } catch (error) {
      log.warn('static pods not looked at, trying again', { folder, error })
    }
    if (this.#isOver) return
    this.#timer = clock.setTimeout(() => void this.look(), periodMs, { background: true })
  }

  async #read(): Promise<void> {
    const { folder, nodeName, clock, log, onAdded, onRemoved } = this.#parts
    const warn = (message: string): void => log.warn('manifest left out', { problem: message })
    const found = await readManifests(folder, nodeName, clock.now(), warn)
    const before = new Map(this.#pods.map((pod) => [pod.metadata.uid, pod]))
    const after = new Set(found.map(({ metadata }) => metadata.uid))
    for (const [uid, pod] of before) if (!after.has(uid)) onRemoved(pod)
    this.#pods = found.map((pod) => before.get(pod.metadata.uid) ?? pod)
    for (const pod of this.#pods) if (!before.has(pod.metadata.uid)) onAdded(pod)
  }

  /** Every static pod has its reflection, and no other has one. */
  async #reflect(): Promise<void> {
    const { mirrors, client } = this.#parts
    const wanted = new Map(this.#pods.map((pod) => [keyOf(pod), pod]))
    const present = new Map(mirrors().map((pod) => [keyOf(pod), pod]))
    for (const [key, mirror] of present) {
      const pod = wanted.get(key)
      if (pod && isReflection(mirror, pod) && !mirror.metadata.deletionTimestamp) continue
      await client.delete(Pod, mirror, { gracePeriodSeconds: 0 }).catch(ignoreGone)
      present.delete(key)
    }
    for (const [key, pod] of wanted) if (!present.has(key)) await this.#create(pod)
  }

  async #create(pod: Pod): Promise<void> {
    const { client, nodeName, nodeUid } = this.#parts
    const uid = nodeUid()
    const { name, namespace, labels, annotations = {} } = pod.metadata
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, controller: true }
    const mirror = { [configAnnotations.mirror]: annotations[configAnnotations.hash]! }
    const metadata = {
      ...{ name, namespace: namespace!, annotations: { ...annotations, ...mirror } },
      ...(labels && { labels }),
      ...(uid && { ownerReferences: [{ ...owner, uid }] }),
    }
    const reflection = { metadata, spec: pod.spec } as unknown as Pod
    await client.create(Pod, reflection).catch((error) => {
      if (!isReason(error, 'AlreadyExists')) throw error
    })
  }
}

const keyOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`

const isReflection = (mirror: Pod, pod: Pod): boolean =>
  sameJson(
    mirror.metadata.annotations?.[configAnnotations.mirror],
    pod.metadata.annotations?.[configAnnotations.hash],
  )

function ignoreGone(error: unknown): void {
  if (!isReason(error, 'NotFound', 'Conflict')) throw error
}
