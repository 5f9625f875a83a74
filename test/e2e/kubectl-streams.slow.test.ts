/** kubectl's logs, exec, cp, attach, port-forward and proxy, over WebSockets and over SPDY. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../api-server.ts'
import { createNode, createRunningPod } from '../pods-on-node.ts'
import { type StandInKubelet, startStandInKubelet } from '../stand-in-kubelet.ts'
import { hasKubectl, KUBECTL } from './kubectl.ts'

let server: TestServer
let kubelet: StandInKubelet
let web: Server
let webPort: number
let directory: string
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  const kubelets = { isPlaintext: true, isReachable: () => true }
  server = await startTestServer({ settings: { kubelets } })
  kubelet = await startStandInKubelet()
  kubelet.log('one\ntwo\n')
  web = createServer((asked, answer) => answer.end(`${asked.method} ${asked.url}\n`))
  web.listen(0, '127.0.0.1')
  await once(web, 'listening')
  webPort = (web.address() as AddressInfo).port
  directory = await mkdtemp(join(tmpdir(), 'nanokube-kubectl-'))
  // An empty file: some releases warn when there is none.
  await writeFile(join(directory, 'none'), '')
  environment = { ...process.env, HOME: directory, KUBECONFIG: join(directory, 'none') }
  await createNode(server.url, 'node', kubelet.port)
  await createRunningPod(server.url, { name: 'p', node: 'node', port: webPort })
  await createRunningPod(server.url, { name: 'missing', node: 'node', containers: ['missing'] })
})

afterAll(async () => {
  web.close()
  await kubelet[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

function start(words: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const env = { ...environment, ...more }
  return spawn(KUBECTL, [`--server=${server.url}`, ...words], { cwd: directory, env })
}

interface Ended {
  readonly output: string
  readonly errors: string
  readonly code: number
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const closed = once(child, 'close')
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { output, errors, code: (await closed)[0] }
}

async function run(words: readonly string[], more: NodeJS.ProcessEnv = {}, input = '') {
  const child = start(words, more)
  child.stdin.end(input)
  return ended(child)
}

/** Resolves with what was written as soon as it holds `wanted`. */
async function said(child: ChildProcessWithoutNullStreams, wanted: string): Promise<string> {
  let output = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk
    if (output.includes(wanted)) return output
  }
  throw new Error(`kubectl ended before it said ${JSON.stringify(wanted)}: ${output}`)
}

async function stopped(child: ChildProcessWithoutNullStreams): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGINT')
  child.stdout.resume()
  child.stderr.resume()
  await closed
}

const protocols = [
  { name: 'WebSockets', isSocket: 'true' },
  { name: 'SPDY', isSocket: 'false' },
] as const

// CI has kubectl; a developer may not, and can still run everything else.
const isMissing = process.env.CI !== 'true' && !hasKubectl()

describe.skipIf(isMissing)('kubectl', () => {
  test('logs, and follows while they grow', async () => {
    expect(await run(['logs', 'p', '--tail=1'])).toEqual({ output: 'two\n', errors: '', code: 0 })
    const following = start(['logs', '-f', 'p', '--tail=1'])
    await said(following, 'two')
    await kubelet.followed()
    kubelet.log('three\n')
    await said(following, 'three')
    await stopped(following)
    await kubelet.followersGone()
  })

  describe.for(protocols)('over $name', ({ isSocket }) => {
    const commands = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: isSocket }
    const ports = { KUBECTL_PORT_FORWARD_WEBSOCKETS: isSocket }
    const exec = (words: readonly string[], input = '', flags: readonly string[] = []) =>
      run(['exec', ...flags, 'p', '--', ...words], commands, input)

    test('exec keeps outputs apart, and ends as the command did', async () => {
      const { output, errors, code } = await exec(['sh', '-c', 'echo out; echo err >&2; exit 7'])
      expect([output, code]).toEqual(['out\n', 7])
      expect(errors).toBe('err\ncommand terminated with exit code 7\n')
    })

    test('exec passes input on to its end', async () => {
      const { output, code } = await exec(['wc', '-c'], 'x'.repeat(1_000_000), ['-i'])
      expect([output.trim(), code]).toEqual(['1000000', 0])
    })

    test('exec gives a terminal', async () => {
      const words = `${KUBECTL} --server=${server.url} exec -it p -- sh -c "tty; exit 3"`
      const terminal = spawn('script', ['-qec', words, '/dev/null'], {
        env: { ...environment, ...commands },
      })
      const { output, code } = await ended(terminal)
      expect(output).toContain('/dev/pts/')
      expect(output).toContain('command terminated with exit code 3')
      expect(code).toBe(3)
      expect(kubelet.sizes.at(-1)).toMatch(/"Width"/)
    })

    test('exec says what the kubelet said', async () => {
      const { errors, code } = await run(['exec', 'missing', '--', 'true'], commands)
      expect(errors).toContain('container not found ("gone")')
      expect(code).toBe(1)
    })

    test('cp copies both ways', async () => {
      const bytes = randomBytes(3_000_000)
      const [source, there, back] = ['source', `there-${isSocket}`, `back-${isSocket}`]
      await writeFile(join(directory, source), bytes)
      const up = await run(['cp', source, `p:${join(directory, there)}`], commands)
      expect(up).toMatchObject({ errors: '', code: 0 })
      const down = await run(['cp', `p:${join(directory, there)}`, back], commands)
      expect(down).toMatchObject({ code: 0 })
      expect((await readFile(join(directory, back))).equals(bytes)).toBe(true)
    })

    test('attach speaks to what runs', async () => {
      const { output, code } = await run(['attach', '-i', 'p'], commands, 'hello\n')
      expect([output, code]).toEqual(['hello\n', 0])
    })

    test('port-forward carries connections, and says why one failed', async () => {
      const forwarding = start(['port-forward', 'p', `:${webPort}`, ':1'], ports)
      const output = await said(forwarding, '-> 1\n')
      const [, local, closed] = /127\.0\.0\.1:(\d+)[\s\S]*127\.0\.0\.1:(\d+) -> 1\n/.exec(output)!
      for (const path of ['/a', '/b']) {
        const answer = await fetch(`http://127.0.0.1:${local}${path}`)
        expect(await answer.text()).toBe(`GET ${path}\n`)
      }
      const failed = ended(forwarding)
      await expect(fetch(`http://127.0.0.1:${closed}/`)).rejects.toThrow()
      const { errors, code } = await failed
      expect(errors).toMatch(/an error occurred forwarding \d+ -> 1: connect to port 1/)
      expect([errors.includes('lost connection to pod'), code]).toEqual([true, 1])
    })
  })

  test('proxy leads to pods', async () => {
    const proxying = start(['proxy', '--port=0'])
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(await said(proxying, '\n'))!
    const path = '/api/v1/namespaces/default/pods/p/proxy/hello?x=1'
    expect(await (await fetch(`http://127.0.0.1:${port}${path}`)).text()).toBe('GET /hello?x=1\n')
    await stopped(proxying)
  })
})
