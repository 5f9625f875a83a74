/** The course that users take, on a cluster of `nanokube up` with real containers. */
import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { CourseCluster } from './course-cluster.ts'
import { everythingGoes, loadBegins, loadEnds, operations } from './course-operations.ts'
import type { Chapter } from './course-step.ts'
import { workloads } from './course-workloads.ts'
import { comparableOutput, outputPattern } from './kubectl.ts'

let cluster: CourseCluster

beforeAll(async () => {
  cluster = await CourseCluster.up({ nodes: 3 })
}, 120_000)

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
}, 60_000)

let hasFailed = false

/** A chapter goes on from where the last one ended. */
beforeEach((context) => {
  if (hasFailed) context.skip('an earlier chapter failed')
  onTestFailed(() => {
    hasFailed = true
  })
})

async function take({ steps }: Chapter): Promise<void> {
  for (const step of steps) {
    if ('until' in step) {
      await cluster.until(step.until, step.writes)
      continue
    }
    const written = comparableOutput(await cluster.sh(step.run))
    expect(written, step.run).toMatch(outputPattern(step.writes))
  }
}

test.for([loadBegins, ...workloads, ...operations, loadEnds])('$title', take)

/** Those that a cluster cannot do without; each is killed while it works. */
const components = [
  'apiserver',
  'controller-manager',
  'scheduler',
  'cloud-controller-manager',
  'cluster-dns',
  'node1/kubelet',
  'node1/kube-proxy',
] as const

test('whichever component is killed, the cluster goes on, and work is done after', async () => {
  await cluster.sh('kubectl apply -f web.yaml && kubectl expose deployment web --port=80')
  await cluster.sh('kubectl run asking --image=nanokube-test/busybox:1 -- sleep 100000')
  await cluster.until('kubectl get deployment web --no-headers', 'web 3/3 3 3 <age>')
  const before = await cluster.sh(containersOf('app=web'))
  let replicas = 3
  for (const component of components) {
    await cluster.signal(component, 'SIGKILL')
    replicas = replicas === 3 ? 4 : 3
    const size = `${replicas}`
    await cluster.until(`kubectl scale deployment web --replicas=${size}`, '<any>/web scaled')
    const row = `web ${size}/${size} ${size} ${size} <age>`
    await cluster.until('kubectl get deployment web --no-headers', row)
    await cluster.until(
      'kubectl exec asking -- timeout 5 wget -qO- http://web',
      '<lines>Version 1.<lines>',
    )
  }
  const { components: kept } = await cluster.status()
  for (const component of components) expect(kept[component]?.state).toBe('running')
  const after = await cluster.sh(containersOf('app=web'))
  // What runs does not notice: nobody was restarted because of a component.
  expect(after.split('\n').filter((each) => before.includes(each)).length).toBeGreaterThanOrEqual(3)
  await cluster.sh('kubectl delete service/web deployment/web')
  await cluster.sh('kubectl delete pod asking --grace-period=1')
}, 240_000)

const containersOf = (label: string): string =>
  `kubectl get pods -l ${label} -o jsonpath='{range .items[*]}{.status.containerStatuses[0].containerID}{"\\n"}{end}' | sort`

test('pods move when their node stops, and the node takes part again when it is back', async () => {
  const onNode3 = `kubectl get pods -l app=moving --field-selector spec.nodeName=node3,status.phase=Running`
  await cluster.sh('kubectl apply -f moving.yaml')
  await cluster.until('kubectl get deployment moving --no-headers', 'moving 6/6 6 6 <age>')
  expect(await cluster.sh(`${onNode3} -o name | wc -l`)).toBe('2\n')
  await cluster.signal('node3/kubelet', 'SIGSTOP')
  await cluster.until('kubectl get node node3 --no-headers', 'node3 NotReady <any>')
  await cluster.until('kubectl get deployment moving --no-headers', 'moving 6/6 6 6 <age>')
  const elsewhere = `kubectl get pods -l app=moving --no-headers -o wide | grep -c 'Running.* node[12] '`
  await cluster.until(elsewhere, '6')
  await cluster.signal('node3/kubelet', 'SIGCONT')
  await cluster.until('kubectl get node node3 --no-headers', 'node3 Ready <any>')
  await cluster.until('kubectl get pods -l app=moving --no-headers | wc -l', '6')
  await cluster.sh('kubectl delete -f moving.yaml')
}, 240_000)

test(everythingGoes.title, async () => {
  await take(everythingGoes)
  const holders = [1, 2, 3].map((number) => `nanokube-${cluster.name}-node${number}`)
  await expect.poll(() => cluster.containers(), { timeout: 30_000 }).toEqual(holders)
  for (const holder of holders) {
    const pid = execFileSync('docker', ['inspect', '-f', '{{.State.Pid}}', holder], {
      encoding: 'utf8',
    }).trim()
    const inside = (...words: string[]): string =>
      execFileSync('nsenter', [`--net=/proc/${pid}/ns/net`, ...words], { encoding: 'utf8' })
    expect(inside('ip', '-o', 'link', 'show', 'type', 'veth').match(/^\d+: v/gm)).toBeNull()
    expect(inside('nft', 'list', 'map', 'ip', 'kube-proxy', 'service-ips')).not.toContain('web')
    expect(inside('ip', '-o', '-4', 'addr', 'show', 'dev', 'eth0').split('\n').length).toBe(2)
  }
  for (const node of ['node1', 'node2', 'node3']) {
    const directory = join(cluster.directory, 'nodes', node)
    for (const each of ['pods', 'local-path']) {
      expect(await readdir(join(directory, each)).catch(() => [])).toEqual([])
    }
  }
}, 120_000)

test('the cluster itself is deleted without a trace', async () => {
  expect(await cluster.delete()).toEqual([])
}, 60_000)
