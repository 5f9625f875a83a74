/** The API server as users run it: `node apiserver/main.ts`, over TLS, with a store of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#daemon/clock.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The certificate is its own authority. */
export const CERTIFICATE_FILE = join(root, 'test/fixtures/tls/server.crt')
export const KEY_FILE = join(root, 'test/fixtures/tls/server.key')

/** Belongs to system:masters, who may do everything without being looked up. */
export const ADMIN_TOKEN = 'admin-token'
/** May do what roles say. */
export const WORKER_TOKEN = 'worker-token'
const TOKENS = `${ADMIN_TOKEN},admin,admin-uid,system:masters\n${WORKER_TOKEN},worker,worker-uid\n`

export interface ServerProcess extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Where a test may keep its own files: removed with the server. */
  readonly directory: string
  /** Milliseconds from the start of the process until it listened. */
  readonly startMs: number
  /** What it wrote besides its log. */
  readonly errors: string
  /** Ends it without warning; resolves when it is gone. */
  kill(): Promise<void>
  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number | null>
}

export interface ServerProcessOptions {
  /** TLS unless false. */
  readonly tls?: boolean
  /** For the store; one that is empty and removed afterwards unless given. */
  readonly dataDirectory?: string
  /** Whether pods get accounts: then each namespace needs one, as a controller would make it. */
  readonly serviceAccounts?: boolean
  /** For Node itself. */
  readonly nodeFlags?: readonly string[]
  /** Besides those that follow from the other options, and in their place. */
  readonly flags?: Readonly<Record<string, string>>
  /** Killed without warning after this time, even while it starts. */
  readonly lifeMs?: number
}

export async function startServerProcess(
  options: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-e2e-'))
  const tokens = join(directory, 'tokens.csv')
  await writeFile(tokens, TOKENS)
  const tls = options.tls ?? true
  const plainHost = options.flags?.['insecure-bind-address'] ?? '127.0.0.1'
  const flags = {
    'data-dir': options.dataDirectory ?? join(directory, 'data'),
    'bind-address': '127.0.0.1',
    'secure-port': '0',
    'token-auth-file': tokens,
    ...(!options.serviceAccounts && { 'disable-admission-plugins': 'ServiceAccount' }),
    ...(tls
      ? { 'tls-cert-file': CERTIFICATE_FILE, 'tls-private-key-file': KEY_FILE }
      : { 'insecure-bind-address': plainHost, 'insecure-port': '0' }),
    ...options.flags,
  }
  const begunAt = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...(options.nodeFlags ?? []),
      join(root, 'apiserver/main.ts'),
      ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const errors: string[] = []
  child.stderr.on('data', (text: Buffer) => errors.push(text.toString()))
  const kill = (): void => void child.kill('SIGKILL')
  if (options.lifeMs !== undefined) systemClock.setTimeout(kill, options.lifeMs)
  const exit = exitOf(child)
  const port = await listeningPort(child, errors, tls ? 'serving' : 'serving without TLS').catch(
    async (error: unknown) => {
      await rm(directory, { recursive: true })
      throw error
    },
  )
  return {
    url: tls ? `https://127.0.0.1:${port}` : `http://${plainHost}:${port}`,
    pid: child.pid!,
    directory,
    startMs: performance.now() - begunAt,
    get errors() {
      return errors.join('')
    },
    async kill() {
      kill()
      await exit
    },
    stop() {
      child.kill('SIGTERM')
      return exit
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exit
      await rm(directory, { recursive: true })
    },
  }
}

/** The log says which port it is; reading on keeps the pipe from filling up. */
async function listeningPort(
  child: ChildProcess,
  errors: readonly string[],
  wanted: string,
): Promise<number> {
  const lines = createInterface({ input: child.stdout! })
  const seen: string[] = []
  return await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const { message, port } = logEntry(line)
      if (message === wanted && typeof port === 'number') resolve(port)
      if (seen.length < 100) seen.push(line)
    })
    child.once('exit', (code) => {
      reject(new Error(`start API server: exit ${code}: ${[...seen, ...errors].join('\n')}`))
    })
  })
}

function logEntry(line: string): { message?: unknown; port?: unknown } {
  if (!line.startsWith('{')) return {}
  return JSON.parse(line) as { message?: unknown; port?: unknown }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}
