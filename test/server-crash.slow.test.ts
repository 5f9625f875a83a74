/** The real server process, killed and stopped under load: nothing acknowledged is lost. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HttpConnection, openSocket, sendMany } from '#bench/http-connection.ts'
import { type ServerProcess, startServerProcess } from '#bench/server-process.ts'
import { systemClock } from '#daemon/clock.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { type Collection, collections, type Found, Writer } from './crash/server-writers.ts'
import { WatchRecord } from './crash/watch-record.ts'
import { definition, definitions } from './definitions.ts'
import { httpEvents } from './events-of.ts'
import { type Call, jsonClient } from './json-client.ts'

const WRITERS_EACH = 3
const KILLS = 10
const STOPS = 3
/** How long the load lasts in each life, at least and at most. */
const LOAD_MS = [20, 400] as const
const FIRST_STARTS = 8
/** From about when a first start begins to write until it is about to serve. */
const FIRST_START_MS = [250, 650] as const
const OBJECTS = 10_000
const IN_FLIGHT = 32
/** Ample for a machine that has other things to do; the figure aimed for is a second. */
const READY_MS_MAX = 5_000

const names = Object.keys(collections) as Collection[]

async function withDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-crash-'))
  try {
    await body(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

const start = (dataDirectory: string, lifeMs?: number): Promise<ServerProcess> =>
  startServerProcess({ tls: false, dataDirectory, ...(lifeMs !== undefined && { lifeMs }) })

/** What outlives the servers: their directory, and clients with a good memory. */
class Load {
  readonly writers: readonly Writer[]
  readonly records: readonly WatchRecord[]
  readonly wrong: string[] = []
  #newest = 0
  readonly #directory: string
  readonly #random: Random

  constructor(directory: string, random: Random, revision: number) {
    this.#directory = directory
    this.#random = random
    const each = Array.from({ length: WRITERS_EACH }, (_, index) => index)
    this.writers = names.flatMap((name) => each.map((index) => new Writer(name, index, random)))
    this.records = names.map((name) => new WatchRecord(name, revision))
  }

  /** One life of a server: what it found is checked, then it works until `end`. */
  async live(end: (server: ServerProcess) => Promise<void>): Promise<void> {
    await using server = await start(this.#directory)
    const call = jsonClient(server.url)
    await this.#check(call)
    const watches = this.records.map((record) => record.follow(server.url))
    const writes = this.writers.map((writer) => writer.work(call))
    const [least, most] = LOAD_MS
    await systemClock.sleep(least + this.#random.below(most - least))
    await end(server)
    await Promise.all([...watches, ...writes])
    this.#checkWrong()
  }

  #checkWrong(): void {
    expect([this, ...this.writers, ...this.records].flatMap(({ wrong }) => wrong)).toEqual([])
  }

  async #check(call: Call): Promise<void> {
    const seen = Math.max(this.#newest, ...this.records.map(({ lastRevision }) => lastRevision))
    for (const name of names) {
      const { status, body } = await call('GET', collections[name].path)
      if (status !== 200) {
        this.wrong.push(`${name}: ${JSON.stringify(body)}`)
        continue
      }
      const items = body.items as Found[]
      const revision = Number(body.metadata.resourceVersion)
      if (revision < seen) this.wrong.push(`${name}: revision ${revision}, seen ${seen}`)
      this.#newest = Math.max(this.#newest, revision)
      const found = new Map(items.map((item) => [item.metadata.name, item]))
      if (found.size !== items.length) this.wrong.push(`${name}: something is there twice`)
      for (const writer of this.writers) if (writer.collection === name) writer.check(found)
    }
    this.wrong.push(...(await sharedAllocations(call)))
  }

  /** Compares all that the writers did with all that the watches have heard. */
  async finish(): Promise<void> {
    await using server = await start(this.#directory)
    const call = jsonClient(server.url)
    await this.#check(call)
    const watches = this.records.map((record) => record.follow(server.url))
    for (const record of this.records) {
      const { path, body } = collections[record.collection]
      const typed = { apiVersion: 'crash.example.com/v1', kind: 'Thing' }
      const type = record.collection === 'things' ? typed : {}
      await call('POST', path, { ...type, ...body, metadata: { name: 'last' } })
      await record.heard('last')
    }
    await server.kill()
    await Promise.all(watches)
    this.#checkWrong()
    for (const { collection, changes } of this.writers) {
      const record = this.records.find((each) => each.collection === collection)!
      for (const [name, done] of changes) {
        expect(record.changes.get(name) ?? [], `${collection} ${name}`).toEqual(done)
      }
    }
  }
}

/** Addresses and ports that two Services have. */
async function sharedAllocations(call: Call): Promise<string[]> {
  const { body } = await call('GET', '/api/v1/services')
  const taken = body.items.flatMap(({ spec }: { spec: Service }) => [
    spec.clusterIP,
    ...spec.ports.flatMap(({ nodePort }) => nodePort ?? []),
  ]) as unknown[]
  return taken.filter((one, at) => taken.indexOf(one) !== at).map((one) => `${one} is taken twice`)
}

interface Service {
  readonly clusterIP: string
  readonly ports: readonly { readonly nodePort?: number }[]
}

/** A server that has the definition of things; the revision it is at. */
async function prepare(directory: string): Promise<number> {
  await using server = await start(directory)
  const call = jsonClient(server.url)
  const given = definition('crash.example.com')
  const created = await call('POST', definitions, given)
  expect(created.status).toBe(201)
  const selector = `fieldSelector=metadata.name%3D${given.metadata.name}`
  for await (const { object } of httpEvents(`${server.url}${definitions}?watch=1&${selector}`)) {
    if (isEstablished(object.status)) break
  }
  const { status, body } = await call('GET', collections.things.path)
  expect(status).toBe(200)
  return Number(body.metadata.resourceVersion)
}

function isEstablished(status: unknown): boolean {
  const { conditions } = (status ?? {}) as { conditions?: Condition[] | null }
  return !!conditions?.some((each) => each.type === 'Established' && each.status === 'True')
}

interface Condition {
  readonly type: string
  readonly status: string
}

test(`${KILLS} kills under load lose nothing acknowledged and do nothing twice`, () =>
  withDirectory(async (directory) => {
    const load = new Load(directory, seededRandom(17), await prepare(directory))
    for (let kill = 0; kill < KILLS; kill++) await load.live((server) => server.kill())
    await load.finish()
    const { acknowledged, unanswered } = totals(load)
    console.info(`acknowledged ${acknowledged}, unanswered`, unanswered)
    expect(acknowledged).toBeGreaterThan(KILLS * 20)
    expect(unanswered.all).toBeGreaterThan(KILLS)
  }))

test(`${STOPS} orderly stops under load answer what they do`, () =>
  withDirectory(async (directory) => {
    const load = new Load(directory, seededRandom(23), await prepare(directory))
    for (let stop = 0; stop < STOPS; stop++) {
      await load.live(async (server) => {
        expect(await server.stop()).toBe(0)
        expect(server.errors).toBe('')
      })
    }
    await load.finish()
    const { acknowledged, unanswered } = totals(load)
    console.info(`acknowledged ${acknowledged}, unanswered`, unanswered)
    expect(acknowledged).toBeGreaterThan(STOPS * 20)
    expect(unanswered.done).toBe(0)
  }))

function totals({ writers }: Load) {
  const sum = (of: (writer: Writer) => number): number =>
    writers.reduce((total, writer) => total + of(writer), 0)
  return {
    acknowledged: sum((writer) => writer.acknowledged),
    unanswered: {
      all: sum(({ unanswered }) => unanswered.all),
      done: sum(({ unanswered }) => unanswered.done),
    },
  }
}

test(`a first start that is killed ${FIRST_STARTS} times is made up for by the next`, async () => {
  const random = seededRandom(5)
  await withDirectory(async (directory) => {
    const wanted = await contents(join(directory, 'undisturbed'))
    const killed = join(directory, 'killed')
    for (let kill = 0; kill < FIRST_STARTS; kill++) {
      // Each gets a little farther than the one before.
      const [from, to] = FIRST_START_MS
      const lifeMs = from + ((to - from) * (kill + random.fraction())) / FIRST_STARTS
      // It may have been quick enough; then it is killed as soon as it serves.
      const server = await start(killed, lifeMs).catch((error: Error) => {
        expect(error.message).toContain('exit null')
      })
      await server?.kill()
      await server?.[Symbol.asyncDispose]()
    }
    expect(await contents(killed)).toEqual(wanted)
  })
})

/** What every cluster has, by name. */
async function contents(directory: string): Promise<unknown> {
  await using server = await start(directory)
  const call = jsonClient(server.url)
  const paths = [
    '/api/v1/namespaces',
    '/api/v1/services',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    '/apis/scheduling.k8s.io/v1/priorityclasses',
  ]
  const lists = await Promise.all(paths.map((path) => call('GET', path)))
  // Drafts of files are removed later, when it is certain that nobody works on them.
  const files = (await readdir(join(directory, 'pki'))).filter((name) => !/\.new-/.test(name))
  return { names: lists.map(({ body }) => body.items.map(nameOf)), files: files.sort() }
}

const nameOf = ({ metadata }: Found): string => metadata.name

test(`a server with ${OBJECTS} objects that was killed is soon ready again`, () =>
  withDirectory(async (directory) => {
    {
      await using server = await start(directory)
      await fill(server.url)
      await server.kill()
    }
    for (const how of ['a kill', 'a stop'] as const) {
      await using server = await start(directory)
      const ready = await fetch(`${server.url}/readyz`)
      console.info(`ready after ${how} with ${OBJECTS} objects: ${Math.round(server.startMs)} ms`)
      expect(ready.status).toBe(200)
      expect(server.startMs).toBeLessThan(READY_MS_MAX)
      const { body } = await jsonClient(server.url)('GET', `${collections.configmaps.path}?limit=1`)
      expect(body.metadata.remainingItemCount).toBe(OBJECTS - 1)
      expect(await server.stop()).toBe(0)
    }
  }))

async function fill(url: string): Promise<void> {
  const sockets = Array.from({ length: IN_FLIGHT }, () => openSocket(url, ''))
  const connections = (await Promise.all(sockets)).map((socket) => new HttpConnection(socket))
  await sendMany(connections, OBJECTS, createRequest, 201)
  for (const connection of connections) connection[Symbol.dispose]()
}

function createRequest(index: number): string {
  const body = JSON.stringify({
    metadata: { name: `filled-${index}`, labels: { app: `app-${index % 100}` } },
    data: { text: 'x'.repeat(1_000) },
  })
  const head = [
    `POST ${collections.configmaps.path} HTTP/1.1`,
    'host: crash',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
