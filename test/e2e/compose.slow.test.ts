/** The cluster of docker-compose.yml, on the Engine of this machine. */
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemRandom } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { composeBase } from '../engine/compose-base.ts'
import { ENGINE_PATH } from '../engine/docker-subject.ts'
import { busyboxImage } from '../engine/images.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const name = `nkc${systemRandom.hex(6)}`
/** Not below /tmp alone: what is mounted there has to be the machine's. */
const directory = `/var/lib/${name}`
const network = '172.27.201'
const image = 'nanokube-test/compose'
const PATIENCE = { timeout: 120_000, interval: 500 }

const environment = {
  ...process.env,
  COMPOSE_PROJECT_NAME: name,
  NANOKUBE_NAME: name,
  NANOKUBE_DIR: directory,
  NANOKUBE_NETWORK: network,
  NANOKUBE_PORT: '6711',
  NANOKUBE_IMAGE: image,
  KUBECONFIG: join(directory, 'kubeconfig'),
}

function run(command: string, ...words: readonly string[]): string {
  return execFileSync(command, words, {
    cwd: root,
    env: { ...environment, NANOKUBE_BASE: composeBase() },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
}
const compose = (...words: readonly string[]): string => run('docker-compose', ...words)
const kubectl = (...words: readonly string[]): string => run('kubectl', ...words)

const removeRest = (): string =>
  compose(
    'run',
    '--rm',
    'prepare',
    'cli/compose/main.ts',
    'remove',
    `--name=${name}`,
    `--data-dir=${directory}`,
  )

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: nanokube-test/busybox:1
          command: [sh, -c, 'mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www']
          readinessProbe: { httpGet: { port: 8080, path: / }, periodSeconds: 1 }
          volumeMounts: [{ name: memory, mountPath: /memory }]
      volumes: [{ name: memory, emptyDir: { medium: Memory } }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]
`

const answer = (node: number): string =>
  run('curl', '-s', '-m', '5', `http://${network}.1${node}:30080/`).trim()
const podNames = (): string[] =>
  kubectl('get', 'pods', '-l', 'app=web', '-o', 'name').trim().split('\n').toSorted()

async function isServed(): Promise<void> {
  const names = podNames().map((each) => each.replace('pod/', ''))
  for (const node of [1, 2, 3]) {
    await expect.poll(() => attempt(() => answer(node)), PATIENCE).toBeOneOf(names)
  }
}

function attempt(work: () => string): string {
  try {
    return work()
  } catch (error) {
    return (error as Error).message
  }
}

const nodesReady = (): Promise<void> =>
  expect
    .poll(() => attempt(() => kubectl('get', 'nodes', '--no-headers')), PATIENCE)
    .toMatch(/^(?:node\d +Ready .*\n){3}$/)

beforeAll(async () => {
  await using engine = new Engine(ENGINE_PATH)
  await busyboxImage(engine)
  compose('build', 'prepare')
})

afterAll(() => {
  compose('down', '--timeout', '10')
  removeRest()
  compose('down')
  if (existsSync(directory)) {
    execFileSync('sh', ['-c', 'umount -R "$0" 2>/dev/null || true', directory])
    rmSync(directory, { recursive: true })
  }
})

test('a cluster comes up, serves pods, and is the same after a restart and after down and up', async () => {
  compose('up', '-d')
  await nodesReady()
  execFileSync('kubectl', ['apply', '-f', '-'], { env: environment, input: manifest })
  kubectl('rollout', 'status', 'deployment/web', '--timeout=120s')
  await isServed()
  const pods = podNames()
  const [pod = ''] = pods
  expect(kubectl('exec', pod, '--', 'grep', ' /memory ', '/proc/mounts')).toMatch(/^tmpfs /)
  expect(
    kubectl('exec', pod, '--', 'wget', '-qO-', 'http://web.default.svc.cluster.local').trim(),
  ).toMatch(/^web-/)

  compose('restart', '--timeout', '10')
  await nodesReady()
  await isServed()
  expect(podNames()).toEqual(pods)

  compose('down', '--timeout', '10')
  compose('up', '-d')
  await nodesReady()
  await isServed()
  expect(podNames()).toEqual(pods)
})

test('a kubelet, a proxy and the API server that are killed come back', async () => {
  const pods = podNames()
  for (const service of ['kubelet1', 'kube-proxy1', 'apiserver', 'node1']) {
    const id = compose('ps', '-q', service).trim()
    // From outside, as the Engine does not restart what it was asked to kill.
    const pid = run('docker', 'inspect', '-f', '{{.State.Pid}}', id).trim()
    process.kill(Number(pid), 'SIGKILL')
    await expect
      .poll(
        () => run('docker', 'inspect', '-f', '{{.State.Running}} {{.State.Pid}}', id).trim(),
        PATIENCE,
      )
      .toMatch(new RegExp(`^true (?!${pid}$)`))
  }
  await nodesReady()
  await isServed()
  expect(podNames()).toEqual(pods)
})
