/** Credentials from a program, asked as client.authentication.k8s.io describes it. */
import { spawn } from 'node:child_process'
import { timeToEpoch } from '#api/time.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Cluster, ExecConfig } from './kubeconfig.ts'

export interface ExecCredential {
  readonly token: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

export interface ExecPluginParts {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

/** The program did not give what was wanted; the message says what it said. */
class ExecPluginError extends Error {
  override readonly name = 'ExecPluginError'
}

const OUTPUT_BYTES_MAX = 1024 * 1024
/** Somebody may have to look at a telephone. */
const TIMEOUT_MS = 120_000
const ERROR_BYTES_SHOWN = 500
/** Under this name a cluster says what its plugin should know. */
const CLUSTER_EXTENSION = 'client.authentication.k8s.io/exec'

export class ExecPlugin {
  readonly #config: ExecConfig
  readonly #cluster: Cluster
  readonly #parts: ExecPluginParts
  #current: { readonly credential: ExecCredential; readonly expiresAt: number } | undefined
  #running: Promise<ExecCredential> | undefined

  constructor(config: ExecConfig, cluster: Cluster, parts: ExecPluginParts) {
    this.#config = config
    this.#cluster = cluster
    this.#parts = parts
  }

  /** What the program said last, until that expires. Those who ask at once wait for one run. */
  async credential(): Promise<ExecCredential> {
    const current = this.#current
    if (current && this.#parts.clock.now() < current.expiresAt) return current.credential
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** The server does not accept what the program said. */
  forget(): void {
    this.#current = undefined
  }

  async #run(): Promise<ExecCredential> {
    const output = await this.#output()
    const { apiVersion, kind, status } = parsedOutput(output, this.#config.command)
    if (kind !== 'ExecCredential' || apiVersion !== this.#config.apiVersion) {
      const wanted = `ExecCredential of ${this.#config.apiVersion}`
      throw this.#failed(`gave a ${kind} of ${apiVersion}, wanted an ${wanted}`)
    }
    const { token, clientCertificateData: cert, clientKeyData: key } = status ?? {}
    if (!token && !cert) throw this.#failed('gave neither a token nor a certificate')
    if (Boolean(cert) !== Boolean(key)) throw this.#failed('gave half of a certificate and its key')
    const credential = { token, cert, key }
    const expiresAt = status?.expirationTimestamp
      ? timeToEpoch(status.expirationTimestamp).seconds * 1000
      : Infinity
    this.#current = { credential, expiresAt }
    return credential
  }

  async #output(): Promise<string> {
    const { command = '', args, env } = this.#config
    const { environment, clock } = this.#parts
    const own = Object.fromEntries((env ?? []).map(({ name = '', value = '' }) => [name, value]))
    const child = spawn(command, args ?? [], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(this.#info()) },
    })
    using _timer = clock.setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
    const [output, errors] = [collected(child.stdout), collected(child.stderr)]
    const ended = Promise.withResolvers<number | string | null>()
    child.once('error', ended.reject)
    child.once('close', (code, signal) => ended.resolve(code ?? signal))
    let code: number | string | null
    try {
      code = await ended.promise
    } catch (error) {
      const hint = this.#config.installHint ? `\n${this.#config.installHint}` : ''
      throw this.#failed(`cannot be run: ${(error as Error).message}${hint}`)
    }
    if (code === 0) return output()
    const said = errors().trim().slice(-ERROR_BYTES_SHOWN)
    throw this.#failed(`ended with ${code}${said && `: ${said}`}`)
  }

  #info(): object {
    const { apiVersion, provideClusterInfo } = this.#config
    const cluster = provideClusterInfo ? { cluster: clusterInfo(this.#cluster) } : {}
    return { kind: 'ExecCredential', apiVersion, spec: { ...cluster, interactive: false } }
  }

  #failed(why: string): ExecPluginError {
    return new ExecPluginError(`exec plugin "${this.#config.command}": ${why}`)
  }
}

function clusterInfo(cluster: Cluster): object {
  const extension = cluster.extensions?.find(({ name }) => name === CLUSTER_EXTENSION)
  const config = extension?.extension
  const authorities = cluster['certificate-authority-data']
  return {
    server: cluster.server,
    ...(cluster['tls-server-name'] && { 'tls-server-name': cluster['tls-server-name'] }),
    ...(cluster['insecure-skip-tls-verify'] && { 'insecure-skip-tls-verify': true }),
    ...(authorities && { 'certificate-authority-data': authorities }),
    ...(config !== undefined && { config }),
  }
}

interface Output {
  readonly apiVersion?: string
  readonly kind?: string
  readonly status?: {
    readonly token?: string
    readonly clientCertificateData?: string
    readonly clientKeyData?: string
    readonly expirationTimestamp?: string
  }
}

function parsedOutput(output: string, command: string | undefined): Output {
  try {
    return JSON.parse(output) ?? {}
  } catch (cause) {
    throw new ExecPluginError(`exec plugin "${command}": its output is not JSON`, { cause })
  }
}

/** Reads on beyond the limit, so that the program can end, but keeps no more. */
function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    if (length < OUTPUT_BYTES_MAX) chunks.push(chunk)
    length += chunk.length
  })
  return () => Buffer.concat(chunks).toString()
}
