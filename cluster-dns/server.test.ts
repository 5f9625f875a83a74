/** Questions over real sockets: from a resolver that is not ours, and to one that a test plays. */
import { createSocket } from 'node:dgram'
import { Resolver as NodeResolver } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { collectingLog } from '#test/collecting-log.ts'
import { driven } from '#test/drive-clock.ts'
import { type DnsRecord, emptyReply, type Reply, recordTypes } from './message.ts'
import { readQuestion } from './read-question.ts'
import { ReplyCache } from './reply-cache.ts'
import { Resolver } from './resolver.ts'
import { DnsServer, type ServedQuestion } from './server.ts'
import { questionText } from './test-question.ts'
import { zoneOf } from './test-zone.ts'
import { type ServerAddress, Upstream } from './upstream.ts'
import { writeReply } from './write-reply.ts'

const host = '127.0.0.1'
type Answers = (name: string, protocol: 'udp' | 'tcp') => Partial<Reply> | 'silence' | 'lie'

/** A name server elsewhere: says what a test wants, and counts the questions. */
async function elsewhere(answers: Answers) {
  const asked: string[] = []
  const reply = (message: Buffer, protocol: 'udp' | 'tcp'): Buffer | undefined => {
    const read = readQuestion(message)
    if (!('question' in read)) return undefined
    const name = read.question.labels.join('.')
    asked.push(`${protocol} ${name}`)
    const said = answers(name, protocol)
    if (said === 'silence') return undefined
    const shared = { sizeMax: protocol === 'udp' ? 512 : 65_535, isRecursionAvailable: true }
    if (said === 'lie') {
      const other = { ...read.question, id: read.question.id ^ 1 }
      return writeReply(other, emptyReply('NXDOMAIN'), shared)
    }
    return writeReply(read.question, { ...emptyReply('NOERROR'), ...said }, shared)
  }
  const tcp = createServer((socket: Socket) =>
    socket.on('data', (chunk: Buffer) => {
      const bytes = reply(chunk.subarray(2), 'tcp')
      if (!bytes) return
      const length = Buffer.alloc(2)
      length.writeUInt16BE(bytes.length)
      // In two pieces, as the network may cut it.
      socket.write(Buffer.concat([length, bytes.subarray(0, 5)]))
      socket.end(bytes.subarray(5))
    }),
  )
  await new Promise<void>((resolve) => tcp.listen({ host, port: 0 }, resolve))
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket('udp4')
  udp.on('message', (message, from) => {
    const bytes = reply(message, 'udp')
    if (bytes) udp.send(bytes, from.port, from.address)
  })
  await new Promise<void>((resolve) => udp.bind(port, host, resolve))
  return {
    address: { host, port },
    asked,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => udp.close(() => resolve()))
      await new Promise((resolve) => tcp.close(resolve))
    },
  }
}

interface StartOptions {
  readonly servers?: readonly ServerAddress[]
  readonly stubDomains?: ReadonlyMap<string, readonly ServerAddress[]>
}

