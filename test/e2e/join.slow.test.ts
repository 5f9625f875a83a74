/** A second machine, with an Engine of its own in a network of its own, joins and leaves. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemRandom } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { ENGINE_PATH } from '../engine/docker-subject.ts'
import { busyboxImage } from '../engine/images.ts'
import type { NodeNamespace } from '../engine/node-namespace.ts'
import { OwnEngine } from '../engine/own-engine.ts'
import { LaunchedCluster } from './launched.ts'

const execute = promisify(execFile)
const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const run = systemRandom.hex(6)
const folder = mkdtempSync('/var/lib/nanokube-join-')
const control = new LaunchedCluster(`c${run}`, folder)
const joinedDirectory = join(folder, 'joined')
/** For tests of networks: no address of it is anybody's. */
const block = `198.18.${Number.parseInt(run.slice(0, 2), 16)}`
const here = `${block}.1`
const there = `${block}.2`
const link = `nkj${run}`
const engine = new Engine(ENGINE_PATH)
const PATIENCE = { timeout: 30_000, interval: 200 }
let other: OwnEngine
let machine: NodeNamespace
let image: string

const ip = (...words: readonly string[]): string => execFileSync('ip', words, { encoding: 'utf8' })

/** As on a machine of its own: in its network, with its Engine. */
async function onOther(...words: readonly string[]): Promise<string> {
  const engineFlag = words[0] === 'token' ? [] : [`--engine=${other.path}`]
  const place = [`--name=j${run}`, `--data-dir=${joinedDirectory}`, ...engineFlag]
  const given = [`--net=${machine.path}`, process.execPath, program, ...words, ...place]
  return (await execute('nsenter', given)).stdout
}

async function invitation(): Promise<readonly string[]> {
  const [told] = await control.cli('token', 'create')
  const command = told?.join
  expect(command).toMatch(new RegExp(`^nanokube join ${here}:\\d+ --token `))
  return String(command).split(' ').slice(1)
}

beforeAll(async () => {
  image = await busyboxImage(engine)
  other = await OwnEngine.bridged((network) => {
    machine = network
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'lan', 'netns', network.name)
    ip('addr', 'add', `${here}/24`, 'dev', link)
    ip('link', 'set', link, 'up')
    ip('-n', network.name, 'addr', 'add', `${there}/24`, 'dev', 'lan')
    ip('-n', network.name, 'link', 'set', 'lan', 'up')
  })
  await using second = new Engine(other.path)
  await busyboxImage(second)
  await control.cli('up', '--nodes=2')
})

afterAll(async () => {
  if (existsSync(join(joinedDirectory, 'cluster.json'))) await onOther('leave')
  if (existsSync(join(control.directory, 'cluster.json'))) await control.cli('delete')
  await engine[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('a cluster that nobody reaches from outside can be opened while it is stopped', async () => {
  const [told] = await control.cli('token', 'create')
  expect(told?.join).toBeUndefined()
  const open = () => control.cli('up', `--api-address=${here}`)
  await expect(open()).rejects.toThrow('Stop it first: nanokube stop')
  await control.cli('stop')
  await expect(control.cli('up', `--api-address=${there}`)).rejects.toThrow(
    `found "${there}", wanted an IPv4 address of this machine`,
  )
  await open()
  await control.nodesAre('node1', 'node2')
})

test('whoever is not the cluster, or is not invited, is told so, and nothing is made', async () => {
  const words = await invitation()
  const hash = `sha256:${'0'.repeat(64)}`
  const refusals = [
    { words: [...words.slice(0, -1), hash], why: 'authority of the cluster: found the key' },
    { words: words.map((w) => w.replace(/\.\w{16}$/, `.${'x'.repeat(16)}`)), why: 'its secret' },
    { words: words.map((w) => w.replace(/:\d+$/, ':1')), why: 'API server at' },
    { words: [...words, '--node-name=node1'], why: 'has a node "node1" already' },
  ]
  for (const { words: given, why } of refusals) await expect(onOther(...given)).rejects.toThrow(why)
  expect(existsSync(join(joinedDirectory, 'cluster.json'))).toBe(false)
})

test('a machine joins, and its pods and those of the others reach each other', async () => {
  const words = [...(await invitation()), '--node-name=far']
  await onOther(...words)
  await control.nodesAre('far', 'node1', 'node2')
  // Done already: it stays as it is.
  await onOther(...words)
  const serve = 'mkdir -p /w; hostname > /w/index.html; exec httpd -f -p 8080 -h /w'
  for (const node of ['far', 'node1', 'node2']) {
    const overrides = JSON.stringify({ spec: { nodeName: node, terminationGracePeriodSeconds: 1 } })
    const given = [
      `--image=${image}`,
      `--overrides=${overrides}`,
      '--labels=app=web',
      '--port=8080',
    ]
    control.kubectl('run', `on-${node}`, ...given, '--', 'sh', '-c', serve)
    control.kubectl('expose', 'pod', `on-${node}`, '--port=80', '--target-port=8080')
  }
  control.kubectl('wait', '--for=condition=Ready', 'pod', '-l', 'app=web', '--timeout=60s')
  const inside = (from: string, ...command: readonly string[]): string => {
    try {
      return control.kubectl('exec', `on-${from}`, '--', ...command).trim()
    } catch (error) {
      return (error as Error).message
    }
  }
  const ask = (from: string, to: string): string =>
    inside(from, 'timeout', '5', 'wget', '-qO-', `http://on-${to}`)
  for (const [from, to] of [
    ['far', 'node1'],
    ['far', 'node2'],
    ['node1', 'far'],
    ['node2', 'far'],
  ] as const) {
    await expect.poll(() => ask(from, to), PATIENCE).toBe(`on-${to}`)
  }
  control.kubectl('exec', 'on-far', '--', 'sh', '-c', 'echo told > /proc/1/fd/1')
  await expect.poll(() => control.kubectl('logs', 'on-far'), PATIENCE).toContain('told')
})

test('what a reboot ended starts again, and commands of a control plane are refused', async () => {
  await onOther('stop')
  await onOther('start')
  await control.nodesAre('far', 'node1', 'node2')
  await expect(onOther('token', 'create')).rejects.toThrow(
    `its control plane is at https://${here}`,
  )
  await expect(onOther('delete')).rejects.toThrow('nanokube leave')
})

test('it leaves, and nothing of it is left', async () => {
  const told = await onOther('leave', '--drain')
  expect(told).toContain('Node "far" has left the cluster.')
  expect(control.kubectl('get', 'pods', '-o', 'name')).not.toContain('on-far')
  expect(existsSync(joinedDirectory)).toBe(false)
  const docker = (...words: readonly string[]): string =>
    execFileSync('docker', ['-H', `unix://${other.path}`, ...words], { encoding: 'utf8' }).trim()
  expect(docker('ps', '-aq')).toBe('')
  expect(docker('network', 'ls', '-q', '--filter', 'label=io.nanokube.cluster')).toBe('')
  expect(docker('volume', 'ls', '-q')).toBe('')
  // As upstream, a node may not delete its own object.
  expect(told).toContain('kubectl delete node far')
  control.kubectl('delete', 'node', 'far')
  await control.nodesAre('node1', 'node2')
})
