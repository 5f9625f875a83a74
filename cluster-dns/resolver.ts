/** From a question to the bytes of its reply: from the zone, from what is kept, or from others. */
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { handOut, recordsOf } from './foreign-reply.ts'
import {
  type DnsRecord,
  emptyReply,
  type Question,
  type Reply,
  type ResponseCode,
  recordTypes,
  responseCodes,
} from './message.ts'
import { HEADER_BYTES } from './read-question.ts'
import type { ReplyCache } from './reply-cache.ts'
import type { Upstream } from './upstream.ts'
import { writeReply } from './write-reply.ts'
import type { Zone } from './zone.ts'

export interface ResolverParts {
  readonly zone: Zone
  readonly cache: ReplyCache
  readonly upstream: Upstream
  readonly random: Random
  readonly log: Log
  readonly figures: { cached(outcome: 'success' | 'denial' | 'miss'): void }
}

export interface Answered {
  readonly bytes: Buffer
  readonly code: number
  /** Who knew: named as CoreDNS names its plugins. */
  readonly source: 'kubernetes' | 'cache' | 'forward' | ''
}

const CLASS_INTERNET = 1
/** An alias of an alias of an alias, and so on: nobody means that. */
const ALIASES_MAX = 8

export class Resolver {
  readonly #parts: ResolverParts

  constructor(parts: ResolverParts) {
    this.#parts = parts
  }

  /** At once where nobody else has to be asked, so that most answers need no turn of the loop. */
  resolve(question: Question, sizeMax: number): Answered | Promise<Answered> {
    const refused = refusal(question)
    if (refused) return this.#write(question, emptyReply(refused), sizeMax, '')
    const reply = this.#parts.zone.answer(question.labels, question.type)
    if (reply) return this.#fromZone(question, reply, sizeMax)
    const kept = this.#parts.cache.get(question, sizeMax)
    if (!kept) return this.#fromOthers(question, sizeMax)
    this.#parts.figures.cached(kept.isDenial ? 'denial' : 'success')
    const code = kept.bytes.readUInt16BE(2) & 0xf
    return { bytes: kept.bytes, code, source: 'cache' }
  }

  #fromZone(question: Question, reply: Reply, sizeMax: number): Answered | Promise<Answered> {
    const last = reply.answers.at(-1)
    const isAsked = question.type === recordTypes.CNAME
    if (last?.type === 'CNAME' && !isAsked) return this.#followed(question, reply, sizeMax)
    return this.#write(question, this.#spread(reply), sizeMax, 'kubernetes')
  }

  /** Clients use the first address, so each gets another one. */
  #spread(reply: Reply): Reply {
    if (reply.answers.length < 2) return reply
    return { ...reply, answers: this.#parts.random.shuffle(reply.answers) }
  }

  /** Clients want addresses, not the name of somebody who has them. */
  async #followed(question: Question, reply: Reply, sizeMax: number): Promise<Answered> {
    const answers: DnsRecord[] = [...reply.answers]
    for (let count = 0; count < ALIASES_MAX; count++) {
      const last = answers.at(-1)
      if (last?.type !== 'CNAME') break
      const labels = last.target.toLowerCase().split('.')
      const own = this.#parts.zone.answer(labels, question.type)
      const more = own ? own.answers : await this.#recordsElsewhere(question, labels)
      answers.push(...more)
      if (more.length === 0 || !own) break
    }
    return this.#write(question, { ...reply, answers }, sizeMax, 'kubernetes')
  }

  async #recordsElsewhere(
    question: Question,
    labels: readonly string[],
  ): Promise<readonly DnsRecord[]> {
    const { upstream, log } = this.#parts
    const asked = questionFor(question, labels)
    if (!asked || !upstream.knows(labels)) return []
    try {
      return recordsOf(await upstream.ask(asked))
    } catch (error) {
      log.warn('cannot follow an alias', { target: labels.join('.'), error })
      return []
    }
  }

  async #fromOthers(question: Question, sizeMax: number): Promise<Answered> {
    const { upstream, cache, figures, log } = this.#parts
    if (!upstream.knows(question.labels)) {
      return this.#write(question, emptyReply('REFUSED'), sizeMax, '')
    }
    figures.cached('miss')
    try {
      const reply = await upstream.ask(question)
      cache.keep(question, reply)
      const bytes = handOut(reply, question, 0, sizeMax)
      return { bytes, code: reply.code, source: 'forward' }
    } catch (error) {
      log.debug('nobody answered', { name: question.labels.join('.'), error })
      return this.#write(question, emptyReply('SERVFAIL'), sizeMax, 'forward')
    }
  }

  #write(question: Question, reply: Reply, sizeMax: number, source: Answered['source']): Answered {
    const isRecursionAvailable = this.#parts.upstream.knows([])
    const bytes = writeReply(question, reply, { sizeMax, isRecursionAvailable })
    return { bytes, code: responseCodes[reply.code], source }
  }
}

function refusal(question: Question): ResponseCode | undefined {
  if (question.opcode !== 0) return 'NOTIMP'
  if (question.extension && question.extension.version !== 0) return 'BADVERS'
  const isTransfer = question.type === recordTypes.AXFR || question.type === recordTypes.IXFR
  return isTransfer || question.class !== CLASS_INTERNET ? 'REFUSED' : undefined
}

/** The same question about another name; undefined for a name that cannot be asked for. */
function questionFor(question: Question, labels: readonly string[]): Question | undefined {
  const parts = labels.map((label) => Buffer.from(label, 'latin1'))
  if (parts.some(({ length }) => length === 0 || length > 63)) return undefined
  const bytes = Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from([part.length]), part]),
    Buffer.from([0, question.type >> 8, question.type & 0xff, 0, CLASS_INTERNET]),
  ])
  // The name takes no more than 255 bytes, type and class four.
  if (bytes.length > 259 || HEADER_BYTES + bytes.length > 512) return undefined
  return { ...question, labels, bytes }
}
