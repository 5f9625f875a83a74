/** The command line on the Engine of this machine: a cluster through its life. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemRandom } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { ENGINE_PATH } from '../engine/docker-subject.ts'
import { busyboxImage } from '../engine/images.ts'
import { LaunchedCluster } from './launched.ts'

const run = systemRandom.hex(6)
const folder = mkdtempSync('/var/lib/nanokube-launch-')
const first = new LaunchedCluster(`a${run}`, folder)
const second = new LaunchedCluster(`b${run}`, folder)
const engine = new Engine(ENGINE_PATH)
const foreign = `foreign-${run}`
const PATIENCE = { timeout: 90_000, interval: 200 }

const docker = (...words: readonly string[]): string =>
  execFileSync('docker', words, { encoding: 'utf8', stdio: 'pipe' }).trim()

/** All that carries the label of the cluster. */
function onEngine(id: string): readonly string[] {
  const filter = `label=io.nanokube.cluster=${id}`
  const lists = [
    ['ps', '-aq'],
    ['network', 'ls', '-q'],
    ['volume', 'ls', '-q'],
  ]
  return lists.flatMap((words) =>
    docker(...words, '--filter', filter)
      .split('\n')
      .filter(Boolean),
  )
}

/** Numbers of processes that carry the id of the cluster. */
function processesOf(id: string): readonly string[] {
  const script = 'grep -lsazx "NANOKUBE_CLUSTER=$0" /proc/[0-9]*/environ || true'
  return execFileSync('sh', ['-c', script, id], { encoding: 'utf8' }).split('\n').filter(Boolean)
}

beforeAll(async () => {
  const image = await busyboxImage(engine)
  docker('network', 'create', foreign)
  docker('run', '-d', '--name', foreign, '--network', foreign, image, 'sleep', '3600')
})

afterAll(async () => {
  for (const cluster of [first, second]) {
    if (existsSync(join(cluster.directory, 'cluster.json'))) await cluster.cli('delete')
  }
  docker('rm', '-f', foreign)
  docker('network', 'rm', foreign)
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('two commands at once bring up one cluster, with all nodes Ready', async () => {
  const [one, other] = await Promise.all([
    first.cli('up', '--nodes=2'),
    first.cli('up', '--nodes=2'),
  ])
  for (const told of [one, other]) {
    expect(told.map(({ type, name }) => name ?? type)).toEqual([
      `Cluster "${first.name}" with 2 nodes`,
      'API server ready',
      'All nodes Ready',
      'up',
    ])
  }
  await first.nodesAre('node1', 'node2')
  const { supervisor } = first
  await first.cli('up')
  expect(first.supervisor).toBe(supervisor)
})

test('pods run, and a process that is killed comes back without them', async () => {
  const image = await busyboxImage(engine)
  const command = ['--', 'sleep', '3600']
  first.kubectl('create', 'deployment', 'web', `--image=${image}`, '--replicas=2', ...command)
  first.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
  const pods = first.readyPods()
  expect(pods).toHaveLength(2)
  for (const [name, { pid = 0 }] of first.processes()) {
    process.kill(pid, 'SIGKILL')
    const isBack = (): boolean => {
      const now = first.processes().get(name)
      return now?.state === 'running' && now.pid !== pid
    }
    await expect.poll(isBack, PATIENCE).toBe(true)
  }
  await first.nodesAre('node1', 'node2')
  await first.podsAre(pods)
})

test('a supervisor and a container of a node that are killed cost no pod', async () => {
  const pods = first.readyPods()
  process.kill(first.supervisor, 'SIGKILL')
  await first.cli('up')
  docker('kill', `nanokube-${first.name}-node1`)
  await expect
    .poll(
      () => docker('inspect', '-f', '{{.State.Running}}', `nanokube-${first.name}-node1`),
      PATIENCE,
    )
    .toBe('true')
  await first.nodesAre('node1', 'node2')
  await first.podsAre(pods)
})

test('what was stopped, and what a reboot ended, starts again with all objects and pods', async () => {
  const pods = first.readyPods()
  await first.cli('down')
  expect(processesOf(first.id)).toEqual([])
  await first.cli('start')
  await first.podsAre(pods)

  // Nobody keeps these processes any more, and they end all the same.
  process.kill(first.supervisor, 'SIGKILL')
  await first.cli('stop')
  expect(processesOf(first.id)).toEqual([])
  await first.cli('start')
  await first.podsAre(pods)

  // As after a reboot: no process of it is left, and no container runs.
  process.kill(first.supervisor, 'SIGKILL')
  for (const { pid } of first.processes().values()) if (pid) process.kill(pid, 'SIGKILL')
  const filter = `label=io.nanokube.cluster=${first.id}`
  docker('kill', ...docker('ps', '-q', '--filter', filter).split('\n'))
  await first.cli('up')
  await first.nodesAre('node1', 'node2')
  await first.podsAre(pods)
})

test('nodes come and go while the cluster runs', async () => {
  await first.cli('node', 'add', 'edge')
  await first.nodesAre('edge', 'node1', 'node2')
  await first.cli('node', 'remove', 'edge')
  await first.nodesAre('node1', 'node2')
  await first.cli('node', 'add', '--hollow=3')
  await first.nodesAre('hollow-0', 'hollow-1', 'hollow-2', 'node1', 'node2')
  await first.cli('node', 'remove', '--hollow=3')
  await first.nodesAre('node1', 'node2')
})

test('a snapshot becomes a second cluster beside the first', async () => {
  const snapshot = join(folder, 'saved')
  await first.cli('snapshot', 'save', snapshot)
  await second.cli('snapshot', 'restore', snapshot)
  await second.nodesAre('node1', 'node2')
  await second.podsAre(first.readyPods())
  second.kubectl('delete', 'deployment', 'web')
  expect(first.kubectl('get', 'deployments', '-o', 'name')).toBe('deployment.apps/web\n')
  const servers = [first, second].map(({ directory }) =>
    JSON.parse(readFileSync(join(directory, 'cluster.json'), 'utf8')),
  )
  expect(servers[0].apiPort).not.toBe(servers[1].apiPort)
})

test('a cluster that is deleted leaves nothing, and touches nothing else', async () => {
  for (const cluster of [second, first]) {
    const { id, directory, name, kubeconfig } = cluster
    expect(onEngine(id)).not.toEqual([])
    await cluster.cli('delete')
    expect(onEngine(id)).toEqual([])
    await expect.poll(() => processesOf(id), PATIENCE).toEqual([])
    expect(existsSync(directory)).toBe(false)
    expect(readFileSync(kubeconfig, 'utf8')).not.toContain(name)
    if (cluster === second) await first.nodesAre('node1', 'node2')
  }
  expect(docker('inspect', '-f', '{{.State.Running}}', foreign)).toBe('true')
  expect(docker('network', 'ls', '-q', '--filter', `name=${foreign}`)).not.toBe('')
})
