/** A thousand definitions: how long until all are served, their size, how long a start takes. */
import type { Bench } from './bench.ts'
import { sendMany } from './http-connection.ts'
import { startServerProcess } from './server-process.ts'
import {
  type Connections,
  IN_FLIGHT,
  openConnections,
  request,
  residentMegabytes,
} from './server-under-load.ts'
import { withDirectory } from './stored-pods.ts'

const MANY = 1_000
const FIELDS = 40
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const text = { type: 'string', pattern: '^[a-z]+$' }
const field = {
  type: 'object',
  description: 'A field with as much to say about itself as real ones have, and some below it.',
  properties: {
    name: text,
    list: { type: 'array', items: { type: 'object', properties: { text } } },
  },
}
const properties = Object.fromEntries(
  Array.from({ length: FIELDS }, (_, number) => [`field${number}`, field]),
)
const schema = {
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
}
const definition = (number: number) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things.g${number}.example.com` },
  spec: {
    group: `g${number}.example.com`,
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing', shortNames: ['th'] },
    versions: [{ name: 'v1', served: true, storage: true, schema }],
  },
})

interface Figures {
  readonly servedMs: number
  readonly restartMs: number
  readonly bytesEach: number
}

let figures: Promise<Figures> | undefined

const measured = (): Promise<Figures> => {
  figures ??= measure()
  return figures
}

export const benches: readonly Bench[] = [
  {
    name: 'custom resources: 1,000 created until all are served',
    unit: 'ms',
    better: 'lower',
    against: { name: 'the goal', figure: 10_000 },
    measure: async () => (await measured()).servedMs,
  },
  {
    name: 'custom resources: start with 1,000 definitions',
    unit: 'ms',
    better: 'lower',
    against: { name: 'the goal', figure: 3_000 },
    measure: async () => (await measured()).restartMs,
  },
  {
    name: 'custom resources: resident for each definition of 12,000',
    unit: 'bytes',
    better: 'lower',
    measure: async () => (await measured()).bytesEach,
  },
]

function measure(): Promise<Figures> {
  return withDirectory(async (dataDirectory) => {
    const { servedMs, emptyMegabytes } = await created(dataDirectory)
    await using server = await startServerProcess({ dataDirectory })
    const bytesEach = ((residentMegabytes(server) - emptyMegabytes) * 1024 * 1024) / MANY
    return { servedMs, restartMs: server.startMs, bytesEach }
  })
}

async function created(dataDirectory: string) {
  await using server = await startServerProcess({ dataDirectory })
  const emptyMegabytes = residentMegabytes(server)
  await using open = await openConnections(server, IN_FLIGHT)
  const begunAt = performance.now()
  const wanted = (number: number): Buffer =>
    request('POST', DEFINITIONS, JSON.stringify(definition(number)))
  await sendMany(open.connections, MANY, wanted, 201)
  // The last to be created is the last to be served.
  for (const number of [MANY - 1, ...open.connections.keys()]) await served(open, number)
  return { servedMs: performance.now() - begunAt, emptyMegabytes }
}

async function served({ connections }: Connections, number: number): Promise<void> {
  const list = request('GET', `/apis/g${number}.example.com/v1/things`)
  while ((await connections[0]!.send(list)).status !== 200);
}
