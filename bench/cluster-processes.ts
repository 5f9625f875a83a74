/** A cluster of processes: API server, controllers, scheduler, and nodes that only pretend. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { settleAll } from '#daemon/settle-all.ts'
import {
  ADMIN_TOKEN,
  CERTIFICATE_FILE,
  type ServerProcess,
  startServerProcess,
} from './server-process.ts'

type Flags = Readonly<Record<string, string>>

export interface ClusterOptions {
  readonly server?: Flags
  readonly controllers?: Flags
}

/** A service that has started. */
export interface Program extends AsyncDisposable {
  readonly pid: number
  readonly hasEnded: boolean
  /** Lines of its log about what went wrong. */
  readonly problems: readonly string[]
  /** Ends it without warning; resolves when it is gone. */
  kill(): Promise<void>
}

export interface ClusterProcesses extends AsyncDisposable {
  readonly server: ServerProcess
  readonly programs: ReadonlyMap<string, Program>
  /** Nodes `<name>-0` and so on, in one process. */
  startNodes(name: string, count: number): Promise<Program>
}

const LINES_KEPT = 50
/** Enough for 8,192 nodes. */
const POD_ADDRESSES = '10.224.0.0/11'

export async function startClusterProcesses(
  options: ClusterOptions = {},
): Promise<ClusterProcesses> {
  await using started = new AsyncDisposableStack()
  const flags = options.server ?? {}
  const server = started.use(await startServerProcess({ serviceAccounts: true, flags }))
  const kubeconfig = join(server.directory, 'kubeconfig')
  await writeFile(kubeconfig, JSON.stringify(configurationFor(server.url)))
  const authority = join(server.directory, 'data', 'pki', 'ca')
  const programs = new Map<string, Program>()
  const run = async (name: string, service: string, given: Flags): Promise<Program> => {
    const always = { kubeconfig, 'monitoring-port': '0', 'logging-format': 'json' }
    const program = await startProgram(service, { ...always, ...given })
    programs.set(name, program)
    return program
  }
  // All at once, and also where one of them cannot be started.
  started.defer(async () => {
    await settleAll(Array.from(programs.values(), (each) => each[Symbol.asyncDispose]()))
  })
  await settleAll([
    run('controller-manager', 'controller-manager', {
      'allocate-node-cidrs': 'true',
      'cluster-cidr': POD_ADDRESSES,
      'cluster-signing-cert-file': `${authority}.crt`,
      'cluster-signing-key-file': `${authority}.key`,
      ...options.controllers,
    }),
    run('scheduler', 'scheduler', {}),
  ])
  const rest = started.move()
  return {
    server,
    programs,
    startNodes: (name, count) =>
      run(name, 'kubelet', {
        'hollow-nodes': `${count}`,
        'hostname-override': name,
        'node-ip': '127.0.0.1',
        'root-dir': join(server.directory, name),
        // Whose certificate the API server shows.
        'client-ca-file': `${authority}.crt`,
      }),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

const configurationFor = (server: string): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'bench',
  clusters: [{ name: 'bench', cluster: { server, 'certificate-authority': CERTIFICATE_FILE } }],
  users: [{ name: 'bench', user: { token: ADMIN_TOKEN } }],
  contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
})

/** Resolves when the service says that it has started. */
async function startProgram(service: string, flags: Flags): Promise<Program> {
  const program = fileURLToPath(new URL(`../${service}/main.ts`, import.meta.url))
  const given = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(process.execPath, [program, ...given], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  const problems: string[] = []
  await hasStarted(child, service, problems)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await exit
  }
  return {
    pid: child.pid!,
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null
    },
    problems,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  }
}

async function hasStarted(child: ChildProcess, service: string, problems: string[]): Promise<void> {
  const lines: string[] = []
  await new Promise<void>((resolve, reject) => {
    // Reading on keeps the pipes from filling up.
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (lines.push(line) > LINES_KEPT) lines.shift()
      if (/"level":"(warn|error|fatal)"/.test(line)) problems.push(line)
      if (line.endsWith('"message":"started"}')) resolve()
    })
    child.stderr!.on('data', (text: Buffer) => lines.push(text.toString()))
    child.once('exit', (code) => {
      reject(new Error(`start ${service}: exit ${code}: ${lines.join('\n')}`))
    })
  })
}
