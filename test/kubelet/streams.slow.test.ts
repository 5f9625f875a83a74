/** kubectl's logs, exec, attach, cp, port-forward and top, down to containers of a real Engine. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasKubectl, KUBECTL } from '../e2e/kubectl.ts'
import { NodeProcess } from './node-process.ts'

const isMissing = !hasKubectl()
/** Images are made, and five pods started, on a machine that does other things too. */
const PATIENCE_MS = 120_000

let node: NodeProcess
let directory: string

beforeAll(async () => {
  if (isMissing) return
  node = await NodeProcess.start()
  directory = await mkdtemp(join(tmpdir(), 'nanokube-streams-'))
  await writeFile(join(directory, 'none'), '')
  const talker = 'i=0; while true; do echo "line $i"; i=$((i+1)); sleep 1; done'
  const page = 'mkdir /www; echo welcome > /www/index.html; httpd -f -p 127.0.0.1:8080 -h /www'
  await Promise.all([
    node.create('plain'),
    create('talker', ['sh', '-c', talker]),
    create('web', ['sh', '-c', page]),
    create('reader', ['cat'], { stdin: true }),
    create('crashing', ['sh', '-c', 'echo last words; exit 3']),
  ])
  const names = ['plain', 'talker', 'web', 'reader']
  await Promise.all(names.map((name) => node.untilReady(name)))
}, PATIENCE_MS)

afterAll(async () => {
  if (isMissing) return
  await node[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const create = (name: string, command: string[], more: object = {}) =>
  node.create(name, {
    containers: [
      { name: 'main', image: node.image, imagePullPolicy: 'IfNotPresent', command, ...more },
    ],
  } as never)

function start(words: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, KUBECONFIG: join(directory, 'none'), HOME: directory, ...more }
  return spawn(KUBECTL, [`--server=${node.url}`, ...words], { cwd: directory, env })
}

async function run(words: readonly string[], more: NodeJS.ProcessEnv = {}, input?: string) {
  const child = start(words, more)
  child.stdin.end(input)
  const closed = once(child, 'close')
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { output, errors, code: (await closed)[0] as number }
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

const carriers = [
  { carrier: 'WebSockets', more: {} },
  {
    carrier: 'SPDY',
    more: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
  },
]

describe.skipIf(isMissing)(`kubectl${isMissing ? ' (skipped: not there)' : ''}`, () => {
  test('follows a log', async () => {
    const child = start(['logs', '-f', 'talker', '--tail=1'])
    expect(await said(child, 'line 4')).toMatch(/^line \d+\n/)
    child.kill()
    await once(child, 'close')
  })

  test('reads parts of logs, with times', async () => {
    const { output } = await run(['logs', 'talker', '--timestamps', '--limit-bytes=40'])
    expect(output).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z line 0/)
    expect(output).toHaveLength(40)
  })

  test('reads the log of a container before the last', async () => {
    await node.until('crashing', ({ status }) => {
      const [main] = status.containerStatuses ?? []
      return (main?.restartCount ?? 0) > 0 && main?.lastState?.terminated !== undefined
    })
    expect((await run(['logs', '-p', 'crashing'])).output).toBe('last words\n')
    const { errors } = await run(['logs', '-p', 'plain'])
    expect(errors).toContain('previous terminated container "main" in pod "plain" not found')
  })

  test.for(carriers)('runs commands over $carrier', async ({ more }) => {
    const script = 'cat; echo problem >&2; exit 7'
    const words = ['exec', '-i', 'plain', '--', 'sh', '-c', script]
    const { output, errors, code } = await run(words, more, 'input')
    expect(output).toBe('input')
    expect(errors).toContain('problem')
    expect(code).toBe(7)
  })

  test('runs commands on a terminal', async () => {
    const words = ['exec', '-it', 'plain', '--', 'sh', '-c', 'tty; sleep 1; stty size']
    const command = `stty rows 40 cols 120; ${[KUBECTL, `--server=${node.url}`, ...words]
      .map((word) => `'${word}'`)
      .join(' ')}`
    const env = { ...process.env, KUBECONFIG: join(directory, 'none') }
    const child = spawn('script', ['-qec', command, '/dev/null'], { env })
    const output = await text(child.stdout)
    expect(output).toMatch(/\/dev\/pts\/\d+\r\n40 120/)
  })

  test.for(carriers)('attaches to what runs over $carrier', async ({ more }) => {
    const child = start(['attach', '-i', 'reader'], more)
    child.stdin.write(`hello over ${JSON.stringify(more)}\n`)
    expect(await said(child, 'hello')).toContain('hello over')
    child.kill()
    await once(child, 'close')
  })

  test('copies files there and back', async () => {
    const content = 'x'.repeat(2_000_000)
    await writeFile(join(directory, 'large'), content)
    expect((await run(['cp', 'large', 'plain:/tmp/large'])).errors).not.toContain('error')
    await run(['cp', 'plain:/tmp/large', 'back'])
    expect(await readFile(join(directory, 'back'), 'utf8')).toBe(content)
  })

  test.for(carriers)('forwards ports over $carrier', async ({ more }) => {
    const child = start(['port-forward', 'web', ':8080'], more)
    const [, port] = /127\.0\.0\.1:(\d+) -> 8080/.exec(await said(child, '-> 8080')) ?? []
    for (let round = 0; round < 3; round++) {
      const [answer] = await once(get({ port, host: '127.0.0.1' }), 'response')
      expect(await text(answer)).toBe('welcome\n')
    }
    child.kill()
    await once(child, 'close')
  })

  test('shows what pods and nodes use', async () => {
    const pods = await run(['top', 'pods'])
    expect(pods.output).toMatch(/^talker\s+\d+m\s+\d+Mi/m)
    const nodes = await run(['top', 'nodes'])
    expect(nodes.output).toMatch(/^node-1\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/m)
  })

  // Who attaches too late misses what was said, so that both wait until somebody listens.
  test.for([
    { name: 'asked', flags: ['-i', '-c', 'asked'], script: 'read line; echo "heard $line"' },
    {
      name: 'attached',
      flags: ['--attach=true', '-c', 'attached'],
      script: 'sleep 2; echo "heard here"',
    },
  ])('debugs a pod with a container beside it, $name', async ({ flags, script }) => {
    const words = ['debug', 'plain', `--image=${node.image}`, '--image-pull-policy=IfNotPresent']
    const { output } = await run([...words, ...flags, '--', 'sh', '-c', script], {}, 'here\n')
    expect(output).toContain('heard here')
  })
})
