/** Updates under constant traffic: no request is lost, however it comes. */
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CourseCluster } from './course-cluster.ts'

let cluster: CourseCluster

beforeAll(async () => {
  cluster = await CourseCluster.up({ nodes: 2 })
  await cluster.sh('kubectl apply -f rolling.yaml')
  await cluster.until('kubectl get deployment rolling --no-headers', 'rolling 3/3 3 3 <age>')
  await cluster.sh('kubectl wait --for=condition=Ready pod/asking')
}, 180_000)

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
}, 60_000)

interface Tally {
  /** How often each answer, or each error, came. */
  readonly seen: Readonly<Record<string, number>>
  readonly count: number
}

const CLIENTS = 4

/** Asks from this machine until the signal is aborted; each client has one request at a time. */
async function askNodes(
  urls: readonly string[],
  agent: Agent,
  signal: AbortSignal,
): Promise<Tally> {
  const seen: Record<string, number> = {}
  let count = 0
  const client = async (first: number): Promise<void> => {
    for (let number = first; !signal.aborted; number++) {
      const answer = await ask(urls[number % urls.length]!, agent).catch(
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      )
      seen[answer] = (seen[answer] ?? 0) + 1
      count++
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  return { seen, count }
}

function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: 5000 }, async (response) => {
      response.setEncoding('utf8')
      let text = ''
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        resolve(`${response.statusCode} ${/Version \d/.exec(text)?.[0]}`)
      })
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', reject)
  })
}

/** Asks the ClusterIP from a pod, as fast as a shell can, until it is killed. */
function askInside(): { stop(): Promise<Tally> } {
  const script =
    'while true; do timeout 5 wget -qO- http://rolling | grep -o "Version ." || echo lost; done'
  const child = cluster.spawn('kubectl', ['exec', 'asking', '--', 'sh', '-c', script])
  let text = ''
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return {
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'close')
      const seen: Record<string, number> = {}
      const lines = text.trimEnd().split('\n')
      for (const line of lines) seen[line] = (seen[line] ?? 0) + 1
      return { seen, count: lines.length }
    },
  }
}

const updates = [
  {
    what: 'an update',
    words: 'set image deployment/rolling nginx=nanokube-test/nginx:2',
    wanted: /^200 Version [12]$/,
  },
  { what: 'its undoing', words: 'rollout undo deployment/rolling', wanted: /^200 Version [12]$/ },
  { what: 'a restart', words: 'rollout restart deployment/rolling', wanted: /^200 Version 1$/ },
]

test.for(updates)('$what loses no request', { timeout: 180_000 }, async ({ words, wanted }) => {
  const port = "kubectl get service rolling -o jsonpath='{.spec.ports[0].nodePort}'"
  const urls = await cluster.sh(
    `port=$(${port}); for node in $NODES; do echo http://$node:$port/; done`,
  )
  const ending = new AbortController()
  const inside = askInside()
  // Each request on a connection of its own; connections that are kept are the next test's.
  using agent = disposable(new Agent({ keepAlive: false }))
  const outside = askNodes(urls.trim().split('\n'), agent, ending.signal)
  await cluster.sh(`kubectl ${words}`)
  const done = await cluster.sh('kubectl rollout status deployment rolling --timeout=90s')
  // The last of the old pods has answered its last client.
  await cluster.until('kubectl get pods -l app=rolling --no-headers | wc -l', '3')
  ending.abort()
  const [fromNodes, fromPod] = [await outside, await inside.stop()]
  expect(done).toContain('successfully rolled out')
  for (const answer of Object.keys(fromNodes.seen)) expect(answer).toMatch(wanted)
  for (const answer of Object.keys(fromPod.seen)) expect(`200 ${answer}`).toMatch(wanted)
  expect(fromNodes.count).toBeGreaterThan(100)
  expect(fromPod.count).toBeGreaterThan(20)
})

function disposable(agent: Agent): Agent & Disposable {
  return Object.assign(agent, { [Symbol.dispose]: () => agent.destroy() })
}
