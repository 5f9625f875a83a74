/** Everything served that is not a resource: discovery, OpenAPI, version, health, metrics. */
import { methodNotAllowed } from '#api/status.ts'
import type { RequestContext, ServerParts } from './request-context.ts'
import { PAGE_NOT_FOUND, plainText, type Result } from './result.ts'
import { coreDiscovery, discoveryPaths, groupDiscovery } from './routes/discovery.ts'
import { healthAnswer } from './routes/health.ts'
import { openapiPaths, openapiV2, openapiV3 } from './routes/openapi.ts'
import { openidConfiguration, openidKeys } from './routes/openid.ts'
import { versionInfo } from './version.ts'

export interface PlainRoute {
  readonly path: string
  /** Also answers everything below its path. */
  readonly isPrefix?: true
  answer(context: RequestContext, parts: ServerParts): Result | Promise<Result>
}

const plainRoutes: readonly PlainRoute[] = [
  { path: '/', answer: rootPaths },
  { path: '/.well-known/openid-configuration', answer: openidConfiguration },
  { path: '/api', isPrefix: true, answer: coreDiscovery },
  { path: '/apis', isPrefix: true, answer: groupDiscovery },
  { path: '/healthz', isPrefix: true, answer: healthAnswer },
  { path: '/livez', isPrefix: true, answer: healthAnswer },
  { path: '/metrics', answer: metricsText },
  { path: '/openapi/v2', answer: openapiV2 },
  { path: '/openapi/v3', isPrefix: true, answer: openapiV3 },
  { path: '/openid/v1/jwks', answer: openidKeys },
  { path: '/readyz', isPrefix: true, answer: healthAnswer },
  { path: '/version', answer: version },
]

/** Health can be asked for by anybody, whatever else the server is busy with. */
export const isHealthPath = (path: string): boolean =>
  /^\/(?:healthz|livez|readyz)(?:\/|$)/.test(path)

export async function plainAnswer(context: RequestContext, parts: ServerParts): Promise<Result> {
  const path = context.info.path.replace(/(?<=.)\/$/, '')
  const route = plainRoutes.find(
    (each) => each.path === path || (each.isPrefix && path.startsWith(`${each.path}/`)),
  )
  return route?.answer(context, parts) ?? plainText(404, PAGE_NOT_FOUND)
}

/** What people find who open the address of the server. */
function rootPaths(context: RequestContext, { resources }: ServerParts): Result {
  readOnly(context)
  const own = plainRoutes.map(({ path }) => path).filter((path) => path !== '/')
  const checks = ['/healthz', '/livez', '/readyz'].flatMap((path) => [
    `${path}/etcd`,
    `${path}/ping`,
  ])
  const all = [...own, ...checks, ...discoveryPaths(resources), ...openapiPaths(resources)]
  return jsonText({ paths: [...new Set(all)].sort() })
}

function version(context: RequestContext): Result {
  readOnly(context)
  return jsonText(versionInfo)
}

/** Indented, as upstream writes what people read. */
const jsonText = (value: object): Result => ({
  type: 'plain',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value, undefined, 2),
})

async function metricsText(context: RequestContext, { metrics }: ServerParts): Promise<Result> {
  readOnly(context)
  const body = await metrics.text()
  return { type: 'plain', status: 200, headers: { 'content-type': metrics.contentType }, body }
}

function readOnly({ method }: RequestContext): void {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed()
}