async function start({ servers = [], stubDomains = new Map() }: StartOptions = {}) {
  const clock = new ManualClock()
  const random = seededRandom(1)
  const lines: string[] = []
  const log = collectingLog(lines)
  const served: ServedQuestion[] = []
  const attempts: string[] = []
  const upstream = new Upstream({
    clock,
    random,
    servers,
    stubDomains,
    timeoutMs: 2000,
    deadlineMs: 5000,
    attempted: (_to, _durationMs, code) => void attempts.push(String(code)),
  })
  const cache = new ReplyCache({ clock, ttlMaxSeconds: 30, entriesMax: 3 })
  const cached: string[] = []
  const figures = { cached: (outcome: string) => void cached.push(outcome) }
  const resolver = new Resolver({ zone: zoneOf(), cache, upstream, random, log, figures })
  const parts = { resolver, clock, log, served: (each: ServedQuestion) => void served.push(each) }
  const server = await DnsServer.listen(parts, { host, port: 0 })
  const client = new NodeResolver()
  client.setServers([`${host}:${server.port}`])
  return {
    ...{ clock, lines, served, attempts, cached, cache, server, client },
    /** One packet there, one back. */
    async exchange(message: Buffer): Promise<Buffer> {
      const socket = createSocket('udp4')
      socket.send(message, server.port, host)
      const [reply] = (await once(socket, 'message')) as [Buffer]
      socket.close()
      return reply
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const codeOf = (reply: Buffer): number => reply.readUInt16BE(2) & 0xf
const a = (name: string, last: number, ttlSeconds = 300): DnsRecord => ({
  type: 'A',
  name,
  ttlSeconds,
  address: `192.0.2.${last}`,
})
const denial = (minimumSeconds: number): DnsRecord => ({
  type: 'SOA',
  name: 'com',
  ttlSeconds: 900,
  server: 'a.com',
  mailbox: 'b.com',
  serial: 1,
  minimumSeconds,
})

describe('the zone, as another resolver sees it', () => {
  test('every type of record', async () => {
    await using dns = await start()
    const { client } = dns
    const domain = 'shop.svc.cluster.local'
    expect(await client.resolve4(`web.${domain}`, { ttl: true })).toEqual([
      { address: '10.96.0.20', ttl: 30 },
    ])
    expect(await client.resolve6(`BOTH.${domain.toUpperCase()}`)).toEqual(['fd00::21'])
    expect((await client.resolve4(`db.${domain}`)).sort()).toEqual(['10.244.0.1', '10.244.0.2'])
    expect(await client.resolveSrv(`_http._tcp.web.${domain}`)).toMatchObject([
      { name: `web.${domain}`, port: 80, priority: 0, weight: 100 },
    ])
    expect(await client.resolveTxt('dns-version.cluster.local')).toEqual([['1.1.0']])
    expect(await client.resolveCname(`alias.${domain}`)).toEqual(['db.example.com'])
    expect(await client.reverse('10.96.0.20')).toEqual([`web.${domain}`])
    expect(await client.resolveSoa('cluster.local')).toMatchObject({ serial: 77, minttl: 30 })
    await expect(client.resolve4(`none.${domain}`)).rejects.toMatchObject({ code: 'ENOTFOUND' })
    await expect(client.resolve6(`web.${domain}`)).rejects.toMatchObject({ code: 'ENODATA' })
    expect(dns.served.every(({ answered }) => answered.source === 'kubernetes')).toBe(true)
    expect(dns.lines).toEqual([])
  })

  test('addresses come in changing order', async () => {
    await using dns = await start()
    const firsts = new Set<string>()
    for (let round = 0; round < 30; round++) {
      firsts.add((await dns.client.resolve4('db.shop.svc.cluster.local'))[0]!)
    }
    expect(firsts.size).toBe(2)
  })

  test.for([
    ['an update', questionText('web.svc', 1, { opcode: 5 }), 4],
    ['another class', questionText('web.svc', 1, { class: 3 }), 5],
    ['a transfer', questionText('cluster.local', recordTypes.AXFR), 5],
    [
      'a version of the extension that is not there yet',
      questionText('web.svc', 1, { sizeMax: 1232, version: 1 }),
      0,
    ],
    ['nobody to ask', questionText('example.com', 1), 5],
    ['half a question', questionText('web.svc', 1).subarray(0, 16), 1],
  ] as const)('%s is refused', async ([, question, code]) => {
    await using dns = await start()
    const reply = await dns.exchange(question)
    expect(codeOf(reply)).toBe(code)
    expect(reply.readUInt16BE(0)).toBe(1)
  })

  test('over TCP, several at once and in pieces', async () => {
    await using dns = await start()
    const socket = connect({ host, port: dns.server.port })
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    const framed = [1, 2].map((id) => {
      const question = questionText('web.shop.svc.cluster.local', 1, { id })
      return Buffer.concat([Buffer.from([0, question.length]), question])
    })
    const all = Buffer.concat(framed)
    socket.write(all.subarray(0, 7))
    await once(socket, 'connect')
    socket.write(all.subarray(7))
    while (Buffer.concat(received).length < 2 * (2 + 12 + 32 + 16)) await once(socket, 'data')
    const bytes = Buffer.concat(received)
    expect(bytes.readUInt16BE(2)).toBe(1)
    expect(bytes.readUInt16BE(2 + 2 + bytes.readUInt16BE(0))).toBe(2)
    socket.destroy()
  })

  test('a reply to our port is not answered', async () => {
    await using dns = await start()
    const noise = questionText('web.svc', 1)
    noise[2] = 0x81
    const socket = createSocket('udp4')
    socket.send(noise, dns.server.port, host)
    socket.send(questionText('cluster.local', 1, { id: 5 }), dns.server.port, host)
    const [reply] = (await once(socket, 'message')) as [Buffer]
    expect(reply.readUInt16BE(0)).toBe(5)
    socket.close()
  })
})

describe('other names', () => {
  test('are asked for once, kept, counted down, and forgotten', async () => {
    await using other = await elsewhere((name) => ({ answers: [a(name, 1, 300)] }))
    await using dns = await start({ servers: [other.address] })
    const ask = () => dns.client.resolve4('Example.com', { ttl: true })
    expect(await ask()).toEqual([{ address: '192.0.2.1', ttl: 300 }])
    dns.clock.jump(10_000)
    expect(await ask()).toEqual([{ address: '192.0.2.1', ttl: 290 }])
    expect(other.asked).toEqual(['udp example.com'])
    dns.clock.jump(20_000)
    await ask()
    expect(other.asked).toHaveLength(2)
    expect(dns.cached).toEqual(['miss', 'success', 'miss'])
    expect(dns.served.map(({ answered }) => answered.source)).toEqual([
      'forward',
      'cache',
      'forward',
    ])
  })

  test('that are not there: as long as their zone says', async () => {
    await using other = await elsewhere(() => ({ code: 'NXDOMAIN', authority: [denial(5)] }))
    await using dns = await start({ servers: [other.address] })
    const ask = () => dns.client.resolve4('none.com').catch((error) => error.code as string)
    expect(await ask()).toBe('ENOTFOUND')
    dns.clock.jump(4000)
    expect(await ask()).toBe('ENOTFOUND')
    expect(other.asked).toHaveLength(1)
    dns.clock.jump(1000)
    expect(await ask()).toBe('ENOTFOUND')
    expect(other.asked).toHaveLength(2)
    expect(dns.cached).toEqual(['miss', 'denial', 'miss'])
  })

  test('no more are kept than may be: the oldest goes', async () => {
    await using other = await elsewhere((name) => ({ answers: [a(name, 1)] }))
    await using dns = await start({ servers: [other.address] })
    for (const name of ['a.com', 'b.com', 'c.com', 'a.com', 'd.com', 'a.com', 'b.com']) {
      await dns.client.resolve4(name)
    }
    expect(dns.cache.size).toBe(3)
    expect(other.asked.map((each) => each.slice(4))).toEqual([
      'a.com',
      'b.com',
      'c.com',
      'd.com',
      'b.com',
    ])
  })

  test('clients with the same question share the reply', async () => {
    await using other = await elsewhere((name) => ({ answers: [a(name, 1)] }))
    await using dns = await start({ servers: [other.address] })
    const questions = [1, 2, 3].map((id) => dns.exchange(questionText('example.com', 1, { id })))
    const replies = await Promise.all(questions)
    expect(replies.map((each) => each.readUInt16BE(0))).toEqual([1, 2, 3])
    expect(other.asked.length).toBeLessThan(3)
  })

  test('a long reply is fetched over TCP, and told to be cut off to who asked by UDP', async () => {
    const answers = Array.from({ length: 60 }, (_, index) => a('big.com', index))
    await using other = await elsewhere(() => ({ answers }))
    await using dns = await start({ servers: [other.address] })
    const reply = await dns.exchange(questionText('big.com', 1))
    expect(reply.readUInt16BE(2) & 0x0200).not.toBe(0)
    expect(other.asked).toEqual(['udp big.com', 'tcp big.com'])
    // c-ares asks again over TCP.
    expect(await dns.client.resolve4('big.com')).toHaveLength(60)
    expect(other.asked).toHaveLength(2)
  })

  test('a server that is silent or fails gives way to the next', async () => {
    const waiting = { over: (): void => {} }
    await using silent = await elsewhere(() => {
      setImmediate(() => waiting.over())
      return 'silence'
    })
    await using broken = await elsewhere(() => ({ code: 'SERVFAIL' }))
    await using good = await elsewhere((name) => ({ answers: [a(name, 3)] }))
    const servers = [silent.address, broken.address, good.address]
    await using dns = await start({ servers })
    waiting.over = () => dns.clock.jump(2000)
    for (const name of ['a.com', 'b.com', 'c.com', 'd.com']) {
      expect(await dns.client.resolve4(name)).toEqual(['192.0.2.3'])
    }
    expect(silent.asked.length + broken.asked.length).toBeGreaterThan(0)
  })

  test('when nobody answers in time, the client is told so', async () => {
    await using silent = await elsewhere(() => 'silence')
    await using dns = await start({ servers: [silent.address] })
    const asking = dns.exchange(questionText('example.com', 1))
    expect(codeOf(await driven(dns.clock, asking))).toBe(2)
    expect(silent.asked).toHaveLength(2)
    expect(dns.attempts).toEqual(['undefined', 'undefined'])
  })

  test('a reply with the wrong number is not believed', async () => {
    await using liar = await elsewhere(() => 'lie')
    await using dns = await start({ servers: [liar.address] })
    const reply = await driven(dns.clock, dns.exchange(questionText('example.com', 1)))
    expect(codeOf(reply)).toBe(2)
  })

  test('stub domains: the longest that fits decides', async () => {
    await using general = await elsewhere((name) => ({ answers: [a(name, 1)] }))
    await using corporate = await elsewhere((name) => ({ answers: [a(name, 2)] }))
    await using lab = await elsewhere((name) => ({ answers: [a(name, 3)] }))
    const stubDomains = new Map([
      ['corp.test', [corporate.address]],
      ['lab.corp.test', [lab.address]],
    ])
    await using dns = await start({ servers: [general.address], stubDomains })
    expect(await dns.client.resolve4('www.corp.test')).toEqual(['192.0.2.2'])
    expect(await dns.client.resolve4('x.lab.corp.test')).toEqual(['192.0.2.3'])
    expect(await dns.client.resolve4('corp.test.com')).toEqual(['192.0.2.1'])
    expect(await dns.client.resolve4('xcorp.test')).toEqual(['192.0.2.1'])
  })

  test('an alias brings the addresses of what it stands for', async () => {
    await using other = await elsewhere((name) => ({ answers: [a(name, 9)] }))
    await using dns = await start({ servers: [other.address] })
    expect(await dns.client.resolve4('alias.shop.svc.cluster.local')).toEqual(['192.0.2.9'])
    expect(other.asked).toEqual(['udp db.example.com'])
  })
})
