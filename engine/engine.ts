/** The Docker Engine API, as far as a kubelet uses it: one method for each call, typed. */
import type { Duplex, Readable } from 'node:stream'
import { hasStatus } from './engine-error.ts'
import { jsonLines } from './json-lines.ts'
import { type EngineCall, type Query, Transport } from './transport.ts'
import type {
  ContainerDetails,
  ContainerSummary,
  CreateContainerBody,
  CreateNetworkBody,
  EngineEvent,
  EngineInfo,
  ExecDetails,
  HostConfig,
  ImageDetails,
  ImageSummary,
  LoadLine,
  NetworkDetails,
  PullLine,
  VolumeDetails,
} from './types.ts'

/** The oldest and the newest version of the API that we know; the Engine may be newer. */
const OLDEST_VERSION = '1.41'
const NEWEST_VERSION = '1.51'
const PING_TIMEOUT_MS = 10_000
/** Starts queue up inside an Engine that is busy. */
const START_TIMEOUT_MS = 120_000

/** Of labels all have to match for an object to be listed, of other keys any. */
export type Filters = Readonly<Record<string, readonly string[]>>

export interface LogsQuery {
  readonly stdout: boolean
  readonly stderr: boolean
  readonly follow: boolean
  readonly timestamps: boolean
  /** Seconds since 1970, with a fraction. */
  readonly since?: string | undefined
  readonly tail?: string | undefined
}

export interface ExecBody {
  readonly Cmd: readonly string[]
  readonly AttachStdin: boolean
  readonly AttachStdout: boolean
  readonly AttachStderr: boolean
  readonly Tty: boolean
}

export class Engine implements AsyncDisposable {
  readonly #transport: Transport
  #version: Promise<string> | undefined

  /** `address`: a path, unix:///path or tcp://host:port. */
  constructor(address: string) {
    this.#transport = new Transport(address)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]()
  }

  /** Resolves when the Engine answers in time. */
  async ping(): Promise<void> {
    await this.#transport.call({ method: 'GET', path: '/_ping', timeoutMs: PING_TIMEOUT_MS })
  }

