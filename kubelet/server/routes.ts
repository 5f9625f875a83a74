/** The list of what a kubelet serves: paths, and who answers. */
import { Pod } from '#api/kinds/core/pod.ts'
import { cadvisorText } from '../stats/cadvisor-metrics.ts'
import { resourceText } from '../stats/resource-metrics.ts'
import { summaryOf } from '../stats/summary.ts'
import { serveAttach, serveExec } from './command.ts'
import { serveLog } from './logs.ts'
import { servePortForward } from './port-forward.ts'
import { type KubeletRequest, RequestError, sendJson, sendText } from './request.ts'
import type { ServerParts } from './server-parts.ts'

export interface Route {
  readonly methods: readonly string[]
  /** With everything below it where it ends in a slash. */
  readonly path: string
  readonly serve: (request: KubeletRequest, parts: ServerParts) => Promise<void> | void
}

const GET = ['GET', 'HEAD']
const STREAM = ['GET', 'POST']
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8'

const ok: Route['serve'] = ({ response }) => sendText(response, 'ok')

const refused: Route['serve'] = ({ path }) => {
  const [, action] = path.split('/')
  throw new RequestError(405, `/${action} is not served: use /exec`)
}

const routes: readonly Route[] = [
  { methods: GET, path: '/healthz', serve: ok },
  { methods: GET, path: '/healthz/ping', serve: ok },
  { methods: GET, path: '/healthz/log', serve: ok },
  { methods: GET, path: '/healthz/syncloop', serve: ok },
  { methods: GET, path: '/pods', serve: servePods },
  { methods: GET, path: '/runningpods', serve: serveRunningPods },
  { methods: GET, path: '/containerLogs/', serve: serveLog },
  { methods: STREAM, path: '/exec/', serve: serveExec },
  { methods: STREAM, path: '/attach/', serve: serveAttach },
  { methods: STREAM, path: '/portForward/', serve: servePortForward },
  { methods: ['GET', 'POST'], path: '/run/', serve: refused },
  { methods: GET, path: '/stats/summary', serve: serveSummary },
  { methods: GET, path: '/metrics', serve: serveMetrics },
  { methods: GET, path: '/metrics/resource', serve: serveResourceMetrics },
  { methods: GET, path: '/metrics/cadvisor', serve: serveCadvisorMetrics },
  { methods: GET, path: '/metrics/probes', serve: serveProbeMetrics },
  { methods: GET, path: '/configz', serve: serveConfiguration },
]

/** Throws a RequestError for what is served not at all, or not by this method. */
export function routeFor(method: string, path: string): Route {
  const exact = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const found = routes.find((route) =>
    route.path.endsWith('/') ? path.startsWith(route.path) : exact === route.path,
  )
  if (!found) throw new RequestError(404, '404 page not found')
  if (!found.methods.includes(method)) throw new RequestError(405, '405: Method Not Allowed')
  return found
}

const listOf = (items: readonly object[]): object => ({
  kind: 'PodList',
  apiVersion: Pod.apiVersion,
  metadata: {},
  items,
})

function servePods({ response }: KubeletRequest, { pods }: ServerParts): void {
  sendJson(response, listOf(pods.all()))
}

/** What the runtime has, whatever the API server knows of it. */
async function serveRunningPods(
  { response }: KubeletRequest,
  { runtime }: ServerParts,
): Promise<void> {
  const observed = await runtime.list()
  const running = observed.filter(({ containers }) =>
    containers.some(({ state }) => state === 'running'),
  )
  const items = running.map(({ pod: { name, namespace, uid }, containers }) => ({
    metadata: { name, namespace, uid, creationTimestamp: null },
    spec: {
      containers: containers
        .filter(({ state }) => state === 'running')
        .map(({ name: container, image }) => ({ name: container, image, resources: {} })),
    },
    status: {},
  }))
  sendJson(response, listOf(items))
}

async function serveSummary(
  { response, query }: KubeletRequest,
  { statistics }: ServerParts,
): Promise<void> {
  const isShort = query.get('only_cpu_and_memory') === 'true'
  sendJson(response, summaryOf(await statistics.read({ volumes: !isShort }), isShort))
}

async function serveMetrics({ response }: KubeletRequest, { metrics }: ServerParts): Promise<void> {
  sendText(response, await metrics.text(), metrics.contentType)
}

async function serveProbeMetrics(
  { response }: KubeletRequest,
  { probeMetrics }: ServerParts,
): Promise<void> {
  sendText(response, (await probeMetrics?.text()) ?? '', EXPOSITION)
}

async function serveResourceMetrics(
  { response }: KubeletRequest,
  { statistics }: ServerParts,
): Promise<void> {
  sendText(response, resourceText(await statistics.read({ volumes: false })), EXPOSITION)
}

async function serveCadvisorMetrics(
  { response }: KubeletRequest,
  { statistics }: ServerParts,
): Promise<void> {
  sendText(response, cadvisorText(await statistics.read({ volumes: false })), EXPOSITION)
}

function serveConfiguration({ response }: KubeletRequest, { configuration }: ServerParts): void {
  sendJson(response, { kubeletconfig: configuration() })
}
