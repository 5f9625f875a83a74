/** Files that every container of a pod has from its kubelet: hosts, resolver, last words. */
import { chmod, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Container } from '#api/parts/core/container.ts'
import { nodeHostsFile, podHostsFile, podName } from './hosts-file.ts'
import { podDirectory } from './pod-directories.ts'
import {
  type ClusterResolver,
  parseResolverConfig,
  type ResolverConfig,
  type ResolverWarning,
  resolverOf,
  resolverText,
} from './resolver.ts'
import type { Mount } from './runtime.ts'
import { isMissing } from './volumes/atomic-writer.ts'

export interface PodFilesParts {
  /** Of the kubelet, as in `--root-dir`. */
  readonly rootDirectory: string
  readonly cluster: ClusterResolver
  /** resolv.conf of the node; empty means that pods resolve nothing. */
  readonly resolverFile: string
  /** The node's own, for pods on its network. */
  readonly hostsFile: string
  readonly warn?: (pod: Pod, reason: ResolverWarning['reason'], message: string) => void
}

const HOSTS_PATH = '/etc/hosts'
const RESOLVER_PATH = '/etc/resolv.conf'
const SHARED_MODE = 0o644
/** Whoever the container runs as may leave a message. */
const MESSAGE_MODE = 0o666
const MESSAGE_BYTES_MAX = 4096
/** What pods see when the node shall not be asked. */
const nobody: ResolverConfig = { servers: ['127.0.0.1'], searches: ['.'], options: [] }

type FileContainer = Pick<Container, 'name' | 'volumeMounts' | 'terminationMessagePath'>

export class PodFiles {
  readonly #parts: PodFilesParts

  constructor(parts: PodFilesParts) {
    this.#parts = parts
  }

  /** Before each start of a container: its addresses may have changed, or the node's files. */
  async write(pod: Pod, podIps: readonly string[]): Promise<void> {
    const directory = this.#directory(pod.metadata.uid)
    await mkdir(directory, { recursive: true, mode: 0o750 })
    const { spec } = pod
    const aliases = spec.hostAliases ?? []
    const hosts = spec.hostNetwork
      ? nodeHostsFile(await readFile(this.#parts.hostsFile, 'utf8'), aliases)
      : podHostsFile(podIps, podName(pod, this.#parts.cluster.domain), aliases)
    await writeShared(join(directory, 'etc-hosts'), hosts)
    await writeShared(join(directory, 'resolv.conf'), resolverText(await this.#resolver(pod)))
  }

  /** A container that mounts something else there keeps it. Makes the file for its last words. */
  async mountsOf(
    pod: Pod,
    { name, volumeMounts = [], terminationMessagePath }: FileContainer,
    attempt: number,
  ): Promise<readonly Mount[]> {
    const directory = this.#directory(pod.metadata.uid)
    const taken = new Set(volumeMounts.map(({ mountPath }) => mountPath))
    const mounts: Mount[] = [
      { source: { path: join(directory, 'etc-hosts') }, containerPath: HOSTS_PATH },
      { source: { path: join(directory, 'resolv.conf') }, containerPath: RESOLVER_PATH },
    ].map((mount) => ({ ...mount, isReadOnly: false }))
    if (terminationMessagePath) {
      const path = this.#messageFile(pod.metadata.uid, name, attempt)
      await this.#makeMessageFile(path, attempt)
      mounts.push({ source: { path }, containerPath: terminationMessagePath, isReadOnly: false })
    }
    return mounts.filter(({ containerPath }) => !taken.has(containerPath))
  }

  /** What a container has left as its reason to end; empty when it has said nothing. */
  async terminationMessage(podUid: string, container: string, attempt: number): Promise<string> {
    try {
      const path = this.#messageFile(podUid, container, attempt)
      await using file = await open(path, 'r')
      const buffer = Buffer.alloc(MESSAGE_BYTES_MAX)
      const { bytesRead } = await file.read(buffer, 0, MESSAGE_BYTES_MAX, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } catch (error) {
      if (isMissing(error)) return ''
      throw error
    }
  }

  async #resolver(pod: Pod): Promise<ResolverConfig> {
    const { resolverFile, cluster, warn } = this.#parts
    const ofNode = resolverFile ? parseResolverConfig(await readFile(resolverFile, 'utf8')) : nobody
    const { config, warnings } = resolverOf(pod, ofNode, cluster)
    for (const { reason, message } of warnings) warn?.(pod, reason, message)
    return config
  }

  /** Of the attempts before, the last one's is kept. */
  async #makeMessageFile(path: string, attempt: number): Promise<void> {
    const directory = dirname(path)
    await mkdir(directory, { recursive: true, mode: 0o750 })
    for (const name of await readdir(directory)) {
      if (Number.parseInt(name, 10) < attempt - 1) await rm(join(directory, name), { force: true })
    }
    await (await open(path, 'a')).close()
    await chmod(path, MESSAGE_MODE)
  }

  #directory(podUid: string): string {
    return podDirectory(this.#parts.rootDirectory, podUid)
  }

  #messageFile(podUid: string, container: string, attempt: number): string {
    return join(this.#directory(podUid), 'containers', container, `${attempt}-termination`)
  }
}

/** In place: containers that run have this very file mounted. */
async function writeShared(path: string, text: string): Promise<void> {
  if ((await textOf(path)) === text) return
  await writeFile(path, text)
  await chmod(path, SHARED_MODE)
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