  /** The version of the API that both sides speak. */
  apiVersion(): Promise<string> {
    this.#version ??= this.#negotiate().catch((error) => {
      this.#version = undefined
      throw error
    })
    return this.#version
  }

  info(): Promise<EngineInfo> {
    return this.#json({ method: 'GET', path: '/info' })
  }

  /** Those that match, running or not. */
  listContainers(filters: Filters, size = false): Promise<readonly ContainerSummary[]> {
    const query = { all: true, size: size || undefined, filters: JSON.stringify(filters) }
    return this.#json({ method: 'GET', path: '/containers/json', query })
  }

  async createContainer(name: string, body: CreateContainerBody): Promise<string> {
    const path = '/containers/create'
    const made = await this.#json<{ Id: string }>({ method: 'POST', path, query: { name }, body })
    return made.Id
  }

  inspectContainer(id: string): Promise<ContainerDetails> {
    return this.#json({ method: 'GET', path: `${container(id)}/json` })
  }

  /** Starting one that runs does nothing. */
  async startContainer(id: string): Promise<void> {
    const path = `${container(id)}/start`
    await this.#call({ method: 'POST', path, timeoutMs: START_TIMEOUT_MS })
  }

  async killContainer(id: string, signal: string): Promise<void> {
    await this.#call({ method: 'POST', path: `${container(id)}/kill`, query: { signal } })
  }

  /** Resolves with the exit code when it does not run, or no longer. */
  async waitContainer(id: string, signal?: AbortSignal): Promise<number> {
    const path = `${container(id)}/wait`
    const query = { condition: 'not-running' }
    // The headers come at once, the code when it has ended.
    const lines = jsonLines(await this.#open({ method: 'POST', path, query, timeoutMs: 0, signal }))
    for await (const line of lines) return (line as { StatusCode: number }).StatusCode
    throw new Error(`container ${id}: the wait for its end was broken off`)
  }

  /** One that runs is killed first where `force` says so. Its anonymous volumes go with it. */
  async removeContainer(id: string, force = false): Promise<void> {
    await this.#call({ method: 'DELETE', path: container(id), query: { v: true, force } })
  }

  async updateContainer(id: string, resources: HostConfig): Promise<void> {
    await this.#call({ method: 'POST', path: `${container(id)}/update`, body: resources })
  }

  /** In frames, unless the container has a terminal. */
  logs(id: string, query: LogsQuery, signal: AbortSignal): Promise<Readable> {
    const parameters: Query = { ...query }
    return this.#open({ method: 'GET', path: `${container(id)}/logs`, query: parameters, signal })
  }

  async attach(id: string, stdin: boolean, signal?: AbortSignal): Promise<Duplex> {
    const query = { stream: true, stdin, stdout: true, stderr: true }
    return this.#takeOver({ method: 'POST', path: `${container(id)}/attach`, query, signal })
  }

  async resizeContainer(id: string, rows: number, columns: number): Promise<void> {
    const query = { h: rows, w: columns }
    await this.#call({ method: 'POST', path: `${container(id)}/resize`, query })
  }

  async createExec(id: string, body: ExecBody): Promise<string> {
    const path = `${container(id)}/exec`
    return (await this.#json<{ Id: string }>({ method: 'POST', path, body })).Id
  }

  startExec(id: string, tty: boolean, signal?: AbortSignal): Promise<Duplex> {
    const body = { Detach: false, Tty: tty }
    return this.#takeOver({ method: 'POST', path: `/exec/${id}/start`, body, signal })
  }

  inspectExec(id: string): Promise<ExecDetails> {
    return this.#json({ method: 'GET', path: `/exec/${id}/json` })
  }

  async resizeExec(id: string, rows: number, columns: number): Promise<void> {
    const query = { h: rows, w: columns }
    await this.#call({ method: 'POST', path: `/exec/${id}/resize`, query })
  }

  /** Begins with what happens from now on; resolves once the Engine has agreed to tell. */
  async events(filters: Filters, signal: AbortSignal): Promise<AsyncIterable<EngineEvent>> {
    const query = { filters: JSON.stringify(filters) }
    const stream = await this.#open({ method: 'GET', path: '/events', query, signal })
    return jsonLines(stream) as AsyncIterable<EngineEvent>
  }

  inspectImage(reference: string): Promise<ImageDetails> {
    return this.#json({ method: 'GET', path: `/images/${imagePath(reference)}/json` })
  }

  listImages(): Promise<readonly ImageSummary[]> {
    return this.#json({ method: 'GET', path: '/images/json' })
  }

  /** Each line of its progress; the last one says whether it went well. */
  async pullImage(
    name: string,
    tag: string,
    authorization: string | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<PullLine>> {
    const stream = await this.#open({
      method: 'POST',
      path: '/images/create',
      query: { fromImage: name, tag },
      headers: authorization === undefined ? {} : { 'x-registry-auth': authorization },
      timeoutMs: START_TIMEOUT_MS,
      signal,
    })
    return jsonLines(stream) as AsyncIterable<PullLine>
  }

  /** Makes an image of one layer out of a tar archive; `changes` are lines of a Dockerfile. */
  async importImage(
    name: string,
    tag: string,
    archive: Readable | Buffer,
    changes: readonly string[],
  ): Promise<void> {
    const lines = changes.map((line) => `&changes=${encodeURIComponent(line)}`).join('')
    const path = `/images/create?fromSrc=-&repo=${encodeURIComponent(name)}&tag=${tag}${lines}`
    const stream = await this.#open({ method: 'POST', path, archive, timeoutMs: START_TIMEOUT_MS })
    for await (const line of jsonLines(stream)) {
      const { error } = line as PullLine
      if (error !== undefined) throw new Error(`image ${name}:${tag} cannot be made: ${error}`)
    }
  }

  /** What an archive of `docker save` holds; gives the names of its images. */
  async loadImages(archive: Readable): Promise<readonly string[]> {
    const path = '/images/load?quiet=1'
    const stream = await this.#open({ method: 'POST', path, archive, timeoutMs: START_TIMEOUT_MS })
    const names: string[] = []
    for await (const line of jsonLines(stream)) {
      const { stream: told, error } = line as LoadLine
      if (error !== undefined) throw new Error(`images cannot be loaded: ${error}`)
      const [, name] = /^Loaded image(?: ID)?: (\S+)/.exec(told ?? '') ?? []
      if (name) names.push(name)
    }
    return names
  }

  /** Only the name, unless it is the last one. */
  async removeImage(reference: string): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/images/${imagePath(reference)}` })
  }

  async createVolume(
    name: string,
    options: Readonly<Record<string, string>>,
    labels: Readonly<Record<string, string>>,
  ): Promise<void> {
    const body = { Name: name, Driver: 'local', DriverOpts: options, Labels: labels }
    await this.#call({ method: 'POST', path: '/volumes/create', body })
  }

  async listVolumes(filters: Filters): Promise<readonly VolumeDetails[]> {
    const query = { filters: JSON.stringify(filters) }
    const path = '/volumes'
    const { Volumes: volumes } = await this.#json<{ Volumes: readonly VolumeDetails[] | null }>({
      method: 'GET',
      path,
      query,
    })
    return volumes ?? []
  }

  async removeVolume(name: string): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/volumes/${encodeURIComponent(name)}` })
  }

  async createNetwork(body: CreateNetworkBody): Promise<string> {
    const path = '/networks/create'
    return (await this.#json<{ Id: string }>({ method: 'POST', path, body })).Id
  }

  listNetworks(filters: Filters = {}): Promise<readonly NetworkDetails[]> {
    const query = { filters: JSON.stringify(filters) }
    return this.#json({ method: 'GET', path: '/networks', query })
  }

  async removeNetwork(id: string): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/networks/${encodeURIComponent(id)}` })
  }

  async #call(call: EngineCall): Promise<Buffer> {
    return (await this.#transport.call(await this.#versioned(call))).body
  }

  async #json<Answer>(call: EngineCall): Promise<Answer> {
    return JSON.parse((await this.#call(call)).toString()) as Answer
  }

  async #open(call: EngineCall): Promise<Readable> {
    return this.#transport.open(await this.#versioned(call))
  }

  async #takeOver(call: EngineCall): Promise<Duplex> {
    return this.#transport.takeOver(await this.#versioned(call))
  }

  async #versioned(call: EngineCall): Promise<EngineCall> {
    return { ...call, path: `/v${await this.apiVersion()}${call.path}` }
  }

  async #negotiate(): Promise<string> {
    const path = '/_ping'
    const call = { method: 'GET', path, timeoutMs: PING_TIMEOUT_MS } as const
    const offered = (await this.#transport.call(call)).headers['api-version']
    return commonVersion(typeof offered === 'string' ? offered : undefined)
  }
}

/** The older of what the Engine offers and what we know. */
export function commonVersion(offered: string | undefined): string {
  if (offered === undefined || !/^\d+\.\d+$/.test(offered)) {
    throw new Error(`Engine: API version is "${offered ?? ''}", wanted ${OLDEST_VERSION} or newer`)
  }
  if (compareVersions(offered, OLDEST_VERSION) < 0) {
    throw new Error(`Engine: API version is ${offered}, wanted ${OLDEST_VERSION} or newer`)
  }
  return compareVersions(offered, NEWEST_VERSION) < 0 ? offered : NEWEST_VERSION
}

function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number)
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number)
  return leftMajor - rightMajor || leftMinor - rightMinor
}

function container(id: string): string {
  return `/containers/${encodeURIComponent(id)}`
}

/** Slashes stay as they are: they are part of the path. */
function imagePath(reference: string): string {
  return encodeURIComponent(reference).replaceAll('%2F', '/')
}

/** Whether the container, image or volume is there no longer, or is being removed just now. */
export function isGone(error: unknown): boolean {
  return (
    hasStatus(error, 404) || (hasStatus(error, 409) && /already in progress/.test(error.message))
  )
}
